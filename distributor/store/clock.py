"""What time it is: the database's clock where several hosts share one, else the system's.

On PostgreSQL `clock_timestamp()` is read at most once a second and carried on by CLOCK_BOOTTIME, so that
hosts with wrong clocks agree. While the database does not answer, the last reading is carried on the same
way; only the first one must succeed. Threads may share a Clock. It judges no jumps: `reading()` says what
`policy.jumps` needs for it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path

from sqlalchemy import func, select

from distributor.errors import Busy
from distributor.model.reading import Reading
from distributor.store.database import Store

_FRESH = timedelta(seconds=1)
_PROMPT = timedelta(seconds=1)
_LONGEST = timedelta(days=20 * 365)
_UPTIME = Path("/proc/uptime")
_BOOT = Path("/proc/sys/kernel/random/boot_id")


def up() -> timedelta:
    """How long this machine has been up, its sleep included (CLOCK_BOOTTIME).

    What pretends another time to programs (libfaketime) may give the wall's for it: then the kernel's file
    counts.
    """
    told = timedelta(microseconds=time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000)
    if told < _LONGEST:
        return told
    try:
        return timedelta(seconds=float(_UPTIME.read_text("ascii").split()[0]))
    except (OSError, ValueError, IndexError):
        return told


@cache
def boot() -> str | None:
    """The name of this start of the machine; a container has its host's. None where the kernel tells none."""
    try:
        return _BOOT.read_text("ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


@dataclass(frozen=True)
class Machine:
    """What nobody can set: how long it has been `up`, and which start of it that was (`boot`)."""

    up: Callable[[], timedelta] = up
    boot: Callable[[], str | None] = boot


HERE = Machine()


@dataclass(frozen=True, slots=True)
class _Read:
    """What the clock said (`then`) when the machine was `up` so long; asked `slack` before."""

    then: datetime
    up: timedelta
    slack: timedelta


class Clock:
    """`now()` is aware UTC. `wall` stands in for the system's or the database's clock."""

    def __init__(
        self, store: Store, *, wall: Callable[[], datetime] | None = None, machine: Machine = HERE
    ) -> None:
        self.machine = machine
        self._store = store
        self._asks = wall is None and not store.is_sqlite
        self._wall = wall or (self._database if self._asks else _system)
        self._up = machine.up
        self._last: _Read | None = None  # one attribute: its parts belong together

    def now(self) -> datetime:
        """The time. On PostgreSQL raises Busy when there has been no reading yet."""
        return self.reading().now if self._asks else self._wall()

    def reading(self) -> Reading:
        """The time, and by what it can be judged. Raises as `now`."""
        last = self._last
        if not self._asks or last is None or self._up() - last.up > _FRESH:
            last = self._read(last)
        now_up = self._up() if self._asks else last.up
        return Reading(last.then + (now_up - last.up), self.machine.boot(), now_up, last.slack)

    def _read(self, last: _Read | None) -> _Read:
        """A new one, or the last one when the database does not answer."""
        try:
            read = self._ask()
        except Busy:
            if last is None:
                raise
            return last
        self._last = read
        return read

    def _ask(self) -> _Read:
        """Ask once more where the machine slept, or the answer took long, between asking and hearing."""
        for _ in range(3):
            before = self._up()
            then = self._wall()
            after = self._up()
            if after - before < _PROMPT:
                break
        return _Read(then, after, after - before)

    def _database(self) -> datetime:
        with self._store.glance() as connection:
            then: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return then.astimezone(UTC)


_system: Callable[[], datetime] = partial(datetime.now, UTC)
