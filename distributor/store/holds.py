"""Holds on mailouts: set, answered by an officer; and what may need one after an absence or a jump.

A hold is a fact, not a state: every guard looks at it (`live`). That on a whole release is in `releases`.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from distributor.model.release import Held
from distributor.policy.lifecycle import MAILOUT, MailoutState
from distributor.policy.plan import ADVANCE, RELEASE
from distributor.store import rows
from distributor.store.jumps import newest
from distributor.store.live import live, something_left
from distributor.store.mailouts import Mailout, mailout
from distributor.store.transitions import allowed, values

m, r = rows.mailout.c, rows.release.c


def hold(connection: Connection, *, id: int, held: Held) -> bool:
    """Hold one mailout; False when it is held already or at its end."""
    changed = connection.execute(
        update(rows.mailout)
        .where(m.id == id, m.held_at.is_(None), allowed(rows.mailout, MAILOUT, "cancel"))
        .values(held_at=held.at, held_by=held.by, held_reason=held.reason)
    )
    return bool(changed.rowcount)


def resume(connection: Connection, *, release_id: int, now: datetime, clock: bool) -> int:
    """Take back the holds on a release's mailouts: an officer has answered.

    So what is late may go, and, with `clock`, what its last jump made doubtful; else that stays held. What is
    to come may still be late.
    """
    answered = {"clock_answered": newest()} if clock else {}
    others = [] if clock else [m.held_reason.not_like("clock:%")]
    changed = connection.execute(
        update(rows.mailout)
        .where(m.release_id == release_id, allowed(rows.mailout, MAILOUT, "cancel"))
        .where(m.held_at.is_not(None), *others)
        .values(
            held_at=None,
            held_by=None,
            held_reason=None,
            late_accepted=or_(m.late_accepted, m.due <= now, m.held_reason.like("late%")),
            **answered,
        )
    )
    return changed.rowcount


def answer_clock(connection: Connection, *, release_id: int) -> None:
    """An officer's own word opens the release: what the clock's last jump made doubtful does not matter."""
    mine = (m.release_id == release_id, m.kind == RELEASE, allowed(rows.mailout, MAILOUT, "cancel"))
    connection.execute(update(rows.mailout).where(*mine).values(clock_answered=newest()))


def accept_lateness(connection: Connection, *, release_id: int, now: datetime) -> None:
    """Whoever resumes wants it to go although its instant is past. What is to come may not be late."""
    due = (m.release_id == release_id, m.due <= now)
    connection.execute(update(rows.mailout).where(*due).values(late_accepted=True))


def try_until(connection: Connection, *, id: int, at: datetime) -> None:
    """It does not expire before then."""
    sooner = (m.id == id, m.expires_at < at)
    connection.execute(update(rows.mailout).where(*sooner).values(expires_at=at))


def embargoed_between(
    connection: Connection, *, after: datetime, until: datetime, opened: bool
) -> list[Mailout]:
    """Mailouts of embargoed releases whose instant lies so, none of them held: those opened, or not yet."""
    states = {MailoutState.SENDING} if opened else {MailoutState.PLANNED, MailoutState.PREPARED}
    found = connection.execute(
        select(rows.mailout)
        .join(rows.release, r.id == m.release_id)
        .where(m.due > after, m.due <= until, m.state.in_(values(states)), m.held_at.is_(None))
        .where(r.embargo.is_not(None), m.kind.in_([ADVANCE, RELEASE]))
        .order_by(m.id)
    )
    return [mailout(row) for row in found]


def ending_between(connection: Connection, *, after: datetime, until: datetime) -> list[Mailout]:
    """Mailouts that are going out, none of them held, and expire then."""
    found = connection.execute(
        select(rows.mailout)
        .where(m.state == MailoutState.SENDING.value, m.held_at.is_(None))
        .where(m.expires_at > after, m.expires_at <= until)
        .order_by(m.id)
    )
    return [mailout(row) for row in found]


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """An open mailout with something left to hand over."""

    id: int
    release_id: int
    opened_at: datetime
    embargoed: bool


def left_alone(connection: Connection) -> list[LeftAlone]:
    """Open mailouts with something left, none of them held; no notices."""
    found = connection.execute(
        select(m.id, m.release_id, m.opened_at, r.embargo.is_not(None).label("embargoed"))
        .join(rows.release, r.id == m.release_id)
        .where(m.state == MailoutState.SENDING.value, live(), something_left())
        .where(m.kind.in_([ADVANCE, RELEASE]))
        .order_by(m.id)
    )
    return [LeftAlone(row.id, row.release_id, row.opened_at, row.embargoed) for row in found]
