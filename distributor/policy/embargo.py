"""Embargo times as people write them, for every face: one instant, or a refusal with the likely ones.

Reads ISO times with an offset, and wall times ("17 January 2018, 11:00 Brussels time") with a zone by name,
city or abbreviation, else in the configured zone; "until lifted [expected …]"; "immediate". It guesses
nothing: a word it does not know, a missing year, a weekday that does not fit are refused.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from distributor.errors import EmbargoError
from distributor.model.embargo import Embargo, Wave
from distributor.policy import embargowords
from distributor.policy.dates import YEARS
from distributor.policy.instants import Reading, agreed, example, instants, resolve, suggest
from distributor.policy.walltime import Written, midnight, out_of_reach, written
from distributor.policy.zones import Zone

_OFFSET = r"Z|\+\d\d(?::?\d\d)?|-(?:0\d|1[01])(?::?\d\d)?"
_ISO = re.compile(
    rf"(\d{{4}}-\d\d-\d\d)[T ]\s*(\d\d:\d\d(?::\d\d(?:\.\d{{1,6}})?)?)\s*({_OFFSET})", re.IGNORECASE
)
_OTHERWISE = re.compile(r"\((?P<inside>[^()]*\d[:.hH]?\d\d[^()]*)\)|\s[/=]\s(?P<after>.*)")
_EXPECTED = re.compile(
    r"\A(?:(?:is\s+)?(?:expected|scheduled)|prévue?|attendue?|erwartet|voraussichtlich|geplant"
    r"|previst[oa]|verwacht)?\s*:?\s*"
    r"(?:(?:at|on|around|about|vers|à|le|gegen|um|am|circa|alle|a las|sobre|om|rond)\s+)*",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:\d+(?:\.\d+)?\s*(?:s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)(?![a-z])\s*)+", re.IGNORECASE
)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = 200  # characters
_YEAR = timedelta(days=366)
_CENTURY = timedelta(days=36500)
_USUAL = (ZoneInfo("Europe/Brussels"), ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class EmbargoReading:
    """The embargo, and remarks on how it was read that a person must see."""

    embargo: Embargo
    remarks: tuple[str, ...] = ()


def parse(
    text: str,
    *,
    now: datetime,
    timezone: str,
    cet_is_brussels: bool = False,
    language: str | None = None,
    day: date | None = None,
) -> EmbargoReading:
    """The embargo that `text` sets, as design §8.2 “Embargo times”.

    `timezone` is the zone (IANA) of wall times that name none, or "" for none; `language` settles month
    names that differ by language; `day` is that of an expected time that names none. Raises EmbargoError
    with the reason and the likely meant instants.
    """
    bare = _tidy(text)
    if embargowords.at_once(bare):
        return EmbargoReading(Embargo())
    bare = _without_labels(bare)
    rest = embargowords.lifted(bare)
    rest = rest if rest is not None else embargowords.lifted(f"until {bare}")
    settings = _Settings(now, timezone, cet_is_brussels, language)
    if rest is None:
        reading = _future(bare, settings)
        return EmbargoReading(Embargo(instant=reading.instant), reading.remarks)
    return _until_lifted(bare, rest, replace(settings, day=day))


def parse_instant(
    text: str, *, now: datetime, timezone: str, cet_is_brussels: bool = False, language: str | None = None
) -> datetime:
    """The instant (UTC) that `text` names, by the rules of `parse`. Raises EmbargoError."""
    return _future(_tidy(text), _Settings(now, timezone, cet_is_brussels, language)).instant


def parse_moment(text: str, *, now: datetime, timezone: str, cet_is_brussels: bool = False) -> datetime:
    """The instant (UTC) that `text` names, past or to come, by the rules of `parse`. Raises EmbargoError."""
    bare = _tidy(text)
    if len(bare) > _LONGEST:
        raise EmbargoError(f"“{bare[:60]}…” is too long for a time", cure=example(now))
    return _read(bare, _Settings(now, timezone, cet_is_brussels, None)).instant


def parse_wave(
    text: str, *, now: datetime, timezone: str, cet_is_brussels: bool = False, language: str | None = None
) -> Wave:
    """ "TIER=-24h", "TIER=-1h30m" (before the embargo) or "TIER=<instant>". Raises EmbargoError."""
    tier, equals, when = (part.strip() for part in text.partition("="))
    if not (tier and equals and when):
        raise EmbargoError(
            f"“{text}” is not an advance copy",
            cure=f"Write TIER=-24h, or as TIER={(now + timedelta(days=7)).date()} 11:00 Brussels time.",
        )
    if "=" in when:
        raise EmbargoError(f"“{text}” names several tiers", cure="Give each its own: --advance TIER=-24h.")
    tier = tier.casefold()  # as lists name it
    lead = when.lstrip("-–−").strip()
    if not _LEAD.fullmatch(lead):
        settings = _Settings(now, timezone, cet_is_brussels, language)
        return Wave(tier=tier, at=_future(_tidy(when), settings).instant)
    seconds = sum(
        float(number) * _UNITS[unit.lower()] for number, unit in re.findall(r"([\d.]+)\s*([smhdSMHD])", lead)
    )
    if when == lead or not seconds:
        raise EmbargoError(
            f"“{text}” is not before the embargo", cure=f"Write {tier}=-{lead if seconds else '24h'}."
        )
    if seconds > _CENTURY.total_seconds():
        raise EmbargoError(f"“{text}” is more than a century before the embargo", cure=f"Write {tier}=-24h.")
    return Wave(tier=tier, before=timedelta(seconds=seconds))


def _until_lifted(text: str, rest: str, settings: "_Settings") -> EmbargoReading:
    """`rest` is what is said of the expected time, perhaps nothing."""
    remarks: tuple[str, ...] = ()
    if embargowords.event(text) or embargowords.delivery(text):
        remarks = (f"“{text}” is no time: read as “until lifted”",)
    if not rest:
        return EmbargoReading(Embargo(until_lifted=True), remarks)
    try:
        reading = _future(_EXPECTED.sub("", rest, count=1), settings)
    except EmbargoError as error:
        cure = f"{error.cure} Or leave it out: “until lifted”."
        raise EmbargoError(f"the expected time {error.what}", cure=cure) from None
    return EmbargoReading(Embargo(until_lifted=True, expected=reading.instant), (*remarks, *reading.remarks))


@dataclass(frozen=True, slots=True)
class _Settings:
    now: datetime
    timezone: str
    cet_is_brussels: bool
    language: str | None
    day: date | None = None


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" .;*[]")


def _without_labels(text: str) -> str:
    """ "Embargoed: Not for use before 0001 hrs …" has two of them."""
    while (rest := embargowords.after_label(text)) is not None and rest != text:
        text = rest
    return text


def _future(text: str, settings: _Settings) -> Reading:
    if len(text) > _LONGEST:
        raise EmbargoError(f"“{text[:60]}…” is too long for a time", cure=example(settings.now))
    reading = _read(text, settings)
    if reading.instant > settings.now:
        return reading
    later = _a_year_later(reading.instant)
    shown = later.astimezone(ZoneInfo(settings.timezone or "UTC"))
    likely = [shown] if later > settings.now and settings.now - reading.instant < _YEAR else []
    cure = suggest(likely) if likely else "Give a time to come, or “immediate”."
    raise EmbargoError(f"“{text}” has passed ({reading.instant:%Y-%m-%d %H:%M} UTC)", cure=cure)


def _a_year_later(instant: datetime) -> datetime:
    leap_day = (instant.month, instant.day) == (2, 29)
    return instant.replace(year=instant.year + 1, day=28 if leap_day else instant.day)


def _read(text: str, settings: _Settings) -> Reading:
    iso = _ISO.fullmatch(text)
    if iso:
        return _exact(iso, text, now=settings.now)
    other = _OTHERWISE.search(text)
    said = partial(written, now=settings.now, language=settings.language)
    if other is None:
        return _wall(said(text, day=settings.day), text, settings)
    main = said(f"{text[: other.start()]} {text[other.end() :]}", day=settings.day)
    again = said(other["inside"] or other["after"], day=main.wall.date())
    return agreed([_wall(main, text, settings), _wall(again, text, settings)], text=text)


def _exact(iso: re.Match[str], text: str, *, now: datetime) -> Reading:
    """An ISO time with its offset is exact even at 00:00, but whoever wrote it should see which midnight."""
    if iso[2].startswith("24:00"):
        raise midnight(text, date.fromisoformat(iso[1]))
    if not YEARS[0] <= (year := int(iso[1][:4])) < YEARS[1]:
        raise out_of_reach(text, year, now=now)
    try:
        instant = datetime.fromisoformat(f"{iso[1]}T{iso[2]}{iso[3].upper()}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise EmbargoError(f"“{text}”: there is no such day or time", cure=example(now)) from None
    at_midnight = iso[2].startswith("00:00") and iso[3].upper() != "Z"
    remark = f"“{text}” is the minute at which {iso[1]} begins"
    return Reading(instant, (remark,) if at_midnight else ())


def _wall(found: Written, text: str, settings: _Settings) -> Reading:
    zones = found.zones or ((Zone(settings.timezone, key=settings.timezone),) if settings.timezone else ())
    if not zones:
        both = (instant.astimezone(clock) for clock in _USUAL for instant in instants(found.wall, clock))
        raise EmbargoError(f"“{text}” names no time zone", cure=suggest(both))
    meant = partial(resolve, found.wall, text=text, cet_is_brussels=settings.cet_is_brussels)
    exact = {zone: meant(zone) for zone in zones if zone.offset is not None}
    among = [one.instant for one in exact.values()]
    reading = agreed((exact.get(zone) or meant(zone, among=among) for zone in zones), text=text)
    return replace(reading, remarks=(*found.remarks, *reading.remarks))
