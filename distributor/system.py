"""Builds everything once, from Config. `stages` is the one ordered list of what the clockwork wakes.

Nothing here decides or stores; there are no globals.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from distributor.config import Alerts, Config
from distributor.errors import ConfigError, NotFound, Refused
from distributor.mail import signingkey
from distributor.mail.dkim import Signer
from distributor.mail.render import Renderer
from distributor.mail.signingkey import Key
from distributor.mail.tokens import Tokens
from distributor.model.pacing import Limits
from distributor.model.publisher import Publisher
from distributor.model.reading import Reading
from distributor.model.relay import RelayAddress
from distributor.model.rules import Rules, Tolerance
from distributor.office import notices, test_copy
from distributor.pipeline import (
    absence,
    alerts,
    clockwatch,
    finish,
    foreign,
    gather,
    open,
    plan,
    prepare,
    recover,
    seal,
    webhook,
)
from distributor.pipeline.compose import House
from distributor.pipeline.mailer import Mailer
from distributor.pipeline.send import WARM_AHEAD, Sender
from distributor.policy.pacing import pace
from distributor.store.clock import HERE, Clock, Machine
from distributor.store.database import Store, open_store
from distributor.store.installation import knows_secret, look
from distributor.store.publishers import ensure
from distributor.store.runs import Run
from distributor.wire.outbox import Outbox
from distributor.wire.pool import Pool


@dataclass(frozen=True)
class System:
    """Everything that faces need. `now()` is aware UTC; `reading()` the same with what judges it.

    Verbs and pages are for `publisher`; `of` gives the same for another one. Stages serve all of them.
    """

    config: Config
    store: Store
    now: Callable[[], datetime]
    reading: Callable[[], Reading]
    rules: Rules
    publisher: Publisher
    tokens: Tokens
    machine: Machine = HERE
    whole: "System | None" = None  # that of the first publisher, in those for others

    @cached_property
    def publishers(self) -> Mapping[str, Publisher]:
        """All whom this installation serves by id, the first one first."""
        first = (self.whole or self).publisher
        return {first.id: first} | {one.id: one for one in publishers_of(self.config)[1:]}

    def of(self, publisher_id: str) -> "System":
        """The same at work for this publisher. Raises NotFound."""
        whole = self.whole or self
        if publisher_id == whole.publisher.id:
            return whole
        if publisher_id not in whole.publishers:
            known = ", ".join(whole.publishers)
            raise NotFound(f"there is no publisher “{publisher_id[:63]}”", cure=f"Known here: {known}.")
        other = replace(whole, publisher=whole.publishers[publisher_id], whole=whole)
        return whole._others.setdefault(publisher_id, other)

    @cached_property
    def _others(self) -> dict[str, "System"]:
        return {}

    @property
    def lists(self) -> Path:
        """The folder of the publisher's list files."""
        return self.config.lists_of(self.publisher.id)

    @property
    def drawer(self) -> Path:
        """Where changes of its lists wait."""
        own = f"-{self.publisher.id}" if self.whole else ""
        return self.config.path(self.config.paths.state) / f"lists{own}"

    @cached_property
    def renderer(self) -> Renderer:
        """Made when first asked for: a template that broke stops no sending and no hold."""
        whole, own = self.whole, self.config.templates_of(self.publisher.id)
        if whole is not None and own == self.config.templates_of(whole.publisher.id):
            return whole.renderer
        return Renderer([own])

    @cached_property
    def signer(self) -> Signer:
        """Made when first asked for, as keys are read. Raises ConfigError."""
        keys = [signing_key(self.config, selector) for selector in self.config.dkim]
        return Signer(key for key in keys if key.signs_for(self.publisher.domain))

    @property
    def house(self) -> notices.House:
        """Whose notices go out."""
        return notices.House(self.rules, self.publisher, self.tokens.pseudonym, lambda: self.renderer)

    @property
    def test_house(self) -> test_copy.House:
        """Who sends test copies. Raises TemplateError, ConfigError."""
        return test_copy.House(self.rules, self.publisher, self.renderer, self.tokens, self.signer)

    def require_secret(self) -> None:
        """Refused under another secret than the database's: links and Message-IDs would differ (law 6)."""
        if not knows_secret(self.store, mark=self.tokens.mark):
            raise Refused(
                "this is not the secret that the database is used with",
                where=str(self.config.path(self.config.web.secret_file)),
                cure="Copy the first host's file there. If it is lost: distributor check --confirm-copy",
            )

    def watch_clock(self) -> int:
        """Hold what a jump of the clock went over; returns how many jumps there have been."""
        return clockwatch.run(self.store, reading=self.reading()).jump

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
        house: dict[str, Any] = {"now": self.now(), "rules": self.rules}
        return sum(prepare.run(self.store, publisher=one, **house) for one in self.publishers.values())

    def open_due(self) -> int:
        """Watch the clock, and open the mailouts whose instant has come by it."""
        reading = self.reading()
        belief = clockwatch.run(self.store, reading=reading)
        pseudonym = self.tokens.pseudonym
        return open.run(self.store, now=reading.now, rules=self.rules, pseudonym=pseudonym, belief=belief)

    def rehearse(self) -> None:
        """Have ready what opening takes: at the instant only the answers are new."""
        self.open_due()
        open.rehearse(self.store, now=self.now(), ahead=WARM_AHEAD)

    def hold_what_was_left(self) -> int:
        """Before a run begins: hold what nobody sent for too long; returns how many mailouts."""
        self.hold_foreign()
        return absence.run(self.store, reading=self.reading(), rules=self.rules)

    def hold_foreign(self) -> int:
        """Hold the mail of publishers that the configuration no longer has; returns how many mailouts."""
        return foreign.run(self.store, now=self.now(), known=self.publishers)

    def gather(self) -> int:
        """Watch the clock, and put deferred and handed-back deliveries into new batches by it."""
        reading = self.reading()
        clockwatch.run(self.store, reading=reading)
        pseudonym = self.tokens.pseudonym
        return gather.run(self.store, now=reading.now, pseudonym=pseudonym, paces=self.rules.paces)

    def finish(self) -> int:
        """Finish the mailouts that are done."""
        return finish.run(self.store, now=self.now())

    def seal(self) -> int:
        """Put the ends of the workers' chains into the office chain, once a minute."""
        return seal.run(self.store, now=self.now())

    def tell(self) -> int:
        """Make alerts of what is new; returns how many."""
        return sum(alerts.run(self.store, now=self.now(), house=one.alerts_house) for one in self.each)

    @property
    def each(self) -> list["System"]:
        """The same at work for each publisher."""
        return [self.of(id) for id in self.publishers]

    @property
    def alerts_house(self) -> alerts.House:
        """Who is told what concerns the publisher."""
        return alerts_house(self.config, self.publisher, self.rules)

    def post(self) -> int:
        """Post the alerts that are due to the webhooks: no stage, for it may take seconds."""
        urls = {id: told_of(self.config, id).webhook for id in self.publishers}
        return sum(
            webhook.run(self.store, now=self.now(), publisher_id=id, url=url)
            for id, url in urls.items()
            if url
        )

    @property
    def stages(self) -> tuple[Callable[[], int], ...]:
        """Every stage but the sender, in the order of a release's way."""
        return (
            self.watch_clock,
            self.recover,
            self.hold_foreign,
            self.plan,
            self.prepare,
            self.open_due,
            self.gather,
            self.finish,
            self.tell,
            self.seal,
        )

    def mailer(self) -> Mailer:
        """A pool of sessions with the relays, or the outbox folder when none is configured."""
        relays = [relay_address(self.config, name) for name in self.config.relays]
        if relays:
            return Pool(relays, now=self.now)
        return Outbox(self.config.path(self.config.paths.outbox), now=self.now)

    def sender(self, *, run: Run, mailer: Mailer) -> Sender:
        """A sender for this worker run. Raises Refused under another secret."""
        self.require_secret()
        first = [self.config.relays[name] for name in _first(self.config)]
        return Sender(
            store=self.store,
            run=run,
            mailer=mailer,
            houses={one.publisher.id: House(one.publisher, one.signer) for one in self.each},
            tokens=self.tokens,
            now=self.now,
            connections=sum(relay.connections for relay in first) or 4,
            envelope=first[0].envelope if first else "verp",
            allow_recipients=self.rules.allow_recipients,
            zone=self.rules.timezone,
        )


def build(
    config: Config, *, now: Callable[[], datetime] | None = None, clock: Callable[[Store], Clock] = Clock
) -> System:
    """Open the database (made at first use) and put everything together. Raises DistributorError.

    With `now` time is what it says, and nobody judges it; with `clock`, what that one says.
    """
    store = open_store(config.database_url)
    try:
        first, *others = publishers_of(config)
        for publisher in (first, *others):
            ensure(store, id=publisher.id, name=publisher.name, first=publisher == first)
        look(store)
        tokens = Tokens(secret(config.path(config.web.secret_file)))
        knows_secret(store, mark=tokens.mark)  # remembers the first one
        told = clock(store)
        return System(
            config=config,
            store=store,
            now=now or told.now,
            reading=(lambda: Reading(now())) if now else told.reading,
            rules=rules_of(config),
            publisher=first,
            tokens=tokens,
            machine=told.machine,
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
        four_eyes=config.approval.four_eyes,
        limits=tuple(
            Limits(name, config.relays[name].per_second, config.relays[name].daily) for name in _first(config)
        ),
        paces=tuple(pace(domain, section.per_second) for domain, section in config.pacing.items()),
    )


def _first(config: Config) -> list[str]:
    """The relays that are used while they work."""
    best = min((relay.priority for relay in config.relays.values()), default=0)
    return [name for name, relay in config.relays.items() if relay.priority == best]


def _tolerance(text: str) -> Tolerance:
    """ "5% or 20", "5%" or "20"."""
    parts = [part.strip() for part in text.split(" or ")]
    percent = next((float(part[:-1]) for part in parts if part.endswith("%")), 0.0)
    count = next((int(part) for part in parts if not part.endswith("%")), 0)
    return Tolerance(percent=percent, count=count)


def publishers_of(config: Config) -> list[Publisher]:
    """Whom releases come from; [publisher] is the first."""
    everywhere: dict[str, Any] = {
        "base_url": config.web.base_url.rstrip("/"),
        "bounce_domain": config.sending.bounce_domain,
    }
    others = (
        Publisher(id=id, **one.model_dump(exclude=_NO_SENDERS), **everywhere)
        for id, one in config.publishers.items()
    )
    return [Publisher(**config.publisher.model_dump(), **everywhere), *others]


_NO_SENDERS = {"lists", "templates", "alerts_to", "alerts_webhook"}


def alerts_house(config: Config, publisher: Publisher, rules: Rules) -> alerts.House:
    """Who is told what concerns this publisher."""
    told = told_of(config, publisher.id)
    return alerts.House(publisher, rules, told.to, webhook=bool(told.webhook))


def told_of(config: Config, publisher_id: str) -> Alerts:
    """[alerts] is the first one's."""
    own = config.publishers.get(publisher_id)
    return Alerts(to=own.alerts_to, webhook=own.alerts_webhook) if own else config.alerts


def signing_key(config: Config, selector: str) -> Key:
    """A key that signs mails. Raises ConfigError when its file will not do."""
    section = config.dkim[selector]
    domain = section.domain or config.publisher.address.rpartition("@")[2]
    return signingkey.read(config.path(section.key_file), selector=selector, domain=domain)


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
        rate=relay.per_second,
        daily=relay.daily,
        priority=relay.priority,
    )


def _password(config: Config, name: str) -> str:
    relay = config.relays[name]
    if relay.password_file is None:
        return relay.password
    path = config.path(relay.password_file)
    try:
        return path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"cannot be read ({getattr(error, 'strerror', None) or 'not text'})",
            where=f"[relays.{name}] password_file {path}",
            cure="Name a file that holds the password and that this user may read.",
        ) from None


def secret(path: Path) -> bytes:
    """The installation's secret; made on first use, readable by its owner only. Two at once agree.

    Raises ConfigError.
    """
    try:
        if not path.exists():
            _make_secret(path)
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"the secret can be neither read nor made ({error.strerror})",
            where=str(path),
            cure="Give this user the right to read it and to write to its folder, or mend [web] secret_file.",
        ) from None
    if len(content) < 32:
        raise ConfigError(
            "is too short to be a secret",
            where=str(path),
            cure="Put the secret of your backup there; without it old unsubscribe links do not work.",
        )
    return content


def _make_secret(path: Path) -> None:
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
