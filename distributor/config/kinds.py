"""The kinds of values that keys of config.toml have: durations, zones, mailboxes …, and what each refuses.

They say what is wrong with a value, never where: that is told by `mistakes`.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from distributor.errors import AddressError
from distributor.model.address import Address
from distributor.model.headertext import trouble, trouble_of_name
from distributor.policy import languages

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)")
_RATE = re.compile(r"([1-9]\d{0,8})/([smh])")
ID = r"[a-z0-9][a-z0-9-]{0,62}"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=36_500)  # further from now there may be no date


def duration(value: object) -> timedelta:
    """ "90s", "15m", "24h", "2d" or several ("1h 30m"); a number counts seconds. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _lasting(value)
    text = str(value).strip()
    if not re.fullmatch(rf"(?:{_DURATION.pattern}\s*)+", text):
        raise ValueError("write a duration as 90s, 15m, 24h or 2d")
    return _lasting(sum(float(n) * _UNITS[unit] for n, unit in _DURATION.findall(text)))


def _lasting(seconds: float) -> timedelta:
    if not 0 <= seconds <= _LONGEST.total_seconds():  # a NaN is not either
        raise ValueError(f"write a duration from 0s to {_LONGEST.days}d")
    return timedelta(seconds=seconds)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError):
        raise ValueError(f"“{value}” is not an IANA time zone such as Europe/Brussels") from None
    return value


def _address(value: str) -> str:
    if not value:
        return value
    try:
        return Address.parse(value).text
    except AddressError as error:
        raise ValueError(error.what) from None


def _webhook(value: str) -> str:
    """An address that may be posted to, or "". It may hold a secret, so that no refusal repeats it."""
    if not value:
        return value
    wrong = ValueError("write it as https://hooks.example.org/…, without spaces, user or password")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise wrong
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or port == 0:
        raise wrong
    return value


def _line(value: str) -> str:
    wrong = trouble_of_name(value)
    if wrong:
        raise ValueError(f"it holds {wrong}; write it as plain text on one line")
    return value


def _lines(value: str) -> str:
    wrong = trouble(value, lines=True)
    if wrong:
        raise ValueError(f"it holds {wrong}")
    return value


def _filled(value: object) -> object:
    """Before a path is made of it: "" would be the folder itself."""
    if isinstance(value, str) and not value.strip():
        raise ValueError("it is empty; write a value, or leave the key out where it has a default")
    return value


def _path(value: Path) -> Path:
    _lines(str(value))
    return value


def _language(value: str) -> str:
    code = languages.code(value)
    if code is None:
        raise ValueError(f"“{value[:40]}” is no language. {languages.suggestion(value)}")
    return code


def _rate(value: str) -> str:
    return _pace(value) if value else value


def _pace(value: str) -> str:
    if not _RATE.fullmatch(value):
        raise ValueError("write a rate as 30/m, 14/s or 1000/h")
    return value


def per_second(rate: str) -> float:
    """A rate in messages a second; 0: no limit."""
    number, _, unit = rate.partition("/")
    return int(number) / _UNITS[unit] if unit else 0.0


def _domain(value: str) -> str:
    name = value.strip().rstrip(".")
    try:
        return Address.parse(f"x@{name}").domain if name else ""
    except AddressError:
        raise ValueError(f"“{value[:80]}” is no domain such as example.org") from None


def _selector(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", value):
        raise ValueError("a selector is made of letters, digits and dashes")
    return value


def _publisher(value: str) -> str:
    if not re.fullmatch(ID, value):
        raise ValueError("an id is made of small letters, digits and dashes, such as green-group")
    return value


Filled = BeforeValidator(_filled)  # for what is nothing without a value

Duration = Annotated[timedelta, BeforeValidator(duration)]
Zone = Annotated[str, AfterValidator(_zone)]
Line = Annotated[str, AfterValidator(_line)]
Lines = Annotated[str, AfterValidator(_lines)]
Link = Annotated[Line, Field(pattern=r"^(https?://[^\s/]+[^\s]*)?$")]
Webhook = Annotated[str, AfterValidator(_webhook)]
File = Annotated[Path, BeforeValidator(_filled), AfterValidator(_path)]
Mailbox = Annotated[str, AfterValidator(_address)]
Mailboxes = tuple[Annotated[Mailbox, Filled], ...]
Language = Annotated[str, AfterValidator(_language)]
Domain = Annotated[str, AfterValidator(_domain)]
Rate = Annotated[str, AfterValidator(_rate)]
Pace = Annotated[str, AfterValidator(_pace)]

# What names a section, as in [relays.NAME]
PublisherId = Annotated[str, AfterValidator(_publisher)]
RelayName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,62}$")]
Selector = Annotated[str, AfterValidator(_selector)]
