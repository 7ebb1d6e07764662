"""A cell of a CSV file that a spreadsheet must not take for a formula, and what was meant by it.

A cell that begins with = + - or @, also as wide letters, or with a tab or line break, gets an apostrophe
before it, one that begins with such an apostrophe one more: so each reads back as it was.
"""

import re

_BEGINS = r"[=+\-@＝＋－＠\t\r\n]"
_FORMULA = re.compile(f"'*{_BEGINS}")
_GUARDED = re.compile(f"'+{_BEGINS}")


def guarded(cell: str) -> str:
    """The cell as it is written."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def meant(cell: str) -> str:
    """The cell that was written so; any other as it is."""
    return cell[1:] if _GUARDED.match(cell) else cell
