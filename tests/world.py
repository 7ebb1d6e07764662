"""A small world for tests of the store and the stages: rows as the pipeline would have left them.

Made through the store's own functions where they exist; times are given, nothing waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, update

from distributor.model.audience import Reason, Recipient
from distributor.model.draft import Version
from distributor.model.embargo import Embargo
from distributor.model.release import Approved, Sending
from distributor.policy.lifecycle import MAILOUT
from distributor.policy.plan import Planned
from distributor.store import (
    batches,
    blobs,
    deliveries,
    guard,
    mailouts,
    queueing,
    releases,
    revisions,
    rows,
    runs,
)
from distributor.store.database import Store
from tests.waiting import until

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PUBLISHER = "press"


def recipient(address: str, *, contact_id: int | None = None, language: str = "en") -> Recipient:
    reasons = (Reason(list="trade", topic="trade", covers="trade"),)
    return Recipient(address, address.casefold(), contact_id, "", "", language, None, reasons)


@dataclass
class World:
    store: Store
    ledgers: list = field(default_factory=list)  # to be closed
    _runs: list = field(default_factory=list)

    def __post_init__(self) -> None:
        with self.store.write() as connection:
            connection.execute(insert(rows.publisher).values(id=PUBLISHER, name="Press Office"))

    def contact(self, address: str, *, standing: str = "active") -> int:
        with self.store.write() as connection:
            statement = insert(rows.contact).values(
                publisher_id=PUBLISHER,
                address=address,
                address_key=address.casefold(),
                languages=["en"],
                standing=standing,
                created_at=NOW,
                **dict.fromkeys(
                    ("name", "first_name", "last_name", "outlet", "medium", "role", "country"), ""
                ),
                phone="",
                source="",
                note="",
                standing_reason="",
            )
            return connection.execute(statement.returning(rows.contact.c.id)).scalar_one()

    def release(self, *, reference: str = "2026-0001", embargo: datetime | None = None) -> int:
        """A release with an approved revision in English."""
        with self.store.write() as connection:
            id = releases.add(
                connection,
                publisher_id=PUBLISHER,
                reference=reference,
                type="release",
                now=NOW,
                actor="officer",
            )
            revisions.add(
                connection,
                release_id=id,
                type="release",
                sending=Sending(topics=("trade",), embargo=Embargo(embargo)),
                versions=[Version(language="en", headline="Harbour opens")],
                sha256="0" * 64,
                warnings=[],
                now=NOW,
                actor="officer",
            )
            found = releases.by_id(connection, id=id)
            revisions.approve(
                connection,
                release=found,
                revision=found.latest,
                approval=Approved("officer", NOW, "f" * 64),
                audience_size=1,
                wave_sizes={},
                renderings={("release", "en"): blobs.keep(connection, b"a template")},
            )
        return id

    def mailout(
        self,
        release_id: int,
        *,
        kind: str = "release",
        wave: str = "",
        due: datetime = NOW,
        state: str = "sending",
        lasts: timedelta = timedelta(hours=24),
    ) -> int:
        with self.store.write() as connection:
            revision = releases.by_id(connection, id=release_id).latest
            id = mailouts.add(
                connection,
                publisher_id=PUBLISHER,
                release_id=release_id,
                revision_id=revision.id,
                planned=Planned(kind, wave, due, due + lasts),
                seed=1,
                expected_size=None,
                now=NOW,
            )
            assert id is not None
            assert MAILOUT.states(state)
            connection.execute(update(rows.mailout).where(rows.mailout.c.id == id).values(state=state))
        return id

    def deliver(self, mailout_id: int, people: Sequence[Recipient], *, strangers: bool = False) -> int:
        """Queue deliveries in one ready batch; returns it. Only `strangers` have no access."""
        if not strangers:
            people = [self._with_access(one, mailout_id) for one in people]
        with self.store.write() as connection:
            batch = batches.add(
                connection, mailout_id=mailout_id, priority=0, not_before=NOW, size=len(people)
            )
            queueing.add(
                connection,
                mailout_id=mailout_id,
                publisher_id=PUBLISHER,
                batch_id=batch,
                recipients=list(enumerate(people)),
                reason=lambda person: f"because of {len(person.reasons)} reasons",
                now=NOW,
            )
        return batch

    def _with_access(self, person: Recipient, mailout_id: int) -> Recipient:
        with self.store.read() as connection:
            wave = mailouts.get(connection, id=mailout_id).wave
        if not wave or person.contact_id is not None:
            return person
        contact_id = self.contact(person.address)
        self.grant(contact_id, tier=wave)
        return person._replace(contact_id=contact_id)

    def grant(self, contact_id: int, *, tier: str) -> None:
        with self.store.write() as connection:
            connection.execute(
                insert(rows.access).values(
                    contact_id=contact_id, tier=tier, granted_by="officer", granted_at=NOW, criterion=""
                )
            )

    def run(self) -> runs.Run:
        """A living worker run; it dies with `die`."""
        context = runs.started(self.store, now=NOW)
        started = context.__enter__()
        self._runs.append((started.id, context))
        return started

    def die(self, run: runs.Run) -> None:
        """As after kill -9: the lock is free, nothing else is said."""
        for id, context in self._runs:
            if id == run.id:
                context.__exit__(None, None, None)
        until(lambda: self.is_dead(run))  # PostgreSQL hears of the end of a session a moment later

    def is_dead(self, run: runs.Run) -> bool:
        with runs.proven_dead(self.store, id=run.id) as dead:
            return dead

    def lease(self, run: runs.Run, *, now: datetime = NOW) -> batches.Lease | None:
        with self.store.write() as connection:
            return batches.lease(connection, run_id=run.id, now=now)

    def intend(self, run: runs.Run, ids: Sequence[int], *, now: datetime = NOW) -> set[int]:
        with self.store.write() as connection:
            return guard.intend(connection, ids=list(ids), run_id=run.id, now=now)

    def answer(self, run: runs.Run, id: int, event: str) -> bool:
        with self.store.write() as connection:
            return bool(deliveries.answer(connection, event=event, ids=[id], run_id=run.id, now=NOW)())

    def ids(self, mailout_id: int) -> list[int]:
        d = rows.delivery.c
        with self.store.read() as connection:
            return list(
                connection.scalars(select(d.id).where(d.mailout_id == mailout_id).order_by(d.position))
            )

    def states(self, mailout_id: int) -> list[str]:
        d = rows.delivery.c
        with self.store.read() as connection:
            return list(
                connection.scalars(select(d.state).where(d.mailout_id == mailout_id).order_by(d.position))
            )

    def log_kinds(self) -> list[str]:
        with self.store.read() as connection:
            return list(connection.scalars(select(rows.log.c.kind).order_by(rows.log.c.id)))


def leased(world: World, *, people: int = 3, **mailout) -> tuple[runs.Run, int, list[int]]:
    """A run with a leased batch of an open mailout: (run, mailout, deliveries)."""
    release = world.release(embargo=mailout.pop("embargo", None))
    id = world.mailout(release, **mailout)
    world.deliver(id, [recipient(f"r{n}@example.org") for n in range(people)])
    run = world.run()
    assert world.lease(run) is not None
    return run, id, world.ids(id)
