"""Recognises the headings over the parts of a release, and its end mark, in one line of text.

Like `furniture` it looks at one line alone; `sections` decides by where the line stands.
"""

import re
from dataclasses import dataclass

from distributor.documents import vocabulary
from distributor.documents.furniture import DECORATION, kind_of, words


def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem.replace("_", " ") for stem in text.split())


def _either(alternatives: str) -> str:
    return "|".join(alternatives.strip().splitlines())


_NOUNS, _READERS = _stems(vocabulary.NOTE_NOUNS), _stems(vocabulary.NOTE_READERS)
_ALONE = frozenset(vocabulary.NOTES_ALONE.strip().splitlines())
_CONTACT = re.compile(rf"(?:{_either(vocabulary.CONTACT_HEADINGS)})", re.IGNORECASE)
_ABOUT = re.compile(
    rf"(?:{'|'.join(_stems(vocabulary.ABOUT))})(?![^\W\d_])['’]?\s*(?P<whom>.*)", re.IGNORECASE
)
_US = ("us", "uns", "nous", "nosotros", "noi", "nós", "ons", "oss", "os", "nas", "nás", "nama", "mums", "mus")
_ARTICLES = (
    "the ",
    "die ",
    "den ",
    "das ",
    "der ",
    "le ",
    "la ",
    "les ",
    "l'",
    "l’",
    "el ",
    "il ",
    "de ",
    "het ",
)
_OF_WHAT = (
    r"(?:\s+(?:of|der|du|des|de|del|van)?(?:\s+the|\s+het|\s+la)?\s*(?P<what>[^\W\d]+(?:\s[^\W\d]+){0,2}))?"
)
_END = re.compile(rf"(?:{'|'.join(vocabulary.END_WORDS.split())}){_OF_WHAT}", re.IGNORECASE)
_LONGEST_LINK = 4  # letters of "to", "für", "aux", "from"
_OTHERS_WORK = ("a", "of", "from")  # "Notes of a journalist" is a headline
_DETAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|(?:\+|\b00|\b0)\d[\d\s()/.-]{6,}\d")


@dataclass(frozen=True, slots=True)
class Heading:
    """A recognised heading, and what follows it on its line ("Contact: Ann Example")."""

    text: str
    rest: str = ""


def notes(text: str) -> Heading | None:
    """ "Note to the editor", "Hinweis an die Redaktion: …" and the like."""
    head, rest = _head(text)
    said = [word.casefold() for word in words(head)]
    if head.casefold().replace("’", "'").strip(DECORATION) in _ALONE:
        return Heading(head, rest)
    spoken = " ".join(said)
    if not 2 <= len(said) <= 7 or not spoken.startswith(_NOUNS) or not (rest or _unended(head)):
        return None
    readers = (part for word in said[1:] for part in (word, *re.split(r"['’-]", word)[1:]))
    return Heading(head, rest) if any(part.startswith(_READERS) for part in readers) else None


def contacts(text: str) -> Heading | None:
    """ "Press contact", "Kontakt:", "For more information, please contact: …" and the like."""
    head, rest = _head(text)
    if not _CONTACT.fullmatch(head.strip(DECORATION)):
        return None
    return Heading(head, rest) if not rest or details(rest) or len(words(rest)) <= 12 else None


def about(text: str) -> Heading | None:
    """ "About the Example Office", alone on its line or before a colon."""
    head, rest = _head(text)
    match = _ABOUT.fullmatch(head.strip(DECORATION))
    if match is None or len(head) > 80 or len(words(head)) > 9 or not (rest or _unended(head)):
        return None
    whom = match["whom"].strip()
    named = not whom or whom[0].isupper() or whom.casefold().startswith(_ARTICLES) or whom in _US
    return Heading(head, rest) if named else None


def label(text: str) -> Heading | None:
    """One of the above that says nothing else: "Note to editors", and not "Note from the press council"."""
    if kind_of(text):
        return None
    if heading := contacts(text):
        return heading
    if (heading := notes(text)) and all(map(_of_note, words(heading.text.casefold()))):
        return heading
    about_us = about(text)
    match = _ABOUT.fullmatch(about_us.text.strip(DECORATION)) if about_us else None
    return about_us if match and match["whom"].strip().casefold() in ("", *_US) else None


def named(text: str) -> str:
    """A label without what follows it on its line."""
    heading = label(text)
    return heading.text if heading else text


def _of_note(word: str) -> bool:
    """Whether a word stands in labels of notes: their noun, their readers, or a short one between them."""
    bare = re.sub(r"^[ldn]['’]", "", word)
    link = len(bare) <= _LONGEST_LINK and bare not in _OTHERS_WORK
    return link or bare.startswith((*_NOUNS, *_READERS, "attention", "public"))


def end_mark(text: str) -> bool:
    """True for "ENDS", "- ends -", "###", "-30-"."""
    bare = text.strip()
    inner = bare.strip(DECORATION)
    if not inner:
        return 2 <= len(bare.replace(" ", "")) <= 5 and set(bare) <= {"#", " "}
    if inner == "30":
        return bare != inner
    decorated = bare.rstrip(".") != inner or inner.isupper() or inner in ("Ends", "Ende")
    match = _END.fullmatch(inner) if decorated else None
    return match is not None and (not match["what"] or kind_of(match["what"]) is not None)


def details(text: str) -> bool:
    """True when an e-mail address or a telephone number stands in it."""
    return bool(_DETAIL.search(text))


def _head(text: str) -> tuple[str, str]:
    """What stands up to the first colon of a line, colon included, and the rest; without one, all."""
    text = text.strip()
    head, colon, rest = text.partition(":")
    if not colon or len(head) > 80 or rest.startswith("//"):
        return text, ""
    return f"{head}:", rest.strip()


def _unended(text: str) -> bool:
    return not re.search(r"[.!?;,]$", text)
