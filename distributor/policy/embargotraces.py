"""Words of an embargo anywhere in a text: the net below `embargowords`, for what no line says clearly.

A text that has such words and ends up without an embargo is asked about before it is approved. It errs to the
side of asking; what it must not stumble over is a text *about* an embargo on arms or trade, a Spanish "sin
embargo" (however), or a seizure. It reads no times.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from distributor.policy import dates, embargowords
from distributor.policy.embargophrases import (
    ALWAYS,
    NONE_BEFORE,
    NOUN,
    PRESS,
    TRADE_AFTER,
    TRADE_BEFORE,
    WITH_TIME,
)
from distributor.policy.spelling import pattern, plain

_SPACED = re.compile(r"(?<!\w)(?:\w[ ]){4,}\w(?!\w)")
_MARKUP = re.compile(r"[*_`~\\]")
_CLOCK = pattern(
    r"\d{1,2}\s?[:.h]\s?\d{2}(?!\d)|\b\d{3,4}\s?(?:hrs|hours|h|uhr)\b|\b\d{1,2}\s?(?:am|pm|a\.m|p\.m|uhr|h|o'clock)\b"
    r"|\b(?:noon|midday|midnight|tomorrow|today|tonight|mittag|mitternacht|morgen|heute|midi|minuit|demain)\b"
)
_WORDS = re.compile(r"[^\W\d_]{3,}")
_SIGHT = 60  # characters behind a phrase in which its time must stand
_MOST = 500  # words for embargo in one text that are looked at
_SHOWN = 60  # characters of a trace that are shown


@dataclass(frozen=True, slots=True)
class Trace:
    """`words` as they stand in the text, on `line` (from 1)."""

    line: int
    words: str

    def __str__(self) -> str:
        return f"line {self.line} (“{self.words}”)"


def traces(text: str) -> tuple[Trace, ...]:
    """Where `text` speaks of an embargo on itself; the first words on each line."""
    shown = _without_markup(text)
    found = plain(shown)
    by_line: dict[int, Trace] = {}
    for start, end in sorted(_spans(found, shown)):
        line = found.count("\n", 0, start) + 1
        words = " ".join(shown[start : max(end, start + 1)].split())[:_SHOWN]
        by_line.setdefault(line, Trace(line, words))
    return tuple(by_line.values())


def _without_markup(text: str) -> str:
    """As long as `text`: signs of Markdown become blanks, "E M B A R G O" is closed up."""
    bare = _MARKUP.sub(" ", text)
    return _SPACED.sub(lambda run: run[0].replace(" ", "").ljust(len(run[0])), bare)


def _spans(text: str, shown: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in ALWAYS.finditer(text))
    yield from (match.span() for match in WITH_TIME.finditer(text) if _time_follows(text, match))
    for count, match in enumerate(NOUN.finditer(text)):
        if count == _MOST:
            yield match.span()  # a text that says it so often is asked about
            return
        span = _press_embargo(text, match, capital=shown[match.start()].isupper())
        if span:
            yield span


def _time_follows(text: str, match: re.Match[str]) -> bool:
    """A clock time, a date or a weekday close behind, before the next empty line."""
    behind = text[match.end() : match.end() + _SIGHT].partition("\n\n")[0]
    if _CLOCK.search(behind) or dates.find(behind):
        return True
    return any(dates.weekdays(word) for word in _WORDS.findall(behind)[:4])


def _press_embargo(text: str, noun: re.Match[str], *, capital: bool) -> tuple[int, int] | None:
    """The words around a noun for embargo that make it one on the text itself; None for one on trade."""
    before, after = _around(text, noun, capital=capital)
    if _denied(before, after):
        return None
    exempt = TRADE_BEFORE.search(before.replace("\n", " ")) or TRADE_AFTER.match(after)
    if exempt and not _CLOCK.search(after.partition("\n")[0]):
        return None
    for context in PRESS:
        match = context.search(f"{before}\0{noun[0]}\0{after}")
        if match:
            behind = match.end() - len(before) - len(noun[0]) - 2
            return noun.start(), noun.end() + min(len(after), max(0, behind))
    return noun.span() if _time_follows_at_once(after) else None


def _around(text: str, noun: re.Match[str], *, capital: bool) -> tuple[str, str]:
    """What stands before and behind: with a capital nothing of the line above, else of the paragraph."""
    start = max(text.rfind("\n" if capital else "\n\n", 0, noun.start()) + 1, noun.start() - _SIGHT)
    return text[start : noun.start()], text[noun.end() : noun.end() + _SIGHT]


def _denied(before: str, after: str) -> bool:
    """ "No embargo", "Embargo: none"."""
    said = re.match(r"\s*[:=–—-]\s*([^\n]*)", after)
    return bool(NONE_BEFORE.search(before)) or bool(said and embargowords.at_once(said[1]))


def _time_follows_at_once(after: str) -> bool:
    """ "EMBARGO 11:00", "embargo (Monday 17 January)": a time with at most a word or two before it."""
    near = after.partition("\n")[0][:25]
    found = dates.find(after.partition("\n")[0][:40])
    if _CLOCK.search(near) or (found is not None and found.start <= 12):
        return True
    return any(dates.weekdays(word) for word in _WORDS.findall(near)[:1])
