"""Instants and numbers as officers read them in a terminal: always with the zone."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from distributor.policy.clockface import city, lasting, moment
from distributor.policy.numbers import count

__all__ = ["city", "clean", "count", "lasting", "moment", "second"]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def second(instant: datetime, zone: str) -> str:
    """ "17 Jan 11:00:04"; the zone stands in the heading."""
    return f"{instant.astimezone(ZoneInfo(zone)):%-d %b %H:%M:%S}"


def clean(text: object) -> str:
    """Without control characters: what a document or a relay says must not steer the terminal."""
    return _CONTROL.sub("�", str(text))
