"""What may reach a mail header: the one rule, whoever writes the header later.

Refused are control characters and line breaks, also in disguise: RFC 2047 encoded words are decoded by mail
programs (and by Python 3.11's own email package), %0A and &#10; by whatever else passes a text on. Looks
only; nothing is changed or shortened.
"""

import html
import re
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header
from urllib.parse import unquote

from distributor.errors import Refused

_KINDS = {
    "Cc": "a control character",
    "Zl": "a line break",
    "Zp": "a line break",
    "Cs": "half a character",
}
_BREAKS = "\n\r\x85\u2028\u2029"
_DISGUISE = re.compile(r"=\?|%|&")
_WORD = re.compile(r"(?=(=\?[^?]*\?[bq]\?[^?]*\?=))", re.IGNORECASE)
#: ALM, LRM, RLM, embeddings, overrides, isolates (Unicode annex 9): they reorder what is shown.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: Without the marks, which names in Hebrew and Arabic may need.
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_DEEPEST = 4  # disguises within disguises


def trouble(value: str, *, lines: bool = False) -> str | None:
    """What is wrong with a value, in words; None when nothing is.

    With `lines` it reaches no header: it may have several lines, and disguises do not matter.
    """
    if value.isprintable() and not _DISGUISE.search(value):
        return None
    if lines:
        return _raw(value.replace("\r", "").replace("\n", "").replace("\t", ""))
    return _raw(value) or _disguised(value, depth=0)


def trouble_of_name(value: str, *, lines: bool = False) -> str | None:
    """As `trouble`; what people are called by may not change the order of letters either."""
    found = _REORDERING.search(value)
    return f"a hidden mark (U+{ord(found[0]):04X})" if found else trouble(value, lines=lines)


def trouble_of_address(value: str) -> str | None:
    """As `trouble`; an address holds no encoded word at all, nothing hidden, and no mark of direction."""
    found = _BIDI.search(value)
    if found:
        return f"a hidden mark (U+{ord(found[0]):04X})"
    return "an encoded word" if re.search(r"=\?.*\?=", value) else trouble(value)


def one_line(value: str, *, where: str) -> str:
    """`value` without the spaces around it, fit for the log and for mails. Raises Refused."""
    wrong = trouble_of_name(value)
    if wrong:
        raise Refused(
            f"“{visible(value)}” holds {wrong}", where=where, cure="Write it as plain text on one line."
        )
    return value.strip()


def visible(value: str) -> str:
    """The value with what is not printable written out, at most 100 characters: fit for a terminal."""
    shown = "".join(c if c.isprintable() else escaped(c) for c in value[:100])
    return shown + "…" if len(value) > 100 else shown


def escaped(character: str) -> str:
    """ "\\x1b", "\\u202e": the character as its number."""
    code = ord(character)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _raw(value: str) -> str | None:
    for character in value:
        kind = _KINDS.get(unicodedata.category(character))
        if kind:
            kind = "a line break" if character in _BREAKS else kind
            return f"{kind} (U+{ord(character):04X})"
    return None


def _disguised(value: str, *, depth: int) -> str | None:
    """What encoded words, percent signs and HTML entities hide, however often they are wrapped."""
    for word in _WORD.findall(value):
        try:
            hidden = _decoded(word)
        except HeaderParseError:
            return "a broken encoded word"
        found = _raw(hidden)
        if found:
            return f"an encoded word with {found}"
        if hidden != word and depth < _DEEPEST and (inner := _disguised(hidden, depth=depth + 1)):
            return inner
    bare = html.unescape(unquote(value, errors="replace"))
    if sum(map(bare.count, _BREAKS)) > sum(map(value.count, _BREAKS)):
        return "an encoded line break"
    deeper = bare != value and depth < _DEEPEST
    return _disguised(bare, depth=depth + 1) if deeper else None


def _decoded(word: str) -> str:
    """The text of one encoded word. Raises HeaderParseError."""
    content: str | bytes
    content, charset = decode_header(word)[0]
    if isinstance(content, str):
        return content
    text = content.decode("latin-1")
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        return text
    try:
        return content.decode(charset or "ascii", errors="replace")
    except (LookupError, UnicodeError):
        return text
