"""What the stages and senders look for: which mailouts are to be planned, prepared, opened, finished.

It only reads. What the clockwork asks each second is built once.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, exists, func, or_, select

from distributor.policy.lifecycle import DONE, MailoutState
from distributor.store import rows
from distributor.store.live import live, something_left
from distributor.store.mailouts import Mailout, mailout
from distributor.store.transitions import values

m, r, d, e = rows.mailout.c, rows.release.c, rows.delivery.c, rows.log.c


def unplanned_revisions(connection: Connection) -> list[int]:
    """Approved revisions of releases that have no mailout yet: keys of their releases.

    Not those that get none before they are lifted: they would be looked at each second until then.
    """
    return [row.release_id for row in connection.execute(_UNPLANNED) if row.advance or not row.until_lifted]


v = rows.revision.c
_UNPLANNED = (
    select(v.release_id, v.advance, r.until_lifted)
    .join(rows.release, r.id == v.release_id)
    .where(v.state == "approved", r.state == "open", ~exists().where(m.revision_id == v.id))
)


def to_prepare(connection: Connection, *, before: datetime) -> list[Mailout]:
    """Planned mailouts due before `before`, none of them held."""
    return [mailout(row) for row in connection.execute(_TO_PREPARE, {"by": before})]


def to_open(connection: Connection, *, now: datetime) -> list[Mailout]:
    """Prepared mailouts whose instant has come, none of them held."""
    return [mailout(row) for row in connection.execute(_TO_OPEN, {"by": now})]


def next_due(connection: Connection) -> datetime | None:
    """The nearest instant at which a prepared mailout is to open."""
    due: datetime | None = connection.execute(_NEXT_DUE).scalar()
    return due


def waiting(connection: Connection) -> list[Mailout]:
    """Mailouts that are sending, none of them held, with something left to hand over."""
    return [mailout(row) for row in connection.execute(_unheld(MailoutState.SENDING, something_left()))]


def _unheld(state: MailoutState, *where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(rows.mailout)
        .join(rows.release, r.id == m.release_id)
        .where(m.state == state.value, live(), *where)
        .order_by(m.due, m.priority, m.id)
    )


_BY = bindparam("by", type_=m.due.type)
_TO_PREPARE = _unheld(MailoutState.PLANNED, m.due <= _BY)
_TO_OPEN = _unheld(MailoutState.PREPARED, m.due <= _BY)
_NEXT_DUE = (
    select(func.min(m.due))
    .join(rows.release, r.id == m.release_id)
    .where(m.state == MailoutState.PREPARED.value, live())
)


def to_finish(connection: Connection) -> list[Mailout]:
    """Mailouts that are sending although each delivery has reached its end."""
    return [mailout(row) for row in connection.execute(_TO_FINISH)]


_UNFINISHED = exists().where(d.mailout_id == m.id, d.state.not_in(values(DONE)))
_TO_FINISH = select(rows.mailout).where(m.state == MailoutState.SENDING.value, ~_UNFINISHED).order_by(m.id)


def gone_through(connection: Connection) -> list[Mailout]:
    """Mailouts of which everybody was tried once and some wait; not those of which `went` was logged."""
    return [mailout(row) for row in connection.execute(_GONE_THROUGH)]


WENT = "went"
_TRIED = exists().where(d.mailout_id == m.id, d.state.in_(["deferred", "doubtful"]))
_TO_COME = exists().where(d.mailout_id == m.id, d.state.in_(["queued", "sending"]))
_SAID = exists().where(e.release_id == m.release_id, e.mailout_id == m.id, e.kind == WENT)
_GONE_THROUGH = (
    select(rows.mailout)
    .where(m.state == MailoutState.SENDING.value, _TRIED, ~_TO_COME, ~_SAID)
    .order_by(m.id)
)


def open_or_due(connection: Connection, *, now: datetime) -> int:
    """Deliveries not at their end in mailouts that are sending or whose instant has come."""
    return int(
        connection.execute(
            select(func.count())
            .select_from(rows.delivery.join(rows.mailout, m.id == d.mailout_id))
            .where(d.state.not_in(values(DONE)), m.due <= now)
            .where(or_(m.state == "sending", m.state == "prepared"))
        ).scalar_one()
    )
