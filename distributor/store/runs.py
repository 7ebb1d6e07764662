"""Worker runs: who is alive. A run holds a lock as long as it lives; nobody can forget to release it.

Beside SQLite the lock is flock on a file (one host), on PostgreSQL a session advisory lock held by a
connection of its own. A run whose lock is free is dead, whatever its heartbeat says.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from distributor.errors import Busy
from distributor.model.reading import Reading
from distributor.store import rows
from distributor.store.clock import HERE, Machine
from distributor.store.database import Store

_LOCK_SPACE = 7423907
_LATELY = 50  # so many runs back; cron begins one each minute

run = rows.run.c


class Lost(Busy):
    """A run may not go on: its lock is gone, or another took it for dead."""


class Run:
    """A living run of this process."""

    def __init__(
        self, *, id: int, store: Store, lock: "Connection | int", asleep: timedelta, machine: Machine
    ) -> None:
        self.id = id
        self._store = store
        self._lock = lock
        self._limit = asleep
        self._machine = machine
        self._beaten = machine.up()

    @property
    def asleep(self) -> bool:
        """True when it has not beaten for longer than it may: the machine slept. It begins nothing more."""
        return self._machine.up() - self._beaten > self._limit

    def beat(self, *, now: datetime) -> None:
        """Say that the run lives. Raises Lost when it must stop at once, or was asleep.

        A busy SQLite says nothing of the lock, which is a file's; PostgreSQL's lock ends with its session.
        """
        if self.asleep:
            raise Lost("the run was asleep", where=f"run {self.id}", cure="Another begins.")
        try:
            alive = self._say(now)
        except Busy:
            return
        except SQLAlchemyError as error:
            raise Lost("the run has lost its lock", where=f"run {self.id}", cure="It stops.") from error
        if not alive:
            raise Lost("the run was taken for dead", where=f"run {self.id}", cure="It stops.")

    def _say(self, now: datetime) -> bool:
        beaten = self._machine.up()
        said = {"living": self.id, "heartbeat_at": now, "boot": self._machine.boot(), "up": beaten}
        if isinstance(self._lock, int):
            with self._store.write() as connection:
                found = bool(connection.execute(_BEAT, said).rowcount)
        else:
            with self._lock.begin():
                found = bool(self._lock.execute(_BEAT, said).rowcount)
        self._beaten = beaten
        return found


_BEAT = (
    update(rows.run)
    .where(run.id == bindparam("living"), run.ended_at.is_(None))
    .values(heartbeat_at=bindparam("heartbeat_at"), boot=bindparam("boot"), up=bindparam("up"))
)


@contextmanager
def started(
    store: Store, *, now: datetime, asleep: timedelta = timedelta.max, machine: Machine = HERE
) -> Iterator[Run]:
    """A new run, with its lock, until the end of the block. One that slept longer than `asleep` is lost."""
    with store.write() as connection:
        values = {"host": socket.gethostname(), "pid": os.getpid(), "started_at": now, "heartbeat_at": now}
        values |= {"boot": machine.boot(), "up": machine.up()}
        id = int(connection.execute(insert(rows.run).values(**values).returning(run.id)).scalar_one())
        lock = _take(store, id)
    if lock is None:
        raise Busy("its lock is taken", where=f"run {id}", cure="Start again.")
    try:
        yield Run(id=id, store=store, lock=lock, asleep=asleep, machine=machine)
    finally:
        _release(lock)
        _forget(store, id)


def ended(connection: Connection, *, id: int, now: datetime) -> bool:
    """Mark a run as over; False when it was already. From then on its guard and its answers fail."""
    changed = connection.execute(
        update(rows.run).where(run.id == id, run.ended_at.is_(None)).values(ended_at=now)
    )
    return bool(changed.rowcount)


def has_work(connection: Connection, *, id: int) -> bool:
    """True when the run still has deliveries under way: then `recover` must see to them."""
    d = rows.delivery.c
    return bool(connection.execute(select(d.id).where(d.run_id == id, d.state == "sending").limit(1)).first())


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a run can hand over nothing, and since when."""

    reason: str
    since: datetime


def note(connection: Connection, *, id: int, trouble: str | None, now: datetime) -> None:
    """Say why the run can hand over nothing now; None: it can. Trouble goes on from the run before."""
    values = {"trouble": trouble, "trouble_at": None if trouble is None else _since(connection, id) or now}
    connection.execute(update(rows.run).where(run.id == id).values(**values))


def _since(connection: Connection, id: int) -> datetime | None:
    """When the trouble of a run began, if it had any before: in its own time, or in the last run's."""
    found = select(run.trouble_at).where(run.id <= id).order_by(run.id.desc()).limit(2)
    return next((at for at in connection.scalars(found) if at is not None), None)


def trouble(connection: Connection) -> Trouble | None:
    """The oldest trouble of the runs that are not over; of the last one, when all are."""
    found = connection.execute(_TROUBLE).all() or connection.execute(_LAST_TROUBLE).all()
    return next((Trouble(row.trouble, row.trouble_at) for row in found if row.trouble), None)


_TROUBLE = select(run.trouble, run.trouble_at).where(run.ended_at.is_(None)).order_by(run.trouble_at)
_LAST_TROUBLE = select(run.trouble, run.trouble_at).order_by(run.id.desc()).limit(1)


def any_alive(connection: Connection, *, since: datetime) -> bool:
    """Whether a run that is not over has said since then that it lives."""
    return connection.execute(_ALIVE, {"since": since}).first() is not None


_SAID = bindparam("since", type_=run.heartbeat_at.type)
_ALIVE = select(run.id).where(run.ended_at.is_(None), run.heartbeat_at >= _SAID).limit(1)


def alone(connection: Connection, *, reading: Reading) -> timedelta | None:
    """For how long no run has been alive; None before any. By this machine's own time where it was up."""
    if reading.boot is None:
        return None
    lately = or_(run.ended_at.is_(None), run.id > select(func.max(run.id) - _LATELY).scalar_subquery())
    here = connection.execute(select(func.max(run.up)).where(run.boot == reading.boot, lately)).scalar()
    other = or_(run.boot.is_(None), run.boot != reading.boot)
    elsewhere = connection.execute(select(func.max(run.heartbeat_at)).where(other, lately)).scalar()
    gaps = [reading.up - here] if here is not None else []
    gaps += [reading.now - elsewhere] if elsewhere is not None else []
    return min(gaps, default=None)


def mute(connection: Connection, *, since: datetime) -> datetime | None:
    """When the run that has been silent for the longest said last that it lives, if that is before `since`.

    A run that is not over beats each second: it cannot write, or it died and nobody can write that down.
    """
    at: datetime | None = connection.scalar(_MUTE, {"since": since})
    return at


_MUTE = select(func.min(run.heartbeat_at)).where(run.ended_at.is_(None), run.heartbeat_at < _SAID)


def not_ended(connection: Connection) -> list[int]:
    """Runs that have not said that they are over: alive, or dead by a crash."""
    return list(connection.scalars(_NOT_ENDED))


_NOT_ENDED = select(run.id).where(run.ended_at.is_(None)).order_by(run.id)


@contextmanager
def proven_dead(store: Store, *, id: int) -> Iterator[bool]:
    """True when the run's lock is free; it stays ours within the block, so that nobody else recovers it."""
    lock = _take(store, id)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            _release(lock)
            _forget(store, id)


def _take(store: Store, id: int) -> "Connection | int | None":
    if store.path is not None:
        return _flock(_lock_file(store.path, id))
    try:
        connection = store.engine.connect()
        taken = connection.execute(select(func.pg_try_advisory_lock(_LOCK_SPACE, id))).scalar()
        connection.commit()
    except SQLAlchemyError as error:
        raise Busy("the database does not answer", where=f"run {id}", cure="Try again.") from error
    if taken:
        return connection
    connection.close()
    return None


def _lock_file(database: Path, id: int) -> Path:
    return database.with_name(f"{database.name}.runs") / f"{id}.lock"


def _forget(store: Store, id: int) -> None:
    """Remove the lock's file: an ended run is never asked for again."""
    if store.path is None:
        return
    with store.read() as connection:
        over = connection.execute(select(run.ended_at).where(run.id == id)).scalar()
    if over is not None:
        _lock_file(store.path, id).unlink(missing_ok=True)


def _flock(path: Path) -> int | None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _release(lock: "Connection | int") -> None:
    if isinstance(lock, int):
        os.close(lock)
        return
    lock.invalidate()  # ends the session, and with it the lock
    lock.close()
