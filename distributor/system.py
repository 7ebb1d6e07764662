"""Builds everything once, from Config. `stages` is the one ordered list of what the clockwork wakes.

Nothing here decides or stores; there are no globals.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from distributor.config import Config
from distributor.errors import NotFound, Refused
from distributor.mail.dkim import Signer
from distributor.mail.render import Renderer
from distributor.mail.tokens import Tokens
from distributor.model.publisher import Publisher
from distributor.model.reading import Reading
from distributor.model.rules import Rules
from distributor.office import notices, test_copy
from distributor.parts import (
    alerts_house,
    first_relays,
    publishers_of,
    relay_address,
    rules_of,
    secret,
    signing_key,
    told_of,
)
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
        first = [self.config.relays[name] for name in first_relays(self.config)]
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
