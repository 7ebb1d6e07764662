"""Tables pasted into plain text: rows with tabs or bars between their cells, two or more in a run.

A bullet, a number or a label before a tab ("1.", "Tel:") makes no table. One row a line, tabs between the
cells, is how a Block keeps them.
"""

import re
from collections.abc import Iterator, Sequence

from distributor.documents import headings
from distributor.documents.pieces import Piece, joined

_MARK = re.compile(r"\W*(?:\(?(?:\d{1,2}|[a-z])[.)])?\W*|.*:", re.IGNORECASE)


def cells(line: str) -> tuple[str, ...]:
    """The cells of a row; () when the line is none."""
    if "\t" in line.strip():
        found = line.strip().split("\t")
    elif line.count("|") >= 2:
        found = line.strip().removeprefix("|").removesuffix("|").split("|")
    else:
        return ()
    if len(found) < 2 or _MARK.fullmatch(found[0].strip()) or headings.details(line):
        return ()
    return tuple(cell.strip() for cell in found)


def tabular(lines: Sequence[str]) -> Iterator[bool]:
    """For each line, whether it is a row with tabs beside another such row."""
    rows = [False, *("\t" in line.strip() and bool(cells(line)) for line in lines), False]
    for before, row, after in zip(rows, rows[1:], rows[2:], strict=False):
        yield row and (before or after)


def run(lines: Sequence[str]) -> int:
    """How many of `lines` from the first one on are one table; 0 without a second row."""
    rows = 0
    for count, line in enumerate(lines):
        found = cells(line)
        if not (_fits(found, cells(lines[0])) or (rows and _rule(line))):
            return count if rows > 1 else 0
        rows += bool(found)
    return len(lines) if rows > 1 else 0


def table(rows: Sequence[Piece]) -> Piece:
    """One piece of several lines; a rule between them goes."""
    kept = [
        Piece("\t".join(cells(row.text)), row.line, apart=row.apart) for row in rows if not _rule(row.text)
    ]
    return Piece(joined(kept, separator="\n").text, rows[0].line, "table", apart=rows[0].apart)


def _fits(row: tuple[str, ...], first: tuple[str, ...]) -> bool:
    return bool(row) and len(row) == len(first)


def _rule(line: str) -> bool:
    return "-" in line and set(line) <= set("|-:+= ")
