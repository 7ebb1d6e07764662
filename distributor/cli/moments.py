"""Instants and numbers as officers read them in a terminal: always with the zone."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from distributor.policy.clockface import city, moment
from distributor.policy.numbers import count

__all__ = ["city", "clean", "count", "lasting", "moment", "second"]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def second(instant: datetime, zone: str) -> str:
    """ "17 Jan 11:00:04"; the zone stands in the heading."""
    return f"{instant.astimezone(ZoneInfo(zone)):%-d %b %H:%M:%S}"


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


def clean(text: object) -> str:
    """Without control characters: what a document or a relay says must not steer the terminal."""
    return _CONTROL.sub("�", str(text))
