"""Instants and stretches of time as officers read them: with weekday and zone, in words."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from distributor.policy.instants import doubled
from distributor.policy.numbers import count

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def moment(instant: datetime, zone: str) -> str:
    """ "Wed 17 Jan 2018 11:00 Brussels"; with the seconds where there are any.

    An hour that comes twice that night says which: "Sun 25 Oct 2026 02:30 UTC+2 Brussels".
    """
    return _moment(instant.astimezone(UTC), zone)  # in UTC no two that differ are equal


@lru_cache(4096)  # a table says the same one in each row
def _moment(instant: datetime, zone: str) -> str:
    clock = "%H:%M:%S" if instant.second else "%H:%M"
    place = ZoneInfo(zone)
    which = doubled(instant, place)
    return f"{instant.astimezone(place):%a %-d %b %Y {clock}} {f'{which} ' * bool(which)}{city(zone)}"


def city(zone: str) -> str:
    """ "Brussels"."""
    return zone.rpartition("/")[2].replace("_", " ")


def stretch(length: timedelta) -> str:
    """ "24 hours", "10 days", "90 minutes": the largest unit that fits at least twice and without a rest."""
    seconds = round(length.total_seconds())
    for size, unit in _UNITS:
        number, rest = divmod(seconds, size)
        if not rest and (number >= 2 or (number == 1 and unit != "day")):
            return count(number, unit)
    return f"{seconds} seconds"


def about(length: timedelta) -> str:
    """ "45 seconds", "90 minutes", "26 hours", "3 days": as near as people want to know."""
    seconds = length.total_seconds()
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= 2 * size), _UNITS[-1])
    return count(round(seconds / size), unit)


def lasting(ms: float) -> str:
    """ "5 ms", "1.2 s", "3 min 10 s", "2 h 5 min", "3 d 4 h": two units at most."""
    if ms < 1000:
        return f"{ms:.0f} ms"
    if ms < 59_950:
        return f"{ms / 1000:.1f} s".replace(".0 s", " s")
    rest = round(ms / 1000)
    parts: list[str] = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        number, rest = divmod(rest, size)
        parts += [f"{number} {unit}"] if number else ["" for _ in parts[:1]]
    return " ".join(part for part in parts[:2] if part)
