"""What time it is: the database's clock where several hosts share one, else the system's.

On PostgreSQL `clock_timestamp()` is read at most once a second and carried on by CLOCK_BOOTTIME, so that
hosts with wrong clocks agree. While the database does not answer, the last reading is carried on the same
way; only the first one must succeed. Threads may share a Clock. It judges no jumps.
"""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from distributor.errors import Busy
from distributor.store.database import Store

_FRESH = 1.0


class Clock:
    """`now()` is aware UTC."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reading: tuple[float, datetime] | None = None  # one attribute: its halves belong together

    def now(self) -> datetime:
        """The time. On PostgreSQL raises Busy when there has been no reading yet."""
        if self._store.is_sqlite:
            return datetime.now(UTC)
        reading = self._reading
        if reading is None or _boottime() - reading[0] > _FRESH:
            reading = self._read(reading)
        return reading[1] + timedelta(seconds=_boottime() - reading[0])

    def _read(self, last: tuple[float, datetime] | None) -> tuple[float, datetime]:
        """A new reading, (CLOCK_BOOTTIME, then), or the last one when the database does not answer."""
        try:
            with self._store.read() as connection:
                then: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        except Busy:
            if last is None:
                raise
            return last
        self._reading = reading = (_boottime(), then.astimezone(UTC))
        return reading


def _boottime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
