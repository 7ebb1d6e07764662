"""Instants as people read them, in a language and in several zones, all from the one instant.

Zones are IANA names; places are named in the reader's language ("Bruxelles"). 24-hour clock everywhere.
It does not ask what time it is now.
"""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_location

from distributor.mail.catalogue import locale
from distributor.policy.instants import doubled

_SEPARATOR = " · "


def subject_moment(instant: datetime, *, zone: str, language: str) -> str:
    """Short, for a subject: "Wed 17 Jan 11:00 Brussels"."""
    pattern = f"{_short(language)} d MMM {_hours(instant)}"
    moment = format_datetime(instant, pattern, tzinfo=ZoneInfo(zone), locale=locale(language))
    return f"{moment} {_named(instant, zone, language=language)}"


def day(value: date, *, language: str) -> str:
    """ "17 January 2018"."""
    return format_date(value, "long", locale=locale(language))


def weekday(value: date, *, language: str) -> str:
    """ "Wednesday 17 January 2018"."""
    return format_date(value, "full", locale=locale(language))


def zones_line(instant: datetime, *, zones: Sequence[str], language: str) -> str:
    """ "Wednesday 17 January 2018, 11:00 Brussels · 10:00 London · 10:00 UTC"."""
    weekday_and_date, clocks = moments(instant, zones=zones, language=language)
    return f"{weekday_and_date}, {_SEPARATOR.join(clocks)}"


def moments(instant: datetime, *, zones: Sequence[str], language: str) -> tuple[str, tuple[str, ...]]:
    """The day with its weekday in the first zone, and the clock of every zone; UTC is always there.

    A zone where it is another day says which: "Thu 00:30 Sydney".
    """
    shown = list(dict.fromkeys([*zones, "UTC"]))
    first = instant.astimezone(ZoneInfo(shown[0])).date()
    clocks = [_clock(instant, zone=zone, day_shown=first, language=language) for zone in shown]
    return weekday(first, language=language), tuple(clocks)


def place(zone: str, *, language: str) -> str:
    """The city of an IANA zone, in the language; "UTC" for UTC."""
    if zone in ("UTC", "Etc/UTC"):
        return "UTC"
    return get_timezone_location(ZoneInfo(zone), locale=locale(language), return_city=True) or zone


def _clock(instant: datetime, *, zone: str, day_shown: date, language: str) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    pattern = _hours(instant) if local.date() == day_shown else f"{_short(language)} {_hours(instant)}"
    clock = format_datetime(local, pattern, tzinfo=local.tzinfo, locale=locale(language))
    return f"{clock} {_named(instant, zone, language=language)}"


def _named(instant: datetime, zone: str, *, language: str) -> str:
    """The place, and where its clock shows this time twice that night, which of the two it is."""
    return f"{doubled(instant, ZoneInfo(zone))} {place(zone, language=language)}".strip()


def _short(language: str) -> str:
    """The pattern of a weekday, in short where that is more than a letter ("N" is Thursday in Estonian)."""
    names = locale(language).days["format"]["abbreviated"].values()
    return "EEE" if all(len(name) > 1 for name in names) else "EEEE"


def _hours(instant: datetime) -> str:
    """Seconds are shown where there are any: a minute read without them would be too early."""
    return "HH:mm:ss" if instant.second else "HH:mm"
