"""How many paragraphs, lines and marks a release may have. What has more is none, and refused in one line.

Reading looks at each line in many ways, a tenth of a millisecond in all, and Markdown as long at each mark; a
megabyte of single letters would take half a minute. How many bytes a document may have is `encoding.LARGEST`.
"""

import re

from distributor.errors import DocumentError

MOST = 3_000  # paragraphs, headings, lists, tables
MOST_LINES = 20_000  # a megabyte has fewer, wrapped by hand at 50 characters
MOST_MARKS = 20_000  # of Markdown
_ELLIPSIS = "\x85"  # is read as Windows writes it, though it is space in Unicode
_MARK = re.compile(r"[*_\[`<]")
_CURE = "Give the text alone, and link to what is long."


def refuse_long(text: str, *, source: str) -> None:
    """Raises DocumentError when there are too many lines, or too many stretches between empty lines."""
    lines = paragraphs = 0
    empty = True
    for line in text.split("\n"):
        before, empty = empty, not line or (line.isspace() and _ELLIPSIS not in line)
        lines += not empty
        paragraphs += before and not empty
    refuse_many(paragraphs, source=source)
    if lines > MOST_LINES:
        what = f"has {lines:,} lines, a release at most {MOST_LINES:,}"
        raise DocumentError(what, where=source, cure=_CURE)


def refuse_marked(text: str, *, source: str) -> None:
    """Raises DocumentError when what may be a mark of Markdown stands in it too often."""
    marks = len(_MARK.findall(text))
    if marks > MOST_MARKS:
        what = f"has {marks:,} marks such as * and [, a release at most {MOST_MARKS:,}"
        raise DocumentError(what, where=source, cure=_CURE)


def refuse_many(paragraphs: int, *, source: str) -> None:
    """Raises DocumentError when no release has so many of them."""
    if paragraphs > MOST:
        what = f"has {paragraphs:,} paragraphs, a release at most {MOST:,}"
        raise DocumentError(what, where=source, cure=_CURE)
