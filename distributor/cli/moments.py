"""Instants and numbers as officers read them in a terminal: always with the zone."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from distributor.model.headertext import escaped
from distributor.policy.clockface import city, lasting, moment
from distributor.policy.numbers import count

__all__ = ["city", "clean", "count", "lasting", "moment", "second"]

#: Control characters, marks of direction, what has no width or is half a character.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def second(instant: datetime, zone: str) -> str:
    """ "17 Jan 11:00:04"; the zone stands in the heading."""
    return f"{instant.astimezone(ZoneInfo(zone)):%-d %b %H:%M:%S}"


def clean(text: object) -> str:
    """With what is hidden written out ("\\u202e"): a text or a relay must not steer the terminal."""
    return _HIDDEN.sub(lambda found: escaped(found[0]), str(text))
