"""Time zones as people name them: "Europe/Brussels", "Brussels time", "CET", "UTC+1", "heure de Paris".

Finds every mention in a text and cuts it out. What an abbreviation means on a given day, and whether it
can mean anything, is decided in `policy.instants`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale

from distributor.policy.dates import LANGUAGES, folded

_HOURS = {
    "CET": (1, "Europe/Brussels"),
    "CEST": (2, "Europe/Brussels"),
    "MEZ": (1, "Europe/Brussels"),
    "MESZ": (2, "Europe/Brussels"),
    "WET": (0, "Europe/Lisbon"),
    "WEST": (1, "Europe/Lisbon"),
    "EET": (2, "Europe/Helsinki"),
    "EEST": (3, "Europe/Helsinki"),
    "BST": (1, "Europe/London"),
    "UTC": (0, "UTC"),
    "GMT": (0, "UTC"),
    "Z": (0, "UTC"),
}
_MORE_CITIES = {
    "strasbourg": "Europe/Paris",
    "straßburg": "Europe/Paris",
    "frankfurt": "Europe/Berlin",
    "munich": "Europe/Berlin",
    "geneva": "Europe/Zurich",
    "the hague": "Europe/Amsterdam",
    "milan": "Europe/Rome",
    "barcelona": "Europe/Madrid",
    "washington": "America/New_York",
    "pariser": "Europe/Paris",
    "us eastern": "America/New_York",
    "uk": "Europe/London",
}
_AREAS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
_TIME = r"(?:\s+(?:local\s+)?time|\s+tijd|\s+tid|\s+zeit)?"
_HEURE = r"(?:(?:heure|hora|ora)s?\s+(?:locale\s+)?(?:de\s+|di\s+|d['’])?)?"
# A bare "-02:00" is no offset here: "10:00-12:00" says from when to when.
_OFFSET = re.compile(
    r"(?:\b(?:UTC|GMT)\s?([+-])|(?<=[\d\s])(\+))(\d{1,2})(?::?(\d{2}))?(?![\d:])", re.IGNORECASE
)
_IANA = re.compile(r"\b[A-Z][a-z]+/[A-Z][\w+-]+(?:/[A-Z][\w+-]+)?\b", re.IGNORECASE)
_CET_CEST = re.compile(r"\bCES?T\s?/\s?CES?T\b|\bME(?:SZ|Z)\s?/\s?ME(?:SZ|Z)\b", re.IGNORECASE)
_SHORT = re.compile(rf"(?<![^\W\d_])({'|'.join(_HOURS)})(?![^\W\d_])", re.IGNORECASE)
# Where a language bends the city's name or makes one word with the time's; the rest is found by `_city`.
_BRUSSELS_WORDS = """
(?:по )?брюкселско време
brüsszeli idő(?: szerint)?
bruselsk(?:ého|ý) času?
(?:czasu?|według czasu) brukselskiego
czas brukselski
briuselio laik(?:u|as)
(?:pēc )?briseles laik[as]
brüsseli (?:aja )?järgi
brüsseli aeg
brysselin (?:aikaa|ajan mukaan)
(?:po )?bruseljsk(?:em|i) času?
(?:po )?br(?:i|u)selskom vremenu
(?:ora )?bruxelles-ului
(?:ώρα )?βρυξελλών
ħin ta['’] brussell
am na bruiséile
bruxelles[- ]?tid
bryssel[- ]?tid
brusselse tijd
brüsseler (?:orts)?zeit
"""
_BRUSSELS = re.compile(rf"(?<!\w)(?:{'|'.join(_BRUSSELS_WORDS.strip().splitlines())})(?!\w)", re.IGNORECASE)
_LOCAL = re.compile(r"\b(?:local time|heure locale|ortszeit|hora local|ora locale)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone as named in a text: an IANA `key`, or a fixed `offset`.

    An abbreviation has both: "CET" is one hour ahead, and means a clock in a zone (`key`) that may
    not show that hour at the time in question.
    """

    name: str
    key: str | None = None
    offset: timedelta | None = None

    @property
    def clock(self) -> ZoneInfo:
        """The zone whose clock is meant; UTC where only an offset is known."""
        return ZoneInfo(self.key or "UTC")


def take(text: str) -> tuple[tuple[Zone, ...], str]:
    """All zones named in `text`, and the text without them."""
    zones: list[Zone] = []
    for search in (_iana, _both, _offset, _brussels, _city, _short):
        while (hit := search(text)) is not None:
            zone, start, end = hit
            zones.append(zone)
            text = f"{text[:start]} {text[end:]}"
    return tuple(zones), text


def is_local(text: str) -> bool:
    """True when it says "local time": whose, it does not say."""
    return bool(_LOCAL.search(text))


def is_city(name: str) -> bool:
    """True for a city that time zones are named after, in any of the EU's languages."""
    return name.casefold() in _cities()


Hit = tuple[Zone, int, int]


def _iana(text: str) -> Hit | None:
    for match in _IANA.finditer(text):
        key = _keys().get(match[0].casefold())
        if key:
            return Zone(key, key=key), *match.span()
    return None


def _both(text: str) -> Hit | None:
    match = _CET_CEST.search(text)
    return (Zone("CET/CEST", key="Europe/Brussels"), *match.span()) if match else None


def _offset(text: str) -> Hit | None:
    match = _OFFSET.search(text)
    if not match:
        return None
    ahead = timedelta(hours=int(match[3]), minutes=int(match[4] or 0))
    return Zone(match[0].strip(), offset=-ahead if match[1] == "-" else ahead), *match.span()


def _brussels(text: str) -> Hit | None:
    match = _BRUSSELS.search(text)
    return (Zone(match[0], key="Europe/Brussels"), *match.span()) if match else None


def _city(text: str) -> Hit | None:
    match = _city_pattern().search(text)
    if not match:
        return None
    name = " ".join(match["city"].casefold().split())
    key = _cities()[name if name in _cities() else folded(name)]
    return Zone(" ".join(match[0].split()), key=key), *match.span()


def _short(text: str) -> Hit | None:
    match = _SHORT.search(text)
    if not match:
        return None
    name = match[1].upper()
    hours, key = _HOURS[name]
    return Zone(name, key=key, offset=timedelta(hours=hours)), *match.span()


@lru_cache(maxsize=1)
def _keys() -> dict[str, str]:
    return {key.casefold(): key for key in available_timezones()}


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    """City name, case-folded and also without accents -> IANA key."""
    found: dict[str, str] = {}
    for name, key in _named_cities():
        for spelling in (name.casefold(), folded(name)):
            if len(spelling) > 3:
                found.setdefault(spelling, key)
    for name, key in _MORE_CITIES.items():
        found.update({name: key, folded(name): key})
    return found


def _named_cities() -> Iterator[tuple[str, str]]:
    keys = sorted(key for key in available_timezones() if key.startswith(_AREAS))
    for key in keys:
        yield key.rpartition("/")[2].replace("_", " "), key
    for language in LANGUAGES:
        for key, names in Locale(language).time_zones.items():
            if key in keys and "city" in names:
                yield names["city"], key


@lru_cache(maxsize=1)
def _city_pattern() -> re.Pattern[str]:
    names = sorted(_cities(), key=len, reverse=True)
    alternatives = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in names)
    return re.compile(rf"(?<!\w){_HEURE}(?P<city>{alternatives}){_TIME}(?!\w)", re.IGNORECASE)
