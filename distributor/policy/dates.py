"""Dates as people write them in the 24 languages of the EU: "17 January 2018", "le 3 mars 2026", "3.3.2026".

Finds a date within a text and says where; names of months and weekdays come from CLDR (babel). It knows
no times of day and no zones. Day comes before month in numeric dates, as everywhere in the EU.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from babel import Locale

_CODES = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"
LANGUAGES = tuple(_CODES.split())

YEARS = (1900, 2200)  # from the first up to before the last; others are slips

_WORD = r"(?P<month>[^\W\d_]{3,}(?:\s[Ff]ómhair)?)\.?"
_DAY = r"(?P<day>\d{1,2})(?!\d)"
_YEAR = r"(?P<year>\d{4})(?!\d)"
_TH = r"(?:st|nd|rd|th|er|º|ª|°|\.)?"
_OF = r"(?:(?:de|di|of|den|ta['’])\s+|d['’])?"
_FORMS = (
    rf"(?<![\d.]){_YEAR}-(?P<number>\d{{1,2}})-{_DAY}",
    rf"(?<![\d.]){_YEAR}\.\s?(?P<number>\d{{1,2}})\.\s?{_DAY}\.?",
    rf"(?<![\d.,]){_DAY}{_TH}\s+{_OF}{_WORD},?\s+(?:de\s+|del\s+)?{_YEAR}",
    rf"(?<![\d.,]){_DAY}[-/](?P<month>[^\W\d_]{{3,}})[-/]{_YEAR}",
    rf"(?<!\w){_WORD}\s+{_DAY}{_TH},?\s+{_YEAR}",
    rf"(?<![\d.]){_YEAR}\.?\s+(?:m\.\s+)?{_WORD}\s+{_DAY}(?:-\w{{1,3}}|\.|\s+d\.)?",
    rf"(?<![\d.]){_YEAR}\.?\s+gada\s+{_DAY}\.?\s+{_WORD}",
    rf"(?<![\d.:/]){_DAY}\s?[./-]\s?(?P<number>\d{{1,2}})\s?[./-]\s?{_YEAR}",
    rf"(?<![\d.,:]){_DAY}{_TH}\s+{_OF}{_WORD}(?!\w)",
    rf"(?<!\w){_WORD}\s+{_DAY}{_TH}(?![\d.:])",
)
_PATTERNS = tuple(re.compile(form, re.IGNORECASE) for form in _FORMS)


@dataclass(frozen=True, slots=True)
class Found:
    """A date at `text[start:end]`. `months` has several where a name means different months by language
    ("listopada"); `swappable` is True where month and day could be read the other way round."""

    start: int
    end: int
    day: int
    months: tuple[int, ...]
    year: int | None
    swappable: bool = False

    @property
    def date(self) -> date | None:
        """The day, when year and month are certain and it exists."""
        if self.year is None or not YEARS[0] <= self.year < YEARS[1] or len(self.months) != 1:
            return None
        try:
            return date(self.year, self.months[0], self.day)
        except ValueError:
            return None


def find(text: str, *, language: str | None = None) -> Found | None:
    """The most complete date in `text`; of two alike the first. `language` settles ambiguous months."""
    if not any(c.isdecimal() for c in text):
        return None
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            found = _found(match, language)
            if found is not None:
                return found
    return None


def weekdays(word: str, *, language: str | None = None) -> frozenset[int]:
    """The days of the week (Monday = 0) that `word` names; empty when it names none."""
    return _of_language(_names("days").get(folded(word), {}), language)


def folded(word: str) -> str:
    """For comparing words: no case, no accents, no full stop at the end."""
    bare = unicodedata.normalize("NFD", word.casefold().rstrip("."))
    return "".join(c for c in bare if not unicodedata.combining(c))


def _found(match: re.Match[str], language: str | None) -> Found | None:
    parts = match.groupdict()
    months = _months(parts, language)
    day = int(parts["day"])
    if not months or not 1 <= day <= 31:
        return None
    year = int(parts["year"]) if parts.get("year") else None
    day_first = bool(parts.get("number")) and match.start("day") < match.start("number")
    swappable = day_first and day <= 12 and day != months[0]
    return Found(match.start(), match.end(), day, months, year, swappable)


def _months(parts: Mapping[str, str | None], language: str | None) -> tuple[int, ...]:
    if number := parts.get("number"):
        return (int(number),) if 1 <= int(number) <= 12 else ()
    named = _names("months").get(folded(parts["month"] or ""), {})
    return tuple(sorted(_of_language(named, language)))


def _of_language(named: Mapping[int, frozenset[str]], language: str | None) -> frozenset[int]:
    mine = frozenset(number for number, languages in named.items() if language in languages)
    return mine or frozenset(named)


@lru_cache(maxsize=2)
def _names(what: str) -> dict[str, dict[int, frozenset[str]]]:
    """Name -> number -> the languages that call it so."""
    table: dict[str, dict[int, frozenset[str]]] = {}
    for language, number, name in _listed(what):
        numbers = table.setdefault(folded(name), {})
        numbers[number] = numbers.get(number, frozenset()) | {language}
    return table


def _listed(what: str) -> Iterator[tuple[str, int, str]]:
    for language in LANGUAGES:
        contexts = getattr(Locale(language), what)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in contexts[context][width].items():
                    if sum(c.isalpha() for c in name) >= (3 if what == "months" else 2):
                        yield language, number, name
    first, more = (1, _MONTHS_TOO) if what == "months" else (0, _DAYS_TOO)
    for language, names in more:
        yield from ((language, number, name) for number, name in enumerate(names.split(), start=first))
    if what == "months":
        yield "en", 9, "Sept"


_LATVIAN_UNTIL = """
    janvārim februārim martam aprīlim maijam jūnijam jūlijam augustam septembrim oktobrim novembrim decembrim
"""
#: Cases in which CLDR does not list them: "6. maja", "w środę", "szerdáig".
_MONTHS_TOO = (
    ("lv", "janvārī februārī martā aprīlī maijā jūnijā jūlijā augustā septembrī oktobrī novembrī decembrī"),
    ("lv", _LATVIAN_UNTIL),
    ("sl", "januarja februarja marca aprila maja junija julija avgusta septembra oktobra novembra decembra"),
)
_DAYS_TOO = (
    ("pl", "poniedziałku wtorku środę czwartku piątku sobotę niedzielę"),
    ("pl", "poniedziałku wtorku środy czwartku piątku soboty niedzieli"),
    ("cs", "pondělka úterka středu čtvrtka pátku sobotu neděli"),
    ("cs", "pondělka úterka středy čtvrtka pátku soboty neděle"),
    ("sk", "pondelka utorka stredu štvrtka piatka sobotu nedeľu"),
    ("sk", "pondelka utorka stredy štvrtka piatka soboty nedele"),
    ("sl", "ponedeljka torka sredo četrtka petka soboto nedeljo"),
    ("sl", "ponedeljka torka srede četrtka petka sobote nedelje"),
    ("hr", "ponedjeljka utorka srijedu četvrtka petka subotu nedjelju"),
    ("hr", "ponedjeljka utorka srijede četvrtka petka subote nedjelje"),
    ("fi", "maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina sunnuntaina"),
    ("fi", "maanantaihin tiistaihin keskiviikkoon torstaihin perjantaihin lauantaihin sunnuntaihin"),
    ("et", "esmaspäeval teisipäeval kolmapäeval neljapäeval reedel laupäeval pühapäeval"),
    ("et", "esmaspäevani teisipäevani kolmapäevani neljapäevani reedeni laupäevani pühapäevani"),
    ("hu", "hétfőn kedden szerdán csütörtökön pénteken szombaton vasárnap"),
    ("hu", "hétfőig keddig szerdáig csütörtökig péntekig szombatig vasárnapig"),
    ("lt", "pirmadienį antradienį trečiadienį ketvirtadienį penktadienį šeštadienį sekmadienį"),
    ("lt", "pirmadienio antradienio trečiadienio ketvirtadienio penktadienio šeštadienio sekmadienio"),
    ("lv", "pirmdien otrdien trešdien ceturtdien piektdien sestdien svētdien"),
    ("lv", "pirmdienai otrdienai trešdienai ceturtdienai piektdienai sestdienai svētdienai"),
    ("ga", "Luain Máirt Céadaoin Déardaoin hAoine Sathairn Domhnaigh"),
    ("sv", "måndagen tisdagen onsdagen torsdagen fredagen lördagen söndagen"),
)
