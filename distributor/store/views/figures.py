"""Figures for whoever watches: states, lag, doubt, relays, senders. Counts only (law 1). Reads only.

Nothing is counted that is over for more than a day: asking often costs little, however large the database is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, exists, func, or_, select

from distributor.policy.lifecycle import DeliveryState, MailoutState
from distributor.store import rows
from distributor.store.live import live
from distributor.store.views import status

m, d, r, run = rows.mailout.c, rows.delivery.c, rows.release.c, rows.run.c

ALIVE = timedelta(minutes=1)  # a sender beats each second
_LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """`deliveries` by (kind, state) of the mailouts under way or finished within a day; `lag` in seconds.

    `troubled`: by run, whether it can hand over nothing; the last run's when none is open.
    """

    deliveries: Mapping[tuple[str, str], int]
    lag: float
    doubtful: int
    held: int
    senders: int
    troubled: Mapping[int, bool]


def figures(connection: Connection, *, now: datetime) -> Figures:
    """How it stands."""
    return Figures(
        deliveries=_deliveries(connection, now=now),
        lag=_lag(connection, now=now),
        doubtful=_doubtful(connection),
        held=status.held(connection),
        senders=_senders(connection, now=now),
        troubled=_troubled(connection),
    )


def _deliveries(connection: Connection, *, now: datetime) -> dict[tuple[str, str], int]:
    under_way = m.state.in_([MailoutState.PREPARED.value, MailoutState.SENDING.value])
    recent = select(m.id, m.kind).where(or_(under_way, m.finished_at > now - _LATELY))
    kinds = {row.id: row.kind for row in connection.execute(recent)}
    counted = (
        select(d.mailout_id, d.state, func.count())
        .where(d.mailout_id.in_(kinds))
        .group_by(d.mailout_id, d.state)
    )
    found: dict[tuple[str, str], int] = {}
    for mailout_id, state, number in connection.execute(counted):
        key = (kinds[mailout_id], state)
        found[key] = found.get(key, 0) + number
    return found


def _lag(connection: Connection, *, now: datetime) -> float:
    """Since when the oldest mail waits that is due and was handed over to nobody; not what is held."""
    untouched = exists().where(d.mailout_id == m.id, d.state == DeliveryState.QUEUED.value)
    closed = m.state.in_([MailoutState.PLANNED.value, MailoutState.PREPARED.value])
    waits = or_(closed, and_(m.state == MailoutState.SENDING.value, untouched))
    oldest = connection.scalar(
        select(func.min(m.due)).join(rows.release, r.id == m.release_id).where(m.due <= now, live(), waits)
    )
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def _doubtful(connection: Connection) -> int:
    """A mailout with open doubt does not finish."""
    open_end = select(m.id).where(m.state.in_([MailoutState.SENDING.value, MailoutState.CANCELLED.value]))
    doubtful = d.state == DeliveryState.DOUBTFUL.value
    return int(connection.scalar(select(func.count()).where(d.mailout_id.in_(open_end), doubtful)) or 0)


def _senders(connection: Connection, *, now: datetime) -> int:
    alive = select(func.count()).where(run.ended_at.is_(None), run.heartbeat_at >= now - ALIVE)
    return int(connection.scalar(alive) or 0)


def _troubled(connection: Connection) -> dict[int, bool]:
    found = connection.execute(select(run.id, run.trouble).where(run.ended_at.is_(None))).all()
    if not found:
        found = connection.execute(select(run.id, run.trouble).order_by(run.id.desc()).limit(1)).all()
    return {row.id: row.trouble is not None for row in found}
