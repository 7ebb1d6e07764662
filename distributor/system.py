"""Builds everything once, from Config. `stages` is the one ordered list of what the clockwork wakes.

Nothing here decides or stores; there are no globals.
"""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from distributor.config import Config
from distributor.errors import ConfigError
from distributor.mail.render import Renderer
from distributor.mail.tokens import Tokens
from distributor.model.publisher import Publisher
from distributor.model.relay import RelayAddress
from distributor.model.rules import Rules, Tolerance
from distributor.pipeline import finish, gather, open, plan, prepare, recover
from distributor.pipeline.send import Mailer, Sender
from distributor.store.clock import Clock
from distributor.store.database import Store, open_store
from distributor.store.installation import look
from distributor.store.publishers import ensure
from distributor.store.runs import Run
from distributor.wire.outbox import Outbox
from distributor.wire.pool import Pool


@dataclass(frozen=True)
class System:
    """Everything that faces need. `now()` is aware UTC."""

    config: Config
    store: Store
    now: Callable[[], datetime]
    rules: Rules
    publisher: Publisher
    tokens: Tokens

    @cached_property
    def renderer(self) -> Renderer:
        """Made when first asked for: a template that broke stops no sending and no hold."""
        return Renderer([self.config.path(self.config.paths.templates)])

    def recover(self) -> int:
        """Name and settle what dead worker runs left; returns how many deliveries were doubtful."""
        return recover.run(self.store, now=self.now(), rules=self.rules, pseudonym=self.tokens.pseudonym)

    def find_doubt(self) -> int:
        """Only name what dead worker runs left."""
        return recover.find(self.store, now=self.now(), pseudonym=self.tokens.pseudonym)

    def plan(self) -> int:
        """Give approved revisions their mailouts."""
        return plan.run(self.store, now=self.now(), rules=self.rules)

    def prepare(self) -> int:
        """Give mailouts that are due soon their audience."""
        return prepare.run(self.store, now=self.now(), rules=self.rules, publisher=self.publisher)

    def open_due(self) -> int:
        """Open the mailouts whose instant has come."""
        return open.run(self.store, now=self.now(), rules=self.rules)

    def gather(self) -> int:
        """Put deferred and handed-back deliveries into new batches."""
        return gather.run(self.store, now=self.now(), pseudonym=self.tokens.pseudonym)

    def finish(self) -> int:
        """Finish the mailouts that are done."""
        return finish.run(self.store, now=self.now())

    @property
    def stages(self) -> tuple[Callable[[], int], ...]:
        """Every stage but the sender, in the order of a release's way."""
        return (self.recover, self.plan, self.prepare, self.open_due, self.gather, self.finish)

    def mailer(self) -> Mailer:
        """A pool of sessions with the relays, or the outbox folder when none is configured."""
        relays = [relay_address(self.config, name) for name in self.config.relays]
        if relays:
            return Pool(relays, now=self.now)
        return Outbox(self.config.path(self.config.paths.outbox), now=self.now)

    def sender(self, *, run: Run, mailer: Mailer) -> Sender:
        """A sender for this worker run."""
        relays = sorted(self.config.relays.values(), key=lambda relay: relay.priority)
        first = [relay for relay in relays if relay.priority == relays[0].priority]
        return Sender(
            store=self.store,
            run=run,
            mailer=mailer,
            publisher=self.publisher,
            tokens=self.tokens,
            now=self.now,
            connections=sum(relay.connections for relay in first) or 4,
            envelope=relays[0].envelope if relays else "verp",
            allow_recipients=self.rules.allow_recipients,
        )


def build(config: Config, *, now: Callable[[], datetime] | None = None) -> System:
    """Open the database (made at first use) and put everything together. Raises DistributorError."""
    store = open_store(config.database_url)
    try:
        publisher = publisher_of(config)
        ensure(store, id=publisher.id, name=publisher.name)
        look(store)
        return System(
            config=config,
            store=store,
            now=now or Clock(store).now,
            rules=rules_of(config),
            publisher=publisher,
            tokens=Tokens(secret(config.path(config.web.secret_file))),
        )
    except BaseException:
        store.close()
        raise


def rules_of(config: Config) -> Rules:
    """The house rules."""
    schedule, sending = config.schedule, config.sending
    return Rules(
        timezone=schedule.timezone,
        show_zones=schedule.show_zones,
        cet_is_brussels=schedule.cet_is_brussels,
        late_limit_embargoed=schedule.late_limit_embargoed,
        late_limit=schedule.late_limit,
        prepare_ahead=schedule.prepare_ahead,
        min_advance_lead=schedule.min_advance_lead,
        undo=schedule.undo,
        expire_release=sending.expire_release,
        expire_notice=sending.expire_notice,
        after_crash=sending.after_crash,
        allow_recipients=sending.allow_recipients,
        tolerance=_tolerance(config.approval.audience_tolerance),
        approval_required=config.approval.required,
    )


def _tolerance(text: str) -> Tolerance:
    """ "5% or 20", "5%" or "20"."""
    parts = [part.strip() for part in text.split(" or ")]
    percent = next((float(part[:-1]) for part in parts if part.endswith("%")), 0.0)
    count = next((int(part) for part in parts if not part.endswith("%")), 0)
    return Tolerance(percent=percent, count=count)


def publisher_of(config: Config) -> Publisher:
    """Who the releases come from."""
    section = config.publisher
    return Publisher(
        **section.model_dump(),
        base_url=config.web.base_url.rstrip("/"),
        bounce_domain=config.sending.bounce_domain,
    )


def relay_address(config: Config, name: str) -> RelayAddress:
    """A relay with its password read. Raises ConfigError when its file cannot be read."""
    relay = config.relays[name]
    return RelayAddress(
        name=name,
        host=relay.host,
        port=relay.port,
        tls=relay.tls,
        username=relay.username,
        password=_password(config, name),
        connections=relay.connections,
        priority=relay.priority,
    )


def _password(config: Config, name: str) -> str:
    relay = config.relays[name]
    if relay.password_file is None:
        return relay.password
    path = config.path(relay.password_file)
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"cannot be read ({getattr(error, 'strerror', None) or 'not text'})",
            where=f"[relays.{name}] password_file {path}",
            cure="Name a file that holds the password and that this user may read.",
        ) from None


def secret(path: Path) -> bytes:
    """The installation's secret; made on first use, readable by its owner only. Two at once agree."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    content = path.read_bytes()
    if len(content) < 32:
        raise ConfigError(
            "is too short to be a secret",
            where=str(path),
            cure="Put the secret of your backup there; without it old unsubscribe links do not work.",
        )
    return content
