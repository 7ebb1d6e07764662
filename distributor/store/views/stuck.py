"""What goes on by itself no more, and nobody sees: not opened, no sender, nobody reached. Reads only."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, exists, func, or_, select

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
_SINCE = bindparam("since", type_=m.due.type)


def unwritten(connection: Connection, *, now: datetime) -> datetime | None:
    """Since when a sender has written nothing, not even that it lives; None: all do."""
    return runs.mute(connection, since=now - SILENT)


def not_opened(connection: Connection, *, now: datetime) -> Sequence[Row[Any]]:
    """Due, not held and still not open, by release: (publisher_id, reference, due)."""
    return connection.execute(_NOT_OPENED, {"since": now - SOON}).all()


_NOT_OPENED: Select[Any] = (
    select(m.publisher_id, r.reference, func.min(m.due).label("due"))
    .join(rows.release, r.id == m.release_id)
    .where(or_(m.state == "planned", m.state == "prepared"), m.due < _SINCE, live())
    .group_by(m.publisher_id, r.reference)
)


def unserved(connection: Connection, *, now: datetime) -> Sequence[Row[Any]]:
    """Open mailouts with something to hand over while no sender lives: the mailout's row and `reference`."""
    if runs.any_alive(connection, since=now - SOON):
        return []
    return connection.execute(_UNSERVED, {"since": now - SOON, "tried": now - _RETRY}).all()


_AGAIN = and_(d.state == DeliveryState.DEFERRED.value, d.next_at < bindparam("tried", type_=d.next_at.type))
_WAITS = exists().where(d.mailout_id == m.id, or_(d.state == DeliveryState.QUEUED.value, _AGAIN))
_UNSERVED = (
    select(rows.mailout, r.reference)
    .join(rows.release, r.id == m.release_id)
    .where(sending_live(), m.opened_at < _SINCE, _WAITS)
)


def nobody_reached(connection: Connection, *, now: datetime) -> Sequence[Row[Any]]:
    """Mailouts that finished lately and reached nobody: the mailout's row and `reference`."""
    return connection.execute(_NOBODY_REACHED, {"since": now - _NEWS}).all()


_FAILED = exists().where(d.mailout_id == m.id, d.state.in_([state.value for state in _NOT_REACHED]))
_REACHED = exists().where(
    d.mailout_id == m.id, d.state.in_([state.value for state in DeliveryState if state not in _NEUTRAL])
)
_NOBODY_REACHED = (
    select(rows.mailout, r.reference)
    .join(rows.release, r.id == m.release_id)
    .where(m.state == MailoutState.FINISHED.value, m.finished_at > _SINCE, _FAILED, ~_REACHED)
)


def ends(connection: Connection, *, mailout_id: int) -> str:
    """ "5 rejected, 3 expired"."""
    counts = deliveries.counts(connection, mailout_id=mailout_id)
    return ", ".join(f"{number} {state}" for state, number in sorted(counts.items()))
