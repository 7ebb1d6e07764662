"""Instants and stretches of time as officers read them: with weekday and zone, in words."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from distributor.policy.instants import doubled
from distributor.policy.numbers import count

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def moment(instant: datetime, zone: str) -> str:
    """ "Wed 17 Jan 2018 11:00 Brussels"; with the seconds where there are any.

    An hour that comes twice that night says which: "Sun 25 Oct 2026 02:30 UTC+2 Brussels".
    """
    clock = "%H:%M:%S" if instant.second else "%H:%M"
    which = doubled(instant, ZoneInfo(zone))
    return (
        f"{instant.astimezone(ZoneInfo(zone)):%a %-d %b %Y {clock}} {f'{which} ' * bool(which)}{city(zone)}"
    )


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
