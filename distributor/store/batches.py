"""Batches: one pass over up to 200 deliveries of a mailout. A worker leases one; the guard is elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from distributor.policy.lifecycle import DELIVERY
from distributor.store import rows
from distributor.store.live import sending_live
from distributor.store.transitions import allowed

SIZE = 200

b, d, m = rows.batch.c, rows.delivery.c, rows.mailout.c


@dataclass(frozen=True, slots=True)
class Lease:
    batch_id: int
    mailout_id: int


def add(connection: Connection, *, mailout_id: int, priority: int, not_before: datetime, size: int) -> int:
    """A batch that is ready; returns its key."""
    statement = insert(rows.batch).values(
        mailout_id=mailout_id, state="ready", priority=priority, not_before=not_before, size=size
    )
    return int(connection.execute(statement.returning(b.id)).scalar_one())


def lease(connection: Connection, *, run_id: int, now: datetime) -> Lease | None:
    """Take the most urgent batch whose mailout may send; None when there is none.

    A lease is no intent: nothing may be handed over because of it.
    """
    ready = (
        select(b.id)
        .join(rows.mailout, m.id == b.mailout_id)
        .join(rows.release, rows.release.c.id == m.release_id)
        .where(b.state == "ready", b.not_before <= now, sending_live())
        .order_by(b.priority.desc(), b.not_before, b.id)
        .limit(1)
        .with_for_update(of=rows.batch, skip_locked=True)
    )
    row = connection.execute(
        update(rows.batch)
        .where(b.id == ready.scalar_subquery(), b.state == "ready")
        .values(state="leased", run_id=run_id, leased_at=now)
        .returning(b.id, b.mailout_id)
    ).first()
    return Lease(row.id, row.mailout_id) if row else None


def close(connection: Connection, *, id: int, run_id: int) -> None:
    """The pass is over; what is still to be handed over is free to be gathered."""
    waiting = allowed(rows.delivery, DELIVERY, "intend")
    connection.execute(update(rows.delivery).where(d.batch_id == id, waiting).values(batch_id=None))
    connection.execute(
        update(rows.batch).where(b.id == id, b.run_id == run_id).values(state="closed", run_id=None)
    )


def free(connection: Connection, *, id: int, run_id: int) -> None:
    """Give an unfinished batch back: any run may lease it again."""
    connection.execute(
        update(rows.batch)
        .where(b.id == id, b.run_id == run_id)
        .values(state="ready", run_id=None, leased_at=None)
    )


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
        update(rows.batch)
        .where(b.run_id == run_id, b.state == "leased")
        .values(state="ready", run_id=None, leased_at=None)
    )
    return changed.rowcount


def next_ready(connection: Connection) -> datetime | None:
    """When the next batch of a sending mailout may be leased."""
    at: datetime | None = connection.execute(
        select(func.min(b.not_before))
        .join(rows.mailout, m.id == b.mailout_id)
        .join(rows.release, rows.release.c.id == m.release_id)
        .where(b.state == "ready", sending_live())
    ).scalar()
    return at
