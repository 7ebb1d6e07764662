"""Time as it is, and the clocks that tell it: right, wrong by up to five minutes, or set while all runs.

`Truth` alone knows the time. Each machine has a clock of its own, and a time since its start that nobody can
set. On PostgreSQL workers have hosts of their own and the database's clock is the truth's; on SQLite they
share one machine, whose clock somebody sets.
"""

import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psycopg
import time_machine

from distributor.pipeline import flow, transaction
from distributor.store.clock import Clock, Machine
from distributor.store.database import Store

FARTHEST = 300  # seconds
_OWN_CLOCK = (
    "CREATE SCHEMA IF NOT EXISTS torture",
    "CREATE TABLE IF NOT EXISTS torture.truth (at timestamptz NOT NULL) WITH (fillfactor = 10)",
    "DELETE FROM torture.truth",
    "INSERT INTO torture.truth VALUES (now())",
    "CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE "
    "AS 'SELECT at FROM torture.truth'",
)


@dataclass
class Truth:
    """What time it is. It only goes on."""

    now: datetime
    began: datetime = field(init=False)
    database: psycopg.Connection | None = None
    _told: datetime | None = None

    def __post_init__(self) -> None:
        self.began = self.now

    def elapsed(self) -> float:
        """As CLOCK_BOOTTIME goes on."""
        return (self.now - self.began).total_seconds()

    def to(self, at: datetime) -> None:
        self.now = max(self.now, at)
        if self.database is not None and self._told != self.now:
            self.database.execute("UPDATE torture.truth SET at = %s", (self.now,))
            self._told = self.now

    @contextmanager
    def in_postgres(self, url: str) -> Iterator[str]:
        """The URL of that database with a clock of its own: what it calls clock_timestamp() is the truth."""
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as self.database:
            for statement in _OWN_CLOCK:
                self.database.execute(statement)
            self.to(self.now)
            yield f"{url}{'&' if '?' in url else '?'}options=-csearch_path%3Dpublic,pg_catalog"
        self.database = None


@dataclass
class Host:
    """A machine: its clock is `off`, and it was started at `booted`. Nobody can set what it counts since."""

    truth: Truth
    off: timedelta
    booted: datetime
    boot: str

    def wall(self) -> datetime:
        return self.truth.now + self.off

    @property
    def machine(self) -> Machine:
        return Machine(up=lambda: self.truth.now - self.booted, boot=lambda: self.boot)

    def clock(self, store: Store) -> Clock:
        """What the program is told there: on PostgreSQL by the database, else by this machine."""
        wall = self.wall if store.is_sqlite else None
        return Clock(store, wall=wall, machine=self.machine)

    def start_again(self) -> None:
        self.booted, self.boot = self.truth.now, f"{self.boot}+"


def hosts(truth: Truth, number: int, chance: random.Random, *, apart: bool) -> list[Host]:
    """`apart`: one for each worker, the first five minutes fast, the second slow; else all share one."""

    def host(place: int, off: float) -> Host:
        return Host(truth, timedelta(seconds=off), truth.now - timedelta(days=1 + place), f"host{place}")

    if not apart:
        return [host(0, 0)] * number
    offs = [FARTHEST, -FARTHEST, *(chance.uniform(-FARTHEST, FARTHEST) for _ in range(number - 2))]
    return [host(place, off) for place, off in enumerate(offs)]


class Process:
    """The clock and the zone of the process itself: whoever looks at them is told what its host says."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def on(self, host: Host) -> None:
        self._traveller.move_to(_bare(host.wall()))


@contextmanager
def flowing(truth: Truth, *, zone: str, chance: random.Random) -> Iterator[Process]:
    """Time is what `truth` says, this process is in `zone`, and lots are drawn from `chance`."""
    with ExitStack() as stack:
        for module in (flow, transaction):
            stack.enter_context(_instead(module, "elapsed", truth.elapsed))
        stack.enter_context(_instead(random, "SystemRandom", lambda: chance))
        state = random.getstate()
        stack.callback(random.setstate, state)
        random.seed(chance.random())
        stack.enter_context(_in_zone(zone))
        yield Process(stack.enter_context(time_machine.travel(_bare(truth.now))))


def _bare(at: datetime) -> datetime:
    """The same in UTC without saying so: what has a zone would set this process's."""
    return at.astimezone(UTC).replace(tzinfo=None)


@contextmanager
def _instead(place: object, name: str, value: object) -> Iterator[None]:
    before = getattr(place, name)
    setattr(place, name, value)
    try:
        yield
    finally:
        setattr(place, name, before)


@contextmanager
def _in_zone(zone: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
