"""Mailouts: planned, read, moved on. What the stages look for is `agenda`, what is held and why `holds`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from distributor.model.release import Held
from distributor.policy.lifecycle import MAILOUT, MailoutState
from distributor.policy.plan import RELEASE, Planned
from distributor.store import batches, rows
from distributor.store.live import live
from distributor.store.tables import PLANNED_ONCE
from distributor.store.transitions import move, statement

m, r = rows.mailout.c, rows.release.c


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


def get(connection: Connection, *, id: int) -> Mailout:
    return mailout(connection.execute(_GET, {"id": id}).one())


_GET = select(rows.mailout).where(m.id == bindparam("id"))


def of_release(connection: Connection, *, release_id: int) -> list[Mailout]:
    """All mailouts of a release, in order of their instants."""
    return [mailout(row) for row in connection.execute(_OF_RELEASE, {"release": release_id})]


_OF_RELEASE = select(rows.mailout).where(m.release_id == bindparam("release")).order_by(m.due, m.id)


def were_cancelled(found: Iterable[Mailout]) -> bool:
    """Whether the newest release mailout is: what was planned anew is none."""
    releases = (one for one in found if one.kind == RELEASE and not one.extra)
    last = max(releases, key=lambda one: one.id, default=None)
    return last is not None and last.state == MailoutState.CANCELLED and not last.replaced


def state(connection: Connection, *, id: int) -> str:
    return str(connection.execute(_STATE, {"id": id}).scalar_one())


_STATE = select(m.state).where(m.id == bindparam("id"))


def prepared(connection: Connection, *, id: int) -> bool:
    """planned → prepared; False when another did it first."""
    return bool(connection.execute(_PREPARE, {"mailout": id}).rowcount)


def opened(connection: Connection, *, id: int, now: datetime) -> bool:
    """prepared → sending; False when another did it first, or it is held by now, or not due."""
    return bool(connection.execute(_OPEN, {"mailout": id, "now": now}).rowcount)


def finished(connection: Connection, *, id: int, now: datetime) -> bool:
    return bool(connection.execute(_FINISH, {"mailout": id, "now": now}).rowcount)


_MINE, _NOW = m.id == bindparam("mailout"), bindparam("now", type_=m.due.type)
_FREE = exists().where(r.id == m.release_id, live())
_PREPARE = statement(rows.mailout, MAILOUT, "prepare", _MINE)
_OPEN = statement(rows.mailout, MAILOUT, "open", _MINE, m.due <= _NOW, _FREE, opened_at=_NOW)
_FINISH = statement(rows.mailout, MAILOUT, "finish", _MINE, finished_at=_NOW)


def cancel(connection: Connection, *, ids: Sequence[int], now: datetime) -> int:
    """Cancel mailouts and their batches; returns how many. `endings.end` ends what waits in them."""
    gone = move(connection, rows.mailout, MAILOUT, "cancel", m.id.in_(ids), finished_at=now)
    batches.close_of(connection, mailout_ids=ids)
    return gone


def replace(connection: Connection, *, ids: Sequence[int], now: datetime) -> None:
    """Cancel mailouts that are planned anew."""
    cancel(connection, ids=ids, now=now)
    connection.execute(update(rows.mailout).where(m.id.in_(ids)).values(replaced=True))


def mailout(row: Row[Any]) -> Mailout:
    """A row of the mailout table as a value."""
    held = Held(row.held_reason or "", row.held_by or "", row.held_at) if row.held_at else None
    names = [name for name in Mailout.__dataclass_fields__ if name != "held"]
    return Mailout(**{name: getattr(row, name) for name in names}, held=held)
