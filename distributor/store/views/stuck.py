"""What goes on by itself no more, and nobody sees: not opened, no sender, nobody reached. Reads only."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, or_, select

from distributor.policy.lifecycle import DeliveryState, MailoutState
from distributor.store import deliveries, rows, runs
from distributor.store.live import live, sending_live

r, m, d = rows.release.c, rows.mailout.c, rows.delivery.c

SOON = timedelta(minutes=1)  # a clockwork that lives opens within seconds, a sender beats each second
SILENT = timedelta(seconds=10)  # a sender beats each second, and waits five for a lock
_RETRY = timedelta(minutes=10)  # who sends by cron looks at what was deferred a little later
_NEWS = timedelta(days=3)  # after that nobody sends it again

_NOT_REACHED = (DeliveryState.REJECTED, DeliveryState.EXPIRED)
_NEUTRAL = (*_NOT_REACHED, DeliveryState.SUPPRESSED)


def unwritten(connection: Connection, *, now: datetime) -> datetime | None:
    """Since when a sender has written nothing, not even that it lives; None: all do."""
    return runs.mute(connection, since=now - SILENT)


def not_opened(connection: Connection, *, now: datetime) -> Sequence[Row[Any]]:
    """Due, not held and still not open, by release: (publisher_id, reference, due)."""
    late: Select[Any] = (
        select(m.publisher_id, r.reference, func.min(m.due).label("due"))
        .join(rows.release, r.id == m.release_id)
        .where(or_(m.state == "planned", m.state == "prepared"), m.due < now - SOON, live())
        .group_by(m.publisher_id, r.reference)
    )
    return connection.execute(late).all()


def unserved(connection: Connection, *, now: datetime) -> Sequence[Row[Any]]:
    """Open mailouts with something to hand over while no sender lives: the mailout's row and `reference`."""
    if runs.any_alive(connection, since=now - SOON):
        return []
    waits = exists().where(d.mailout_id == m.id, _waiting(now))
    return connection.execute(
        select(rows.mailout, r.reference)
        .join(rows.release, r.id == m.release_id)
        .where(sending_live(), m.opened_at < now - SOON, waits)
    ).all()


def _waiting(now: datetime) -> ColumnElement[bool]:
    again = and_(d.state == DeliveryState.DEFERRED.value, d.next_at < now - _RETRY)
    return or_(d.state == DeliveryState.QUEUED.value, again)


def nobody_reached(connection: Connection, *, now: datetime) -> Sequence[Row[Any]]:
    """Mailouts that finished lately and reached nobody: the mailout's row and `reference`."""
    failed = exists().where(d.mailout_id == m.id, d.state.in_([state.value for state in _NOT_REACHED]))
    others = [state.value for state in DeliveryState if state not in _NEUTRAL]
    reached = exists().where(d.mailout_id == m.id, d.state.in_(others))
    return connection.execute(
        select(rows.mailout, r.reference)
        .join(rows.release, r.id == m.release_id)
        .where(m.state == MailoutState.FINISHED.value, m.finished_at > now - _NEWS, failed, ~reached)
    ).all()


def ends(connection: Connection, *, mailout_id: int) -> str:
    """ "5 rejected, 3 expired"."""
    counts = deliveries.counts(connection, mailout_id=mailout_id)
    return ", ".join(f"{number} {state}" for state, number in sorted(counts.items()))
