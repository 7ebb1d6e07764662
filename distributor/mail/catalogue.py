"""The words that we write ourselves, in the reader's language.

Catalogues are gettext sources, `distributor/locale/LANGUAGE/messages.po`, read with babel when first
needed: nothing has to be compiled, and the wheel carries what a translator edits. A language without a
catalogue, and a message without a translation, fall back to English. It does not choose the language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent.parent / "locale"

# Day before month and 24 hours: what a European newsroom reads as English.
_LOCALES = {"en": "en_GB"}


@dataclass(frozen=True)
class Catalogue:
    """The messages of one language. `language` is that of the words, English after a fallback."""

    language: str
    messages: Mapping[str, str]

    def __call__(self, message: str) -> str:
        """The translation of `message`; the English text itself when there is none."""
        return self.messages.get(message) or message

    def fill(self, message: str, **values: str) -> str:
        """The translation with its {placeholders} filled; values are never read as placeholders."""
        return self(message).format_map(values)


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language tag ("fr", "fr-BE"), else the English one."""
    base = language.partition("-")[0].lower()
    if base not in languages():
        base = "en"
    return Catalogue(language=base, messages=_messages(FOLDER / base / "messages.po"))


@cache
def languages() -> frozenset[str]:
    """The languages that have a catalogue."""
    return frozenset(file.parent.name for file in FOLDER.glob("*/messages.po"))


@cache
def locale(language: str) -> Locale:
    """Babel's locale of a language tag, British English for a tag that it does not know."""
    try:
        return Locale.parse(_LOCALES.get(language, language), sep="_" if "_" in language else "-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_LOCALES["en"])


def direction(language: str) -> str:
    """ "rtl" or "ltr", as HTML's dir attribute wants it."""
    return "rtl" if locale(language).character_order == "right-to-left" else "ltr"


def _messages(file: Path) -> dict[str, str]:
    with file.open("rb") as source:
        catalog = read_po(source, abort_invalid=True)
    return {str(message.id): str(message.string) for message in catalog if message.id and message.string}
