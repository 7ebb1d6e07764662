"""Batches: one pass over up to 200 deliveries of a mailout. A worker leases one; the guard is elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    and_,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from distributor.model.pacing import Pace
from distributor.policy.lifecycle import DELIVERY, MailoutState
from distributor.policy.pacing import spread
from distributor.store import rows
from distributor.store.columns import UTC
from distributor.store.live import live, sending_live
from distributor.store.prepared import Prepared, given
from distributor.store.transitions import allowed

SIZE = 200
_PACE_LOCK = 7423908
_READY: ColumnElement[str] = literal_column("'ready'")  # a constant: the index holds only these batches

b, d, m = rows.batch.c, rows.delivery.c, rows.mailout.c


@dataclass(frozen=True, slots=True)
class Lease:
    batch_id: int
    mailout_id: int


def add(
    connection: Connection,
    *,
    mailout_id: int,
    priority: int,
    not_before: datetime,
    size: int,
    domain: str = "",
) -> int:
    """A batch that is ready; returns its key. `domain`: all of it goes there, and it has a pace."""
    values = {
        "mailout_id": mailout_id,
        "state": "ready",
        "priority": priority,
        "not_before": not_before,
        "size": size,
        "domain": domain,
    }
    return int(connection.execute(_ADD, values).scalar_one())


_ADD = insert(rows.batch).returning(b.id)


def free_step(connection: Connection, *, pace: Pace, start: datetime) -> datetime:
    """When the next batch for this domain may go: at `start`, or a step after those that go then.

    Whoever asks keeps others waiting until its transaction ends.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_PACE_LOCK)))
    near = start - timedelta(seconds=pace.seconds)
    booked = connection.scalars(select(b.not_before).where(b.domain == pace.domain, b.not_before >= near))
    return spread(pace.number, start=start, pace=pace, booked=booked)[0]


def lease(
    connection: Connection, *, run_id: int, now: datetime, ahead: timedelta = timedelta(0)
) -> Lease | None:
    """Take the most urgent batch whose mailout may send, or is to open within `ahead`; None without one.

    A lease is no intent: nothing may be handed over because of it.
    """
    row = _LEASE.run(connection, run=run_id, now=now, soon=now + ahead).fetchone()
    return Lease(*row) if row else None


def _lease(dialect: str) -> ReturningUpdate[tuple[int, int]]:  # noqa: ARG001
    now, soon = given("now", UTC()), given("soon", UTC())
    goes = and_(m.state == MailoutState.SENDING.value, b.not_before <= now)
    opens = and_(m.state == MailoutState.PREPARED.value, m.due > now, m.due <= soon, b.not_before <= m.due)
    ready = (
        select(b.id)
        .join(rows.mailout, m.id == b.mailout_id + 0)  # batches first, in the order of their index
        .join(rows.release, rows.release.c.id == m.release_id)
        .where(b.state == _READY, b.not_before <= given("soon", UTC()), live(), or_(goes, opens))
        .order_by(b.priority, b.not_before, b.id)
        .limit(1)
        .with_for_update(of=rows.batch, skip_locked=True)
    )
    return (
        update(rows.batch)
        .where(b.id == ready.scalar_subquery(), b.state == "ready")
        .values(state="leased", run_id=given("run"))
        .returning(b.id, b.mailout_id)
    )


_LEASE = Prepared(_lease)


def is_leased(connection: Connection, *, id: int, run_id: int) -> bool:
    """Whether this run has it."""
    return bool(connection.scalar(select(b.id).where(b.id == id, b.run_id == run_id, b.state == "leased")))


def close(connection: Connection, *, id: int, run_id: int) -> None:
    """The pass is over; what is still to be handed over is free to be gathered."""
    _LEAVE.run(connection, batch=id)
    _CLOSE.run(connection, batch=id, run=run_id)


def _leave(dialect: str) -> Update:  # noqa: ARG001
    waiting = allowed(rows.delivery, DELIVERY, "intend")
    return update(rows.delivery).where(d.batch_id == given("batch"), waiting).values(batch_id=None)


def _close(dialect: str) -> Update:  # noqa: ARG001
    mine = (b.id == given("batch"), b.run_id == given("run"))
    return update(rows.batch).where(*mine).values(state="closed", run_id=None)


_LEAVE, _CLOSE = Prepared(_leave), Prepared(_close)


def free(connection: Connection, *, id: int, run_id: int) -> None:
    """Give an unfinished batch back: any run may lease it again."""
    _FREE.run(connection, batch=id, run=run_id)


def _free(dialect: str) -> Update:  # noqa: ARG001
    mine = (b.id == given("batch"), b.run_id == given("run"))
    return update(rows.batch).where(*mine).values(state="ready", run_id=None)


_FREE = Prepared(_free)


def remove(connection: Connection, *, id: int) -> None:
    """Take an empty batch away."""
    connection.execute(delete(rows.batch).where(b.id == id))


def close_of(connection: Connection, *, mailout_ids: Sequence[int]) -> None:
    """Close what is ready of cancelled mailouts; leased ones are closed by their workers."""
    connection.execute(
        update(rows.batch)
        .where(b.mailout_id.in_(mailout_ids), b.state == "ready")
        .values(state="closed", run_id=None)
    )


def free_of(connection: Connection, *, run_id: int) -> int:
    """Give the batches of a dead run back; returns how many."""
    changed = connection.execute(
        update(rows.batch).where(b.run_id == run_id, b.state == "leased").values(state="ready", run_id=None)
    )
    return changed.rowcount


def last_ready(connection: Connection, *, mailout_id: int) -> datetime | None:
    """When the last batch of a mailout may be leased."""
    waiting = (b.mailout_id == mailout_id, b.state == "ready")
    at: datetime | None = connection.execute(select(func.max(b.not_before)).where(*waiting)).scalar()
    return at


def ready(connection: Connection, *, now: datetime) -> int:
    """How many deliveries the batches hold that may be leased now."""
    held = (
        select(func.sum(b.size))
        .join(rows.mailout, m.id == b.mailout_id)
        .join(rows.release, rows.release.c.id == m.release_id)
        .where(b.state == "ready", b.not_before <= now, sending_live())
    )
    return int(connection.scalar(held) or 0)


def next_ready(connection: Connection) -> datetime | None:
    """When the next batch of a sending mailout may be leased."""
    at: datetime | None = connection.execute(_NEXT_READY).scalar()
    return at


_NEXT_READY = (
    select(func.min(b.not_before))
    .join(rows.mailout, m.id == b.mailout_id)
    .join(rows.release, rows.release.c.id == m.release_id)
    .where(b.state == "ready", sending_live())
)
