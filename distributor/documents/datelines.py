"""Datelines: "Strasbourg, 17 January 2018" on a line, or before the text ("BRUSSELS, 3 March – …")."""

import re
from dataclasses import dataclass

from distributor.model.draft import Dateline
from distributor.policy import dates, zones

_PLACE = r"(?:[^\W\d_a-zà-þß-ÿ]\.[^\W\d_a-zà-þß-ÿ]\.|[^\W\d_a-zà-þß-ÿ][^\W\d_]*\.?)"
_SMALL = r"(?:and|et|und|y|e|en|och|og|de|del|della|di|sur|am|an der|aan)"
_JOIN = rf"(?:[\s/-]|,\s|\s?[-–/&]\s?|['’]|\s{_SMALL}\s)"
_PLACES = re.compile(rf"{_PLACE}(?:{_JOIN}{_PLACE}){{0,4}}")
_ARTICLE = re.compile(r"[\s,(]*(?:le|den|der|el|il|the|on|am|a|à|om)?\s*", re.IGNORECASE)
_END = re.compile(
    r"(?:\s(?:r|g|d|г)\.)?\s*\)?\s*(?:\([^()]{1,40}\)\s*)?(?:\.?\s*[–—-]+|:|\s-|\.(?=\s))\s*(?=\S)"
)
_CAPITALS = re.compile(
    r"(?P<place>(?:THE\s)?[^\W\d_a-zß-ÿ]{4,}(?:[\s/-][^\W\d_a-zß-ÿ]{2,}){0,3})\s*[–—-]+\s+(?=\S)"
)
_BEHIND = re.compile(
    r"[\s,.|()–—-]*(?:(?:[rdg]|г|год|at|um|à|uhr|h|hrs)\b\.?|\d{1,2}[:.hH]\d{2}|[\s,.|()–—-])*", re.IGNORECASE
)
_NO_PLACES = "today on statement speech vote update press date datum date fecha published since from by"
_NOT_PLACES = frozenset(_NO_PLACES.split())
_SHORTEST_UNKNOWN = 5  # letters: shorter words in capitals are acronyms
_LONGEST = 90


@dataclass(frozen=True, slots=True)
class Opened:
    """A dateline, and where the text behind it starts (the text's length when nothing follows)."""

    dateline: Dateline
    end: int


def opening(text: str, *, language: str | None) -> Opened | None:
    """The dateline that opens `text`, or None."""
    found = dates.find(text[: _LONGEST + 20], language=language)
    if found is not None and found.start <= _LONGEST:
        opened = _place_first(text, found) or _date_first(text, found)
        if opened:
            return opened
    capitals = _CAPITALS.match(text)
    if capitals and _likely_place(capitals["place"].casefold()):
        line = text[: capitals.end()].strip()
        return Opened(Dateline(place=capitals["place"], text=line), capitals.end())
    return None


def _likely_place(name: str) -> bool:
    return name not in _NOT_PLACES and (len(name) >= _SHORTEST_UNKNOWN or zones.is_city(name))


def alone(text: str, *, language: str | None) -> Dateline | None:
    """The dateline that `text` is, with nothing behind it."""
    opened = opening(text, language=language)
    return opened.dateline if opened and opened.end == len(text) else None


def _place_first(text: str, found: dates.Found) -> Opened | None:
    """ "Strasbourg, 17 January 2018", "Bruxelles, le 3 mars 2026 –", "(Brussels, 3 March)"."""
    before = text[: found.start]
    place = _place(before)
    if place is None:
        return None
    return _opened(text, found, place)


def _date_first(text: str, found: dates.Found) -> Opened | None:
    """ "3 March 2026, Brussels"."""
    behind = text[found.end :].strip(" ,|–—-.")
    if text[: found.start].strip(" (") or not behind or len(behind) > 40 or found.date is None:
        return None
    if not _PLACES.fullmatch(behind) or len(behind.split()) > 4 or behind.casefold() in _NOT_PLACES:
        return None
    return Opened(Dateline(place=behind, date=found.date, text=text), len(text))


def _place(before: str) -> str | None:
    """The place's name, when nothing but an article and punctuation stands beside it."""
    match = re.match(rf"[\s(]*(?P<place>{_PLACES.pattern})(?P<rest>.*)", before, re.DOTALL)
    if match is None or not _ARTICLE.fullmatch(match["rest"]) or len(match["place"]) > 50:
        return None
    place = match["place"].rstrip(" ,")
    if place.split()[0].casefold() in _NOT_PLACES or dates.weekdays(place):
        return None
    return _without_weekday(place)


def _without_weekday(place: str) -> str | None:
    """ "Brussels, Tuesday" -> "Brussels"."""
    parts = [part.strip() for part in place.split(",")]
    kept = [part for part in parts if part and not dates.weekdays(part)]
    return ", ".join(kept) or None


def _opened(text: str, found: dates.Found, place: str) -> Opened | None:
    behind = text[found.end :]
    dateline = Dateline(place=place, date=found.date)
    if _BEHIND.fullmatch(behind) and len(text) <= _LONGEST:
        return Opened(Dateline(dateline.place, dateline.date, text), len(text))
    end = _END.match(behind)
    if end is None:
        return None
    stop = found.end + end.end()
    return Opened(Dateline(dateline.place, dateline.date, text[:stop].strip()), stop)
