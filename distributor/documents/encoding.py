"""Bytes of a document to clean text: UTF-8 with or without BOM, UTF-16 with BOM, Windows-1252.

Refuses what is no text. Line ends become "\\n"; control and direction-changing characters go, so that none
can reach a headline or a header; no-break spaces stay. It does not know what the text means.
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass
from itertools import repeat

from distributor.documents import bounds, tables
from distributor.errors import DocumentError

LARGEST = 1_000_000  # bytes
_SAVE = "Save it as UTF-8 text and give that file."
_KNOWN = {
    b"PK\x03\x04": "a Word or other zipped document",
    b"%PDF": "a PDF",
    b"{\\rtf": "a rich-text document",
    b"\xd0\xcf\x11\xe0": "an old Word document",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
}
_LINE_ENDS = re.compile(r"\r\n|[\n\r\v\u2028\u2029]")
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\x80-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffe\uffff]"
)
_BLANKS = re.compile(r"(?<=\S)([^\S\n])[^\S\n]+(?=\S)")
_WINDOWS_CONTROLS = re.compile("[\x80-\x9f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Clean text, and what a person should be told about how it was read."""

    text: str
    warnings: tuple[str, ...] = ()


def decode(data: bytes, *, source: str) -> Decoded:
    """The text of a document. Raises DocumentError with file, line and cure."""
    refuse_large(len(data), source=source)
    _refuse_known(data, source=source)
    text, warnings = _text(data, source=source)
    text = _ended(text)
    bounds.refuse_long(text, source=source)
    text = clean(text)
    if not text.strip():
        raise DocumentError("is empty", where=source, cure="Give a file with a headline and a text.")
    return Decoded(text, warnings)


def refuse_large(size: int, *, source: str) -> None:
    """Raises DocumentError when `size` bytes are more than a document may have."""
    if size > LARGEST:
        what = f"is too large ({size / 1_000_000:.1f} MB, the limit is 1 MB)"
        raise DocumentError(what, where=source, cure="Give the text alone, and link to what is long.")


def clean(text: str) -> str:
    """Text with "\\n" for line ends and without control characters, in Unicode's composed form.

    Tabs stay between the cells of pasted tables, and become blanks elsewhere.
    """
    text = _ended(text)
    text = _WINDOWS_CONTROLS.sub(lambda match: _as_windows(match[0]), text)
    text = unicodedata.normalize("NFC", without_hidden(text))
    lines = text.split("\n")
    rows = tables.tabular(lines) if "\t" in text else repeat(False)
    return "\n".join(_blanks(line, row=row) for line, row in zip(lines, rows, strict=False))


def _ended(text: str) -> str:
    """With "\\n" for line ends."""
    return _LINE_ENDS.sub("\n", text).replace("\f", "\n\n")


def without_hidden(text: str) -> str:
    """Without control characters, marks of direction, and what has no width."""
    return _DROPPED.sub("", text)


def _blanks(line: str, *, row: bool) -> str:
    if row:
        return "\t".join(_BLANKS.sub(r"\1", cell.strip()) for cell in line.strip().split("\t"))
    return _BLANKS.sub(r"\1", line.replace("\t", "    "))


def _as_windows(character: str) -> str:
    """U+0080-9F come from Windows-1252 text that somebody read as Latin-1."""
    return bytes([ord(character)]).decode("cp1252", errors="ignore")


def _refuse_known(data: bytes, *, source: str) -> None:
    for start, what in _KNOWN.items():
        if data.startswith(start):
            raise DocumentError(f"is {what}, not text", where=source, cure=_SAVE)


def _text(data: bytes, *, source: str) -> tuple[str, tuple[str, ...]]:
    for bom, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(bom):
            return _strictly(data[len(bom) :], name, source=source), ()
    if unmarked_utf16(data):
        what = "is UTF-16 without its mark, so the letters cannot be told"
        raise DocumentError(what, where=f"{source}, line 1", cure=_SAVE)
    _refuse_binary(data, source=source)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        return _windows(data, error, source=source)


def unmarked_utf16(data: bytes) -> bool:
    """Every other byte of western text is NUL then, and of those between none."""
    start = data[:4096]
    halves = (start[0::2].count(0), start[1::2].count(0))
    return min(halves) == 0 and max(halves) * 3 > len(start)


def _strictly(data: bytes, encoding: str, *, source: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, errors="replace")
        raise _broken(encoding.upper(), before.count("\n") + 1, source=source) from None
    if "\x00" in text:
        raise _binary(text.count("\n", 0, text.index("\x00")) + 1, source=source)
    return text


def _refuse_binary(data: bytes, *, source: str) -> None:
    """NUL in none of the encodings; more than a few other control characters in no text."""
    controls = sum(data.count(byte) for byte in range(32) if byte not in b"\t\n\v\f\r")
    if b"\x00" in data or controls > 8 + len(data) // 100:
        place = re.search(rb"[\x00-\x08\x0e-\x1f]", data)
        raise _binary(_line(data, place.start() if place else 0), source=source)


def _windows(data: bytes, error: UnicodeDecodeError, *, source: str) -> tuple[str, tuple[str, ...]]:
    """Not UTF-8: Windows-1252, unless it is UTF-8 that was broken somewhere."""
    line = _line(data, error.start)
    lenient = data.decode("utf-8", errors="replace")
    sound = sum(1 for c in lenient if ord(c) > 127 and c != "\ufffd")
    if sound > lenient.count("\ufffd"):
        raise _broken("UTF-8", line, source=source)
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as other:
        raise _broken("UTF-8 or Windows-1252", _line(data, other.start), source=source) from None
    return text, (f"line {line} is not UTF-8: read as Windows-1252, look at the letters with accents",)


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _binary(line: int, *, source: str) -> DocumentError:
    return DocumentError("is not text but binary data", where=f"{source}, line {line}", cure=_SAVE)


def _broken(encoding: str, line: int, *, source: str) -> DocumentError:
    return DocumentError(f"is not valid {encoding}", where=f"{source}, line {line}", cure=_SAVE)
