"""Recognises the lines that open a release: dates, embargoes, kinds of text, document numbers.

Every function looks at one line alone and may be wrong about it; where the line stands decides what is made
of it (`opening`). A line may be more than one thing.
"""

import re

from distributor.documents import vocabulary
from distributor.policy import dates, embargowords
from distributor.policy.spelling import pattern, plain

DECORATION = " \t-–—*#=_|:.·•()[]"
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_LONGEST = 220  # characters of a line that is furniture
_KINDS = {kind: re.sub(r"\s*\n\s*", "", said.strip()) for kind, said in vocabulary.KINDS.items()}
_KIND = {kind: pattern(said) for kind, said in _KINDS.items()}
_KIND_WITHIN = {kind: pattern(rf"(?<!\w)(?:{said})(?!\w)") for kind, said in _KINDS.items()}
_KIND_BEFORE = {
    kind: pattern(rf"(?P<said>{said})\s*(?:[:|]|\s[-–—]+)\s+(?P<rest>\S[^\0]*)")
    for kind, said in _KINDS.items()
}
_NUMBERED = re.compile(r"(?<![^\W\d_])(?:n[o°º]|nr|ref)?\.?\s*[A-Z]{0,6}[\d/_-]*\d[\d/._-]*", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?:\bat\s+)?\b\d{1,2}[:.hH]\d{2}(?::\d{2})?\s?(?:uhr|h|hrs|[ap]m)?\b"
    r"(?:\s+(?:CES?T|GMT|UTC))?",
    re.IGNORECASE,
)
_HOUR = re.compile(r"\b\d{1,4}\s?(?:uhr|h|hrs|hours|[ap]\.?m)\b", re.IGNORECASE)
_OUTRIGHT = pattern(
    r"(?:strict\w*\s+)?(?:embargoed|(?:sende?)?sperrfrist|gesperrt"
    r"|(?:sous|bajo|sotto|sob|onder|sub) embargo|under (?:strict )?embargo"
    r"|embargo (?:until|till|jusqu|hasta|fino|até|tot|bis|do)\b|ембарго до|εμπάργκο (?:έως|μέχρι)"
    r"|not for (?:release|publication|use|broadcast))"
)
#: Where an embargo may follow on its line: "Press release | Embargo: …", "Headline (EMBARGOED …)".
_JOINT = re.compile(r"\s*[|•·]\s*|\s[-–—/]+\s+|\s*[-–—:]\s+|\s*(?=[(\[{])|(?<=[.!?])\s+")
_LONGEST_TAIL = 120
_DATE_NOISE = """
    published updated date last issued posted on at the le den del el il am um a à de du stand
    veröffentlicht vom datum publié mis en ligne fecha publicado data pubblicato r roku г год gada m d
"""
_DATE_WORDS = frozenset(plain(_DATE_NOISE).split())
_CODE = re.compile(
    r"(?:(?:ref(?:erence|\.)?|n[o°º]\.?|nr\.?)\s*:?\s*)?(?=\S*\d)[A-Z\d][A-Z\d/_.-]{3,}(?:\s*\(.{1,12}\))?",
    re.IGNORECASE,
)


def words(text: str) -> list[str]:
    """The words of a text, numbers included."""
    return _WORD.findall(text)


def release_line(text: str) -> bool:
    """True for "FOR IMMEDIATE RELEASE", "EMBARGOED UNTIL …" and the like."""
    return len(text) <= _LONGEST and embargo_text(text) is not None


def embargo_text(text: str) -> str | None:
    """What an embargo line says of the time, or of release at once; None when it is no such line.

    "EMBARGOED" alone is an embargo without a time: it is given back whole, to be refused.
    """
    at_once = embargowords.immediate(text)
    if at_once is not None:
        return at_once
    if embargowords.delivery(text):
        return text.strip(DECORATION)
    rest = embargowords.after_label(text)
    if rest is None:
        return None
    bare = rest.strip(DECORATION)
    if not bare:
        return text.strip()
    sure = _OUTRIGHT.match(plain(embargowords.from_first_word(text))) or _names_time(bare)
    return rest if sure and len(words(text)) <= 25 else None


def embargo_behind(text: str) -> int | None:
    """Where in a short line an embargo begins that stands behind something else; None without one.

    Behind a headline it must name its time: "Russia – embargo" is a headline.
    """
    if len(text) > _LONGEST or (release_line(text) and embargowords.immediate(text) is None):
        return None
    for joint in _JOINT.finditer(text):
        tail = text[joint.end() :]
        if joint.start() and len(tail) <= _LONGEST_TAIL and _embargo_tail(tail, after=text[: joint.start()]):
            return joint.start()
    return None


def _embargo_tail(tail: str, *, after: str) -> bool:
    if embargowords.immediate(tail) is not None:
        return embargowords.at_once(tail)
    said = embargo_text(tail)
    if said is None:
        return False
    return _names_time(said) or kind_of(after) is not None or "embargoed" in plain(said)


def _names_time(text: str) -> bool:
    if embargowords.lifted(text) is not None or embargowords.after_label(text) is not None:
        return True
    return dates.find(text) is not None or bool(_CLOCK.search(text) or _HOUR.search(text))


def kind_of(text: str) -> str | None:
    """The type that a line names which says nothing else ("PRESS RELEASE No 12/2026 |"), or None."""
    bare = text.strip(DECORATION)
    for kind, said in _KIND.items():
        match = said.match(plain(bare))
        if match and not any(c.isalpha() for c in _NUMBERED.sub("", bare[match.end() :])):
            return kind
    return None


def kind_prefix(text: str) -> tuple[str, str, str] | None:
    """("Press release", type, rest) of "Press release - A headline"; None without such a beginning."""
    for kind, said in _KIND_BEFORE.items():
        match = said.match(plain(text))
        if match:
            return text[: match.end("said")], kind, text[match.start("rest") :]
    return None


def kind_within(text: str) -> str | None:
    """The type whose words stand anywhere in the text ("Group - Press release"), or None."""
    found = plain(text)
    return next((kind for kind, said in _KIND_WITHIN.items() if said.search(found)), None)


def code_line(text: str) -> bool:
    """True for a document number alone on its line ("IP/26/1769", "Ref. 2026-0042")."""
    return bool(_CODE.fullmatch(text.strip(DECORATION)))


def date_line(text: str, *, language: str | None) -> bool:
    """True for a date and nothing of its own beside it: "18/12/2025 02:08 | Press release |"."""
    found = dates.find(text, language=language) if len(text) <= 100 else None
    if found is None or found.year is None:
        return False
    return not foreign_words(f"{text[: found.start]} {text[found.end :]}", language=language)


def foreign_words(text: str, *, language: str | None) -> list[str]:
    """The words beside a date that are neither weekday, time, kind of text nor "published on"."""
    text = plain(_CLOCK.sub(" ", text))
    for said in _KIND_WITHIN.values():
        text = said.sub(" ", text)
    return [
        word
        for word in words(text)
        if word.casefold() not in _DATE_WORDS and not dates.weekdays(word, language=language)
    ]
