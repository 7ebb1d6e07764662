"""Whether embargo access holds at an instant. The guard asks the same of the database (store.access).

A suspension is no end: when it is over, the grant holds again, if it still does.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from distributor.errors import EmbargoError, Refused
from distributor.model.access import Granted, Strike, Suspension
from distributor.policy import embargo

#: How long a strike counts when nobody says otherwise.
COUNTS = timedelta(days=365)
_TIER = re.compile(r"[^\W_][\w-]{0,62}")
_DAYS = re.compile(r"(\d{1,4})\s*d")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def outlet_key(name: str) -> str:
    """An outlet's name folded for comparing: “The  Quay” and “the quay” are one."""
    return " ".join(name.split()).casefold()


def tier(text: str) -> str | None:
    """A tier's name, in small letters as list files have it; None when it is none."""
    return text.strip().lower() if _TIER.fullmatch(text.strip()) else None


def in_force(granted: Granted | None, *, now: datetime) -> bool:
    """The grant holds: not taken back, its end not come."""
    if granted is None or granted.ended_at is not None:
        return False
    return granted.until is None or now < granted.until


def suspended(suspensions: Iterable[Suspension], *, now: datetime) -> Suspension | None:
    """The one that suspends longest now, or None."""
    open_ones = [one for one in suspensions if one.ended_at is None and now < one.until]
    return max(open_ones, key=lambda one: one.until, default=None)


def counting(strikes: Iterable[Strike], *, now: datetime) -> list[Strike]:
    """Those that still count."""
    return [strike for strike in strikes if now < strike.expires_at]


def day(instant: datetime, zone: str) -> str:
    """Its day as a clock in `zone` has it."""
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d}"


def why_not(
    granted: Granted | None, suspensions: Iterable[Suspension], *, now: datetime, zone: str
) -> str | None:
    """Why she gets no advance copy, in words, with days in `zone`; None when she may."""
    if granted is None:
        return "no embargo access"
    if granted.ended_at is not None:
        return f"embargo access taken back {day(granted.ended_at, zone)}"
    if granted.until is not None and not in_force(granted, now=now):
        return f"embargo access ended {day(granted.until, zone)}"
    stops = suspended(suspensions, now=now)
    if stops is None:
        return None
    whose = f"of {stops.outlet} " if stops.outlet else ""
    return f"embargo access {whose}suspended until {day(stops.until, zone)}: {stops.reason}"


def nothing_granted(*, where: str) -> Refused:
    """Why access cannot be taken back."""
    return Refused("there is no embargo access to take back", where=where)


def not_suspended(*, where: str) -> Refused:
    """Why no suspension can be ended."""
    return Refused("is not suspended", where=where, cure="“distributor contacts show” says how it is.")


def end(text: str, *, now: datetime, timezone: str, where: str) -> datetime:
    """When something ends: “90d”, “2030-12-31” (that whole day, in `timezone`) or a time as of an embargo.

    Raises Refused when it is none, or has passed.
    """
    try:
        found = _end(text.strip(), now=now, timezone=timezone)
    except EmbargoError as error:
        raise Refused(
            error.what,
            where=where,
            cure=f"Write 90d, {now + timedelta(days=90):%Y-%m-%d} or a time with its zone.",
        ) from None
    if found <= now:
        raise Refused(f"“{text[:40]}” has passed", where=where, cure="Give a day to come.")
    return found


def _end(text: str, *, now: datetime, timezone: str) -> datetime:
    if days := _DAYS.fullmatch(text):
        return now + timedelta(days=int(days[1]))
    if not _DATE.fullmatch(text):
        return embargo.parse_instant(text, now=now, timezone=timezone)
    try:
        last = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone))
        return last.replace(hour=23, minute=59, second=59).astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError):
        raise EmbargoError(f"“{text}” is no day") from None
