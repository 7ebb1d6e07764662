"""What a value must not hold when it may reach a mail header, whoever writes the header later.

Control characters and line breaks, raw or encoded: an RFC 2047 encoded word is decoded by mail
programs (and by Python 3.11's own email package) into whatever it hides.
"""

import re
import unicodedata

_ENCODED = re.compile(r"=\?[^?\s]*\?[bq]\?|%0[ad]|&#(?:x0*[ad]|0*1[03]);", re.IGNORECASE)
_BREAKS = "\x85\u2028\u2029"


def trouble(value: str, *, lines: bool = False) -> str | None:
    """What is wrong with a value, in words; None when nothing is. With `lines` it may have several."""
    for character in value:
        if lines and character in "\n\r\t":
            continue
        if character in "\n\r" or character in _BREAKS:
            return "a line break"
        if unicodedata.category(character) in ("Cc", "Cs"):
            return f"a control character (U+{ord(character):04X})"
    return None if lines or not _ENCODED.search(value) else "an encoded word or line break"


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def visible(value: str) -> str:
    """The value with control characters written out, at most 100 characters: fit for a terminal."""
    shown = "".join(c if c.isprintable() else _escaped(c) for c in value[:100])
    return shown + "…" if len(value) > 100 else shown
