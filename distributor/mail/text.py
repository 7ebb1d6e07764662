"""The layout of the text part: 72 columns, hanging indents, tables, underlined headings.

These are the filters of the text template. Words are never broken, so a long web address may stand out.
"""

import re
import textwrap
from collections.abc import Sequence

from distributor.mail.marked import Passage

_COLUMNS = 72


def wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """Each line of `text` wrapped; `first` starts the very first one, `indent` all others."""
    lines: list[str] = []
    for line in text.split("\n"):
        head = first if first is not None and not lines else indent
        lines += textwrap.wrap(
            line,
            _COLUMNS,
            initial_indent=head,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return "\n".join(lines)


def underlined(text: str, character: str = "-") -> str:
    """A heading and the line under it, as long as its longest line."""
    lines = wrapped(text)
    return f"{lines}\n{character * max(len(line) for line in lines.split(chr(10)))}"


def columns(passages: Sequence[Sequence[Passage]]) -> str:
    """A table's rows as columns where they fit; else each row as lines of "heading: cell"."""
    rows = [[cell.text for cell in row] for row in passages]
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(max(map(len, rows)))]
    if sum(widths) + 2 * (len(widths) - 1) <= _COLUMNS:
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) for row in rows
        ]
        return "\n".join(line.rstrip() for line in [lines[0], "  ".join("-" * w for w in widths), *lines[1:]])
    return "\n\n".join(_record(rows[0], row) for row in rows[1:]) or wrapped("  ".join(rows[0]))


def tidied(text: str) -> str:
    """No blanks at line ends (but in "-- ", the signature mark), never two empty lines in a row."""
    lines = [line if line == "-- " else line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _record(headings: Sequence[str], row: Sequence[str]) -> str:
    lines = []
    for position, cell in enumerate(row):
        heading = headings[position] if position < len(headings) else ""
        lines.append(wrapped(f"{heading}: {cell}" if heading else cell, indent="  ", first=""))
    return "\n".join(lines)
