"""What time it is: the database's clock where several hosts share one, else the system's.

On PostgreSQL `clock_timestamp()` is read at most once a second and carried on by CLOCK_BOOTTIME, so that
hosts with wrong clocks agree. It judges no jumps.
"""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from distributor.store.database import Store

_FRESH = 1.0


class Clock:
    """`now()` is aware UTC."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read_at = float("-inf")
        self._then = datetime.now(UTC)

    def now(self) -> datetime:
        if self._store.is_sqlite:
            return datetime.now(UTC)
        elapsed = time.clock_gettime(time.CLOCK_BOOTTIME) - self._read_at
        if elapsed > _FRESH:
            self._read()
            elapsed = time.clock_gettime(time.CLOCK_BOOTTIME) - self._read_at
        return self._then + timedelta(seconds=elapsed)

    def _read(self) -> None:
        with self._store.read() as connection:
            then: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        self._then = then.astimezone(UTC)
        self._read_at = time.clock_gettime(time.CLOCK_BOOTTIME)
