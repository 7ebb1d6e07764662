"""A date and a time of day as written, with the zones named beside them: what a clock on a wall shows.

It says what was written and refuses what is incomplete or contradicts itself; which instant it means is
decided in `policy.instants`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from distributor.errors import EmbargoError
from distributor.policy import zones
from distributor.policy.dates import YEARS, Found, find, folded, weekdays
from distributor.policy.instants import example
from distributor.policy.zones import Zone

_TIME = re.compile(
    r"(?<![\w.:])(?:T\s?)?(?P<hour>\d{1,2})\s?[:.hH]\s?(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,6})?)?(?!\d)"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?"
    r"|(?<![\w.:])(?P<hour3>\d{1,2})\s?(?P<half3>[ap])\.?m\b\.?"
    r"|(?<![\w.:])(?P<four>\d{4})(?=\s*(?:hrs|hours|hr|h|uhr)?\b)"
    r"|(?<![\w.:])(?P<hour2>\d{1,2})\.?\s*(?:uhr|hrs|h|heures?|horas?|hours|uur|o['’]clock|uri|ura|sati?|hod(?:in\w*)?"
    r"|ór[aá]\w*|val|часа?)\b"
    r"|\b(?:kl|klo|kello|klockan|klokken|godz|godzinie|kell|plkst|pulksten|ore|ora|orele)\.?\s+(?P<hour4>\d{1,2})"
    r"(?!\d|\s?[.:hH]\s?\d)"
    r"|\b(?P<noon>noon|midday|midi|mittags?|mediodía|mezzogiorno)\b",
    re.IGNORECASE,
)
_MIDNIGHT = re.compile(
    r"\b(?:midnight|minuit|mitternachts?|medianoche|mezzanotte|meia-noite|middernacht|midnat|midnatt|keskiyö\w*"
    r"|północ\w*|půlnoc\w*|polnoc\w*|éjfél\w*|ponoć\w*|miezul nopții|полунощ|μεσάνυχτα)\b",
    re.IGNORECASE,
)
_SMALL_WORDS = """
    at on the of until till not before hrs hr hours o'clock oclock time from and a à au aux le la les
    jusqu'au jusqu'à heure heures h du um uhr am den der dem bis zum ab zeit el las los del de dia em às até
    di il alle ore al fino op om uur tot tijd kl klo kello klokken d o godz godzina r roku do v ve w dne dňa
    u ob sat ura hodin hod la ora orele г год в часа ч ώρα στις την της m i gada plkst pulksten val night
    asti saakka kell kella óra órakor óráig óra-ig horas на sati sata hodine godzinie klockan fil fis-siegħa
"""
_MEANINGLESS = frozenset(folded(word) for word in _SMALL_WORDS.split())


@dataclass(frozen=True, slots=True)
class Written:
    """A naive wall time, the zones named with it, and remarks on how it was read."""

    wall: datetime
    zones: tuple[Zone, ...]
    remarks: tuple[str, ...] = ()


def written(text: str, *, now: datetime, language: str | None, day: date | None = None) -> Written:
    """What `text` says. `day` stands in where it names no date. Raises EmbargoError."""
    found = find(text, language=language)
    rest = f"{text[: found.start]} , {text[found.end :]}" if found else text
    if zones.is_local(rest):
        raise EmbargoError(
            f"“{text}”: it does not say whose local time", cure="Name the place, as in “11:00 Brussels time”."
        )
    named, rest = zones.take(rest)
    remarks = _remarks(text, found)
    on = _date(text, found, now=now, day=day, rest=rest)
    hour, minute, second, rest = _clock(text, rest, on=on, now=now)
    _weekday(text, rest, on=on, language=language, now=now)
    return Written(datetime(on.year, on.month, on.day, hour, minute, second), named, remarks)  # noqa: DTZ001


def _remarks(text: str, found: Found | None) -> tuple[str, ...]:
    if found is None or not found.swappable or found.date is None:
        return ()
    return (f"“{text}” was read day first: {found.date:%Y-%m-%d}",)


def _date(text: str, found: Found | None, *, now: datetime, day: date | None, rest: str) -> date:
    if found is None and day is not None:
        return day
    if found is None:
        if _TIME.search(rest):
            raise EmbargoError(f"“{text}” names no date", cure=example(now))
        what = f"“{text}” is not a time" if text else "no time is given"
        raise EmbargoError(what, cure=f"{example(now).rstrip('.')}, as “until lifted”, or as “none”.")
    if found.year is not None and not YEARS[0] <= found.year < YEARS[1]:
        raise out_of_reach(text, found.year, now=now)
    if found.date is None:
        raise EmbargoError(f"“{text}”: {_why_no_date(found)}", cure=_likely_dates(found, now))
    return found.date


def _why_no_date(found: Found) -> str:
    if len(found.months) > 1:
        return "the month's name means different months in different languages"
    return "there is no such day" if found.year else "the year is missing"


def _likely_dates(found: Found, now: datetime) -> str:
    dates = [day.isoformat() for day in _possible(found, now)]
    return f"Did you mean {' or '.join(dates)}? Write it so, with the time." if dates else example(now)


def _possible(found: Found, now: datetime) -> Iterator[date]:
    for month in found.months:
        for year in [found.year] if found.year else [now.year, now.year + 1]:
            try:
                day = date(year, month, found.day)
            except ValueError:
                continue
            if found.year or day >= now.date():
                yield day
                break


def out_of_reach(text: str, year: int, *, now: datetime) -> EmbargoError:
    """The refusal of a year that nobody means."""
    if year < now.year:
        return EmbargoError(f"“{text}” has long passed", cure=example(now))
    return EmbargoError(
        f"“{text}” is too far ahead",
        cure=f"Give a time before the year {YEARS[1]}, or say “until lifted”.",
    )


def _clock(text: str, rest: str, *, on: date, now: datetime) -> tuple[int, int, int, str]:
    if _MIDNIGHT.search(rest):
        raise midnight(text, on)
    match = _TIME.search(rest)
    if match is None:
        raise EmbargoError(
            f"“{text}” names no time of day", cure=f"Write {on} 00:01 if you mean from that day on."
        )
    hour, minute, second, end = _numbers(match)
    if (hour, minute) in ((0, 0), (24, 0)):
        raise midnight(text, on)
    if hour > 23 or minute > 59 or second > 59:
        raise EmbargoError(f"“{text}”: there is no such time of day", cure=example(now))
    return hour, minute, second, f"{rest[: match.start()]} {rest[end:]}"


def _numbers(match: re.Match[str]) -> tuple[int, int, int, int]:
    """Hour, minute, second, and where the time ends in the text."""
    if match["noon"]:
        return 12, 0, 0, match.end()
    if match["four"]:
        return int(match["four"][:2]), int(match["four"][2:]), 0, match.end()
    hour = int(match["hour"] or match["hour2"] or match["hour3"] or match["hour4"])
    minute, second = int(match["minute"] or 0), int(match["second"] or 0)
    half, end = (match["half"] or match["half3"] or "").lower(), match.end()
    if half and hour > 12:  # "13:00 am 3. März": not a half of the day, but German for "on"
        end, half = match.end("second") if match["second"] else match.end("minute"), ""
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, minute, second, end


def midnight(text: str, on: date) -> EmbargoError:
    """The refusal of a midnight, with what may have been meant."""
    before = on - timedelta(days=1)
    return EmbargoError(
        f"“{text}”: midnight may be where {on} begins or where it ends",
        cure=f"Did you mean {on} 00:01, {before} 23:59 or {on} 23:59? Write it so, with the zone.",
    )


def _weekday(text: str, rest: str, *, on: date, language: str | None, now: datetime) -> None:
    for word in re.findall(r"[^\s,;:()/|]+", rest):
        if folded(word).strip(".-–—") in ("", *_MEANINGLESS):
            continue
        days = weekdays(word.strip(".-–—"), language=language)
        if not days:
            raise EmbargoError(f"“{text}”: “{word}” is not understood", cure=example(now))
        if on.weekday() not in days:
            raise _wrong_weekday(text, on, days)


def _wrong_weekday(text: str, on: date, days: frozenset[int]) -> EmbargoError:
    near = sorted(
        (on + timedelta(days=n) for n in range(-6, 7) if (on + timedelta(days=n)).weekday() in days),
        key=lambda day: abs(day - on),
    )
    likely = " or ".join(f"{day:%a} {day}" for day in (on, *near[:2]))
    return EmbargoError(
        f"“{text}”: {on} is a {on:%A}", cure=f"Did you mean {likely}? Write it so, with the time."
    )
