"""NAME.csv as a table: bytes to columns and records, with the line each record starts on.

Reads what Excel and friends write: UTF-8 (with or without BOM), Windows-1252, UTF-16 with BOM; comma,
semicolon or tab. A quotation mark that is never closed spoils its own line and no other. What the
values mean is listrows' business.
"""

import codecs
import csv
import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from distributor.documents.csvcell import meant
from distributor.documents.encoding import unmarked_utf16
from distributor.errors import DocumentError

_KNOWN = """
    email name first_name last_name outlet medium role country language topics
    embargo_access phone source note
"""
COLUMNS = tuple(_KNOWN.split())
_SAME = {"e_mail": "email", "mail": "email", "email_address": "email", "e_mail_address": "email"}
_DELIMITERS = ",;\t"
_LONGEST_CELL = 60  # lines: a quoted note may run over some
_NEAR = 0.75  # how alike two names are that mean the same: “nmae”, and not “company” and “country”


@dataclass(frozen=True, slots=True)
class Record:
    """One row: `cells` None when it cannot be split; `raw` as it stood in the file."""

    line: int
    cells: tuple[str, ...] | None
    raw: str


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` in file order, our names for known ones; they stand in the line `header`, counted from 0."""

    columns: tuple[str, ...]
    records: tuple[Record, ...]
    header: int = 0
    delimiter: str = ","


def read(data: bytes, *, where: str) -> Table:
    """The table of a CSV file. Raises DocumentError when it is empty, none, or has no column “email”."""
    lines = lines_of(data, where=where)
    first, declared = _separator_line(lines)
    while first < len(lines) and not lines[first].strip():
        first += 1
    if first == len(lines):
        raise DocumentError("is empty", where=where, cure="Write the column names in its first line.")
    delimiter = declared or _sniff(lines[first])
    columns = _columns(lines[first], delimiter, where=f"{where}:{first + 1}")
    email = columns.index("email")
    records = _records(lines, start=first + 1, delimiter=delimiter, email=email)
    return Table(columns=columns, records=tuple(records), header=first, delimiter=delimiter)


def misspelt(columns: Sequence[str]) -> dict[str, str]:
    """Columns that we do not know and take for one that is missing: {as it stands: as we know it}."""
    missing = [name for name in COLUMNS if name not in columns]
    unknown = [name for name in columns if name and name not in COLUMNS]
    near = {name: difflib.get_close_matches(_folded(name), missing, n=1, cutoff=_NEAR) for name in unknown}
    return {name: found[0] for name, found in near.items() if found}


def _folded(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.lower())


def lines_of(data: bytes, *, where: str) -> list[str]:
    """The lines that `Record.line` counts. Raises DocumentError for binary data."""
    return _lines(decode(data, where=where))


def decode(data: bytes, *, where: str) -> str:
    """Text of a file that may mix UTF-8 and Windows-1252 lines. Raises DocumentError for binary data."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not wide and unmarked_utf16(data):
        raise DocumentError(
            "is UTF-16 without its mark, so the letters cannot be told",
            where=where,
            cure="Save it as “CSV UTF-8” (Excel), or as “Unicode text” with a byte order mark.",
        )
    if not wide and _is_binary(data):
        raise DocumentError("is not a text file", where=where, cure="Save it as CSV (UTF-8) from Excel.")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-16" if wide else "utf-8")
    except UnicodeDecodeError:
        if wide:
            raise DocumentError("is broken UTF-16", where=where, cure="Save it as CSV (UTF-8).") from None
        return "\n".join(_decode_line(line) for line in data.split(b"\n"))


def _is_binary(data: bytes) -> bool:
    """A stray NUL is its row's fault; many are not text."""
    start = data[:4096]
    return data.startswith(b"PK\3\4") or start.count(0) * 20 > len(start)


def _decode_line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        # the five bytes that Windows-1252 leaves open become control characters: refused by row
        return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in line)


def _lines(text: str) -> list[str]:
    lines = re.split(r"\r?\n", text) if "\n" in text else text.split("\r")
    return lines[:-1] if lines and not lines[-1] else lines


def _separator_line(lines: Sequence[str]) -> tuple[int, str | None]:
    """Excel's own first line, “sep=;”."""
    found = re.fullmatch(r"sep=([,;\t])", lines[0].strip("\r\n "), re.IGNORECASE) if lines else None
    return (1, found.group(1)) if found else (0, None)


def _sniff(header: str) -> str:
    """The delimiter under which the most column names are known, then the one with the most columns."""

    def known(delimiter: str) -> tuple[int, int]:
        cells = _split(header, delimiter) or ()
        return len({_column(cell) for cell in cells} & set(COLUMNS)), len(cells)

    return max(_DELIMITERS, key=known)


def _column(cell: str) -> str:
    name = re.sub(r"[\s-]+", "_", cell.strip())
    known = _SAME.get(name.lower(), name.lower())
    return known if known in COLUMNS else cell.strip()


def _columns(header: str, delimiter: str, *, where: str) -> tuple[str, ...]:
    cells = _split(header, delimiter)
    columns = tuple(_column(cell) for cell in cells or ())
    if "email" not in columns:
        raise DocumentError(
            "the first line names no column “email”", where=where, cure=f"Columns are {', '.join(COLUMNS)}."
        )
    for column in columns:
        if column and columns.count(column) > 1:
            raise DocumentError(f"two columns are called “{column}”", where=where, cure="Rename one of them.")
    return columns


def _records(lines: Sequence[str], *, start: int, delimiter: str, email: int) -> Iterator[Record]:
    at = start
    while at < len(lines):
        cells, used = _record(lines, at, delimiter=delimiter, email=email)
        raw = "\n".join(lines[at : at + used])
        if raw.strip(f'"{delimiter} \t\r'):
            yield Record(line=at + 1, cells=cells, raw=raw)
        at += used


def _record(
    lines: Sequence[str], at: int, *, delimiter: str, email: int
) -> tuple[tuple[str, ...] | None, int]:
    """The cells of the record that starts at line `at`, and how many lines it takes."""
    cells = _split(lines[at], delimiter)
    if cells is not None or '"' not in lines[at]:
        return cells, 1
    raw = lines[at]
    for more in range(1, min(_LONGEST_CELL, len(lines) - at)):
        line = lines[at + more]
        if _begins_a_row(line, delimiter=delimiter, email=email):
            break
        raw += "\n" + line
        cells = _split(raw, delimiter) if '"' in line else None
        if cells is not None:
            return cells, more + 1
    return None, 1


def _begins_a_row(line: str, *, delimiter: str, email: int) -> bool:
    """An address where addresses stand: the quotation mark before it was never closed."""
    cells = _split(line, delimiter) or line.split(delimiter)
    return len(cells) > email and bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", cells[email].strip(' "')))


def _split(raw: str, delimiter: str) -> tuple[str, ...] | None:
    """The cells of one record; None when its quotation marks or line breaks are wrong."""
    try:
        rows = list(csv.reader([raw], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    if len(rows) != 1:
        return None if rows else ("",)
    return tuple(meant(cell.strip()) for cell in rows[0])
