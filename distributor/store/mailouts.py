"""Mailouts: planned, prepared, opened, held, finished, cancelled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from distributor.model.release import Held
from distributor.policy.lifecycle import DONE, MAILOUT, DeliveryState, MailoutState
from distributor.policy.plan import ADVANCE, RELEASE, Planned
from distributor.store import batches, rows
from distributor.store.jumps import newest
from distributor.store.live import live
from distributor.store.tables import PLANNED_ONCE
from distributor.store.transitions import allowed, move, statement, values

m, r, d, e = rows.mailout.c, rows.release.c, rows.delivery.c, rows.log.c


@dataclass(frozen=True, slots=True)
class Mailout:
    """One sending to one audience at one instant; `wave` is the tier of an advance, else "".

    `renderings` {language: sha256} are a notice's own, `note` what was added to it; `extra`: for people
    named after the audience was taken; `replaced`: cancelled because it was planned anew.
    """

    id: int
    publisher_id: str
    release_id: int
    revision_id: int
    kind: str
    wave: str
    state: str
    due: datetime
    expires_at: datetime
    priority: int
    seed: int
    late_accepted: bool
    clock_answered: int | None
    expected_size: int | None
    held: Held | None
    renderings: Mapping[str, str]
    note: str
    extra: bool
    replaced: bool

    @property
    def over(self) -> bool:
        return self.state in (MailoutState.FINISHED, MailoutState.CANCELLED)


def add(
    connection: Connection,
    *,
    publisher_id: str,
    release_id: int,
    revision_id: int,
    planned: Planned,
    seed: int,
    expected_size: int | None,
    now: datetime,
    renderings: Mapping[str, str] | None = None,
    note: str = "",
    extra: bool = False,
) -> int | None:
    """A planned mailout; None when the revision has one of this kind and wave already, not cancelled.

    Of notices and extra ones there may be many.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(rows.mailout).values(
        publisher_id=publisher_id,
        release_id=release_id,
        revision_id=revision_id,
        kind=planned.kind,
        wave=planned.wave,
        state=MAILOUT.start.value,
        due=planned.due,
        expires_at=planned.expires_at,
        priority=planned.priority,
        seed=seed,
        late_accepted=False,
        expected_size=expected_size,
        renderings=dict(renderings or {}),
        note=note,
        extra=extra,
        replaced=False,
        created_at=now,
    )
    once = statement.on_conflict_do_nothing(
        index_elements=["revision_id", "kind", "wave"], index_where=text(PLANNED_ONCE)
    )
    return connection.execute(once.returning(m.id)).scalar()


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


def of_release(connection: Connection, *, release_id: int) -> list[Mailout]:
    """All mailouts of a release, in order of their instants."""
    return [_mailout(row) for row in connection.execute(_OF_RELEASE, {"release": release_id})]


def of_releases(connection: Connection, *, releases: Sequence[int]) -> dict[int, list[Mailout]]:
    """The same for several, in one question; each of `releases` is there."""
    found: dict[int, list[Mailout]] = {id: [] for id in releases}
    query = select(rows.mailout).where(m.release_id.in_(releases)).order_by(m.due, m.id)
    for row in connection.execute(query):
        found[row.release_id].append(_mailout(row))
    return found


def were_cancelled(found: Iterable[Mailout]) -> bool:
    """Whether the newest release mailout is: what was planned anew is none."""
    releases = (one for one in found if one.kind == RELEASE and not one.extra)
    last = max(releases, key=lambda one: one.id, default=None)
    return last is not None and last.state == MailoutState.CANCELLED and not last.replaced


_OF_RELEASE = select(rows.mailout).where(m.release_id == bindparam("release")).order_by(m.due, m.id)


def get(connection: Connection, *, id: int) -> Mailout:
    return _mailout(connection.execute(_GET, {"id": id}).one())


_GET = select(rows.mailout).where(m.id == bindparam("id"))


def state(connection: Connection, *, id: int) -> str:
    return str(connection.execute(_STATE, {"id": id}).scalar_one())


_STATE = select(m.state).where(m.id == bindparam("id"))


def to_prepare(connection: Connection, *, before: datetime) -> list[Mailout]:
    """Planned mailouts due before `before`, none of them held."""
    return [_mailout(row) for row in connection.execute(_TO_PREPARE, {"by": before})]


def to_open(connection: Connection, *, now: datetime) -> list[Mailout]:
    """Prepared mailouts whose instant has come, none of them held."""
    return [_mailout(row) for row in connection.execute(_TO_OPEN, {"by": now})]


def next_due(connection: Connection) -> datetime | None:
    """The nearest instant at which a prepared mailout is to open."""
    due: datetime | None = connection.execute(_NEXT_DUE).scalar()
    return due


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


def prepared(connection: Connection, *, id: int) -> bool:
    """planned → prepared; False when another did it first."""
    return bool(connection.execute(_PREPARE, {"mailout": id}).rowcount)


def opened(connection: Connection, *, id: int, now: datetime) -> bool:
    """prepared → sending; False when another did it first, or it is held by now, or not due."""
    return bool(connection.execute(_OPEN, {"mailout": id, "now": now}).rowcount)


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
    return [_mailout(row) for row in found]


def ending_between(connection: Connection, *, after: datetime, until: datetime) -> list[Mailout]:
    """Mailouts that are going out, none of them held, and expire then."""
    found = connection.execute(
        select(rows.mailout)
        .where(m.state == MailoutState.SENDING.value, m.held_at.is_(None))
        .where(m.expires_at > after, m.expires_at <= until)
        .order_by(m.id)
    )
    return [_mailout(row) for row in found]


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """An open mailout with something left to hand over."""

    id: int
    release_id: int
    opened_at: datetime
    embargoed: bool


def left_alone(connection: Connection) -> list[LeftAlone]:
    """Open mailouts with something left, none of them held; no notices."""
    left = exists().where(d.mailout_id == m.id, d.state.in_(["queued", "deferred", "sending"]))
    found = connection.execute(
        select(m.id, m.release_id, m.opened_at, r.embargo.is_not(None).label("embargoed"))
        .join(rows.release, r.id == m.release_id)
        .where(m.state == MailoutState.SENDING.value, live(), m.kind.in_([ADVANCE, RELEASE]), left)
        .order_by(m.id)
    )
    return [LeftAlone(row.id, row.release_id, row.opened_at, row.embargoed) for row in found]


def cancel(connection: Connection, *, ids: Sequence[int], now: datetime) -> int:
    """Cancel mailouts and their batches; returns how many. `endings.end` ends what waits in them."""
    gone = move(connection, rows.mailout, MAILOUT, "cancel", m.id.in_(ids), finished_at=now)
    batches.close_of(connection, mailout_ids=ids)
    return gone


def replace(connection: Connection, *, ids: Sequence[int], now: datetime) -> None:
    """Cancel mailouts that are planned anew."""
    cancel(connection, ids=ids, now=now)
    connection.execute(update(rows.mailout).where(m.id.in_(ids)).values(replaced=True))


def to_finish(connection: Connection) -> list[Mailout]:
    """Mailouts that are sending although each delivery has reached its end."""
    return [_mailout(row) for row in connection.execute(_TO_FINISH)]


_UNFINISHED = exists().where(d.mailout_id == m.id, d.state.not_in(values(DONE)))
_TO_FINISH = select(rows.mailout).where(m.state == MailoutState.SENDING.value, ~_UNFINISHED).order_by(m.id)


def gone_through(connection: Connection) -> list[Mailout]:
    """Mailouts of which everybody was tried once and some wait; not those of which `went` was logged."""
    return [_mailout(row) for row in connection.execute(_GONE_THROUGH)]


WENT = "went"
_TRIED = exists().where(d.mailout_id == m.id, d.state.in_(["deferred", "doubtful"]))
_TO_COME = exists().where(d.mailout_id == m.id, d.state.in_(["queued", "sending"]))
_SAID = exists().where(e.release_id == m.release_id, e.mailout_id == m.id, e.kind == WENT)
_GONE_THROUGH = (
    select(rows.mailout)
    .where(m.state == MailoutState.SENDING.value, _TRIED, ~_TO_COME, ~_SAID)
    .order_by(m.id)
)


def waiting(connection: Connection) -> list[Mailout]:
    """Mailouts that are sending, none of them held, with something left to hand over."""
    left = exists().where(d.mailout_id == m.id, d.state.in_(["queued", "deferred", "sending"]))
    return [_mailout(row) for row in connection.execute(_unheld(MailoutState.SENDING, left))]


def finished(connection: Connection, *, id: int, now: datetime) -> bool:
    return bool(connection.execute(_FINISH, {"mailout": id, "now": now}).rowcount)


_MINE, _NOW = m.id == bindparam("mailout"), bindparam("now", type_=m.due.type)
_FREE = exists().where(r.id == m.release_id, live())
_PREPARE = statement(rows.mailout, MAILOUT, "prepare", _MINE)
_OPEN = statement(rows.mailout, MAILOUT, "open", _MINE, m.due <= _NOW, _FREE, opened_at=_NOW)
_FINISH = statement(rows.mailout, MAILOUT, "finish", _MINE, finished_at=_NOW)


def handing_over(connection: Connection, *, release_id: int) -> int:
    """How many deliveries of a release are with a worker now."""
    return int(connection.execute(_HANDING_OVER, {"release": release_id}).scalar_one())


_HANDING_OVER = (
    select(func.count())
    .select_from(rows.delivery.join(rows.mailout, m.id == d.mailout_id))
    .where(m.release_id == bindparam("release"), d.state == DeliveryState.SENDING.value)
)


def handing_over_to(connection: Connection, *, publisher_id: str, address_key: str) -> int:
    """How many deliveries to an address are with a worker now."""
    mine = (m.publisher_id == publisher_id, m.state == MailoutState.SENDING.value)
    return int(
        connection.execute(
            select(func.count())
            .select_from(rows.mailout.join(rows.delivery, m.id == d.mailout_id))
            .where(*mine, d.address_key == address_key, d.state == DeliveryState.SENDING.value)
        ).scalar_one()
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


def _mailout(row: Row[Any]) -> Mailout:
    held = Held(row.held_reason or "", row.held_by or "", row.held_at) if row.held_at else None
    names = [name for name in Mailout.__dataclass_fields__ if name != "held"]
    return Mailout(**{name: getattr(row, name) for name in names}, held=held)
