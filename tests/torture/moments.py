"""Instants of five years, dense where clocks change, and how people write them down.

A wall time is made from its instant, never the other way round: what the program reads back is held against
the instant that was there before.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

START = datetime(2027, 1, 1, tzinfo=UTC)
END = datetime(2032, 1, 1, tzinfo=UTC)
ZONES = (
    "Europe/Brussels",
    "Europe/London",
    "America/New_York",
    "America/Santiago",
    "Africa/Casablanca",  # back for Ramadan, forward after it
    "Africa/Cairo",  # at midnight
    "Asia/Kolkata",  # never
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Auckland",
)
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)
_FOLDS = tuple(timedelta(minutes=sign * number) for number in (30, 60, 120) for sign in (1, -1))


class Change(NamedTuple):
    """The clocks of `zone` change at `at`."""

    at: datetime
    zone: str


class Written(NamedTuple):
    """`text` as somebody writes the instant down; `twice`: it says two instants, and must be refused."""

    text: str
    twice: bool


@cache
def changes() -> tuple[Change, ...]:
    """Every change of a clock in the five years, in their order."""
    found = []
    for zone in ZONES:
        clock, day = ZoneInfo(zone), START
        while day < END:
            if _offset(day, clock) != _offset(day + _DAY, clock):
                found.append(Change(_minute(day, day + _DAY, clock), zone))
            day += _DAY
    return tuple(sorted(found))


def near(at: datetime, chance: random.Random) -> datetime:
    """A full minute within two hours of it. `around` gives back what it is near to."""
    return (at + timedelta(minutes=chance.randint(-120, 120))).replace(second=0, microsecond=0)


def written(instant: datetime, zone: str, chance: random.Random) -> Written:
    """By the clock of `zone`, or with the offset."""
    here = instant.astimezone(ZoneInfo(zone))
    if chance.random() < 0.2 or (here.hour, here.minute) == (0, 0):  # bare midnight is a question of its own
        return Written(here.isoformat(), twice=False)
    form = chance.choice(["%Y-%m-%d %H:%M", "%d %B %Y, %H:%M", "%A %d %B %Y, %H:%M"])
    return Written(f"{here.strftime(form)} {zone}", twice=_twice(instant, ZoneInfo(zone)))


def missing(change: Change) -> str | None:
    """A wall time that this change leaves out, or None."""
    clock = ZoneInfo(change.zone)
    before = (change.at - _MINUTE).astimezone(clock).replace(tzinfo=None)
    after = change.at.astimezone(clock).replace(tzinfo=None)
    left_out = before + 2 * _MINUTE
    return f"{left_out:%Y-%m-%d %H:%M} {change.zone}" if left_out < after else None


def told(instant: datetime | None) -> str:
    """X-Embargo-Until."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ") if instant else "until lifted"


def within(start: datetime, end: datetime) -> Sequence[Change]:
    """The changes from `start` on, before `end`."""
    return [change for change in changes() if start <= change.at < end]


def around(at: datetime) -> Sequence[Change]:
    """The changes within two hours of it."""
    return within(at - timedelta(hours=2, minutes=1), at + timedelta(hours=2, minutes=1))


def _offset(at: datetime, clock: ZoneInfo) -> timedelta | None:
    return at.astimezone(clock).utcoffset()


def _minute(low: datetime, high: datetime, clock: ZoneInfo) -> datetime:
    """The first minute of the new offset."""
    before = _offset(low, clock)
    while high - low > _MINUTE:
        middle = low + (high - low) // 2
        middle = middle.replace(second=0, microsecond=0)
        middle = middle if middle > low else low + _MINUTE
        low, high = (middle, high) if _offset(middle, clock) == before else (low, middle)
    return high


def _twice(instant: datetime, clock: ZoneInfo) -> bool:
    wall = instant.astimezone(clock).replace(tzinfo=None)
    return any((instant + by).astimezone(clock).replace(tzinfo=None) == wall for by in _FOLDS)
