"""What is believed of the clock: when each machine was started by it, and how it jumped since.

A jump is one fact for all machines that share the database: who sees it first writes it down, the others find
that it explains what they see. `policy.jumps` judges; `pipeline.clockwatch` acts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, ScalarSelect, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from distributor.model.reading import Belief
from distributor.store import rows

_LOCK = 7423909
_LATELY = 200  # rows

b, j, run, log = rows.boot.c, rows.jump.c, rows.run.c, rows.log.c


@dataclass(frozen=True, slots=True)
class Jump:
    """A jump to `at`; since then the clock may be so much `ahead`. Zero when somebody said: it is right."""

    id: int
    at: datetime
    ahead: timedelta


def lock(connection: Connection) -> None:
    """Until the end of this transaction nobody else writes down a jump."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def believed(connection: Connection, *, boot: str | None) -> Belief:
    """What a reading on this machine is held against. The jumps since are in it."""
    last = _last(connection)
    started = _started(connection, boot=boot, last=last)
    return Belief(started, last.ahead, last.id) if last else Belief(started)


def _last(connection: Connection) -> Jump | None:
    row = connection.execute(_LAST).first()
    if row is None:
        return None
    return Jump(row.id, row.at, row.ahead if row.confirmed_at is None else timedelta(0))


def _started(connection: Connection, *, boot: str | None, last: Jump | None) -> datetime | None:
    """When the machine was started by the clock as it goes now."""
    row = connection.execute(_STARTED, {"boot": boot}).first()
    if row is None:
        return None
    started: datetime = row.started_at
    if last is None or last.id == row.jump_id:
        return started
    return started + sum(connection.scalars(_SINCE, {"jump": row.jump_id}), timedelta(0))


_LAST = select(rows.jump).order_by(j.id.desc()).limit(1)
_STARTED = select(b.started_at, b.jump_id).where(b.id == bindparam("boot"))
_SINCE = select(j.shift).where(j.id > bindparam("jump"))


def last_written(connection: Connection) -> datetime | None:
    """The newest time that anybody wrote down lately: in the log, or to say that a run lives.

    Several rows are looked at: a command may have written the last one by the clock that is to be judged.
    """
    rows_at = select(log.at).order_by(log.id.desc()).limit(_LATELY).subquery()
    beats_at = select(run.heartbeat_at).order_by(run.id.desc()).limit(_LATELY).subquery()
    logged = connection.execute(select(func.max(rows_at.c.at))).scalar()
    beaten = connection.execute(select(func.max(beats_at.c.heartbeat_at))).scalar()
    return max((at for at in (logged, beaten) if at is not None), default=None)


def add(connection: Connection, *, at: datetime, shift: timedelta, ahead: timedelta, boot: str) -> int:
    """Write a jump down; returns its number."""
    values = {"at": at, "shift": shift, "ahead": ahead, "boot": boot}
    return int(connection.execute(insert(rows.jump).values(**values).returning(j.id)).scalar_one())


def remember(connection: Connection, *, boot: str, started: datetime, jump: int) -> None:
    """When this machine was started by the clock, all jumps up to `jump` included."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {"started_at": started, "jump_id": jump}
    statement = dialect.insert(rows.boot).values(id=boot, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


def unconfirmed(connection: Connection) -> Jump | None:
    """Why embargoed mailouts ask before they open, or None."""
    last = _last(connection)
    return last if last and last.ahead else None


def confirm(connection: Connection, *, by: str, now: datetime) -> timedelta:
    """The clock is right as it goes; returns by how much it may have been ahead, zero if by nothing."""
    last = unconfirmed(connection)
    if last is None:
        return timedelta(0)
    connection.execute(update(rows.jump).where(j.id == last.id).values(confirmed_at=now, confirmed_by=by))
    return last.ahead


def newest() -> ScalarSelect[int]:
    """The number of the newest jump, 0 before any: for statements."""
    return select(func.coalesce(func.max(j.id), 0)).scalar_subquery()
