"""Who speaks, read from the words that introduce or follow a quotation: name and role.

"Ann Example, chair of the committee, said:", "the Office's spokesperson on trade, Ann Example, added:",
"erklärte Ann Example, Vorsitzende …:", "— Ann Example, minister". The words themselves stay where they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from distributor.documents import vocabulary

_SMALL = "de del della di da do dos das du van von der den ter ten la le el al bin ibn zu zur af av y e"
_PARTICLES = frozenset(_SMALL.split())
_THEY = """he she they it er sie es il elle ils elles a-t-il a-t-elle él ella lui lei ele ela hij zij ze
    han hun hon hän"""
_PRONOUNS = frozenset(_THEY.split())
_ARTICLES = ("the", "der", "die", "le", "la", "el", "il", "lo", "o", "a", "de", "het", "den", "η", "ο")
_LETTERS_BEHIND = re.compile(r"\s+(?P<letters>MEP|MP|MdEP|MdB|PhD|MEPs)$")
_OCCASION = re.compile(
    r"(?:ahead of|after|following|before|speaking|commenting|reacting|welcoming|in response|nach|vor de"
    r"|après|avant|tras|antes de|dopo|prima de)\b",
    re.IGNORECASE,
)
_TITLES = re.compile(
    r"(?:(?:mr|mrs|ms|dr|prof|sir|herr|frau|mme|m|mevr|dhr|sig|sra?|dña?|don|η|ο)\.?\s+)+(?=[^\W\d_])",
    re.IGNORECASE,
)
_OFFICES = tuple(vocabulary.OFFICES.split())
_SAID = re.compile(rf"(?<![\w-])(?:{vocabulary.SAID.strip().replace(chr(10), '|')})(?![\w-])", re.IGNORECASE)
_SETTING = re.compile(
    r"(?:comment|speak|react|welcom|respond|address|present|follow|announc|after|before|ahead|in|on|at|today"
    r"|yesterday|earlier|later|according|als|nach|vor|zum|zur|dazu|hierzu|heute|après|avant|lors|aujourd"
    r"|interrogé|tras|hoy|dopo|oggi)"
    r"(?:ing|ed)?(?![^\W\d_])",
    re.IGNORECASE,
)
_DASHES = re.compile(r"^[-–—―]\s*|\s+[–—-]+\s+")
_BRACKETS = re.compile(r"\s*\(([^()]*)\)")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Speaker:
    """`name` and `role` as they stand in the words; either may be None."""

    name: str | None = None
    role: str | None = None

    def __bool__(self) -> bool:
        return bool(self.name or self.role)


def speaker(attribution: str, *, before: Sequence[Speaker] = ()) -> Speaker:
    """The speaker that `attribution` names; `before` spoke earlier, for "She added:" and "Example added:"."""
    subject = _subject(attribution)
    if subject.casefold() in _PRONOUNS:
        return before[-1] if before else Speaker()
    if before and _the_office(subject):
        return before[-1]
    found = _parted(subject)
    known = (other for other in reversed(before) if _same_person(found, other))
    return found if found.role else next(known, found)


def _same_person(found: Speaker, other: Speaker) -> bool:
    """The same name, or the surname alone."""
    if not found.name or not other.name:
        return False
    return found.name == other.name or other.name.split()[-1:] == [_untitled(found.name)]


def introduces(text: str) -> bool:
    """True for words before a quotation: short, ending in a colon (or a verb), naming somebody."""
    bare = text.strip()
    if len(bare) > _LONGEST or not bare.endswith((":", ",")):
        return False
    return speaks(bare) or bool(_named(_parted(_subject(bare)).name or ""))


def speaks(text: str) -> bool:
    """True when a verb of saying stands in it."""
    return bool(_SAID.search(text))


def says_at_end(text: str) -> str | None:
    """The end of a sentence of speech that names who says it (", says Ann Example."), or None."""
    bare = text.rstrip(" .")
    found = [match for match in _SAID.finditer(bare) if bare[: match.start()].endswith(", ")]
    tail = bare[found[-1].start() :] if found else ""
    return (
        tail
        if tail and len(tail) <= _LONGEST and ". " not in tail and _named(_parted(_subject(tail)).name or "")
        else None
    )


def signs(text: str) -> bool:
    """True for the line under a quotation: "— Ann Example, minister", or the same without a dash."""
    bare = text.strip()
    if not bare or len(bare) > 200 or bare.endswith((".", "!", "?", ":", ";")):
        return False
    dashed = bare[0] in "-–—―"
    first, comma, _ = bare.lstrip("-–—― ").partition(",")
    named = _named(_untitled(first))
    return (named and (dashed or bool(comma))) or (dashed and len(first.split()) <= 12)


def _subject(attribution: str) -> str:
    """The words for the person: without the verb of saying and what goes with it."""
    text = " ".join(attribution.split()).strip(" :,;.–—―-")
    found = list(_SAID.finditer(text))
    if not found:
        return text
    before = text[: found[0].start()].strip(" ,")
    last = text[: found[-1].start()].strip(" ,")
    after = text[found[0].end() :].strip(" ,:")
    if not before or (len(before.split()) <= 2 and not _named(before) and _first_capital(after)):
        return _SAID.sub(" ", after).strip(" ,")
    short_tail = len(text[found[-1].end() :].split()) <= 8
    return last if short_tail and len(found) == 1 else before


def _the_office(subject: str) -> bool:
    """True for "the minister", "die Vorsitzende": who spoke before, by the office."""
    words = subject.split()
    return len(words) == 2 and words[0].casefold() in _ARTICLES and _office(words[1])


def _first_capital(text: str) -> bool:
    return bool(text) and text[0].isupper()


def _parted(subject: str) -> Speaker:
    """Name and role from "Name, role", "role, Name, more", "Name (role)", "role Name"."""
    bracketed = _BRACKETS.search(subject)
    parts = [part.strip() for part in _split(_BRACKETS.sub("", subject))]
    parts = [part for part in parts if part]
    while len(parts) > 1 and _SETTING.match(parts[0]) and not _named(parts[0]):
        parts = parts[1:]
    if bracketed and bracketed[1].strip():
        parts.append(bracketed[1].strip())
    return _from_parts(parts)


def _split(subject: str) -> list[str]:
    return [part for stretch in _DASHES.split(subject) for part in re.split(r",\s+|\n", stretch)]


def _from_parts(parts: list[str]) -> Speaker:
    parts = parts[:1] + [part for part in parts[1:] if not _OCCASION.match(part)]
    for position, part in enumerate(parts):
        letters = _LETTERS_BEHIND.search(part)
        name = _untitled(_LETTERS_BEHIND.sub("", part))
        if _named(name):
            roles = [*parts[:position], *parts[position + 1 :], *([letters["letters"]] if letters else [])]
            return Speaker(name, ", ".join(roles) or None)
    for position, part in enumerate(parts):
        role, name = _role_then_name(part)
        if name:
            others = [*parts[:position], role, *parts[position + 1 :]]
            return Speaker(name, ", ".join(filter(None, others)) or None)
    if not parts:
        return Speaker()
    return Speaker(parts[0], ", ".join(parts[1:]) or None) if len(parts[0].split()) <= 12 else Speaker()


def _named(text: str) -> bool:
    """True for what looks like a person's name: two to five capitalised words that name no office."""
    words = text.split()
    proper = [word for word in words if _proper(word)]
    if not 2 <= len(words) <= 5 or len(proper) < 2 or not _proper(words[-1]):
        return False
    return all(_proper(word) or word.casefold() in _PARTICLES for word in words)


def _proper(word: str) -> bool:
    bare = word.strip("'’.-")
    return (
        bare[:1].isupper()
        and all(c.isalpha() or c in "-'’." for c in bare)
        and not _office(bare)
        and (len(bare) < 3 or not bare.isupper() or "-" not in bare)
    )


def _office(word: str) -> bool:
    """True for a word that names an office; long stems count inside a word too ("Bundesministerin")."""
    folded = word.casefold()
    return folded.startswith(_OFFICES) or any(stem in folded for stem in _OFFICES if len(stem) >= 6)


def _role_then_name(part: str) -> tuple[str, str]:
    """("Commissioner", "Ann Example"): the name is the run of name words at the end.

    After "minister for" the run begins with what the office is for: then the last two words are the name.
    """
    words = part.split()
    for start in range(1, len(words) - 1):
        if not _named(_untitled(" ".join(words[start:]))) or words[start].casefold() in _PARTICLES:
            continue
        if not _office(words[start - 1].strip(",")) and len(words) - start > 2:
            start = len(words) - 2
        return " ".join(words[:start]), _untitled(" ".join(words[start:]))
    return "", ""


def _untitled(name: str) -> str:
    return _TITLES.sub("", name, count=1) if _TITLES.match(name) else name
