"""Lines of plain text to pieces: paragraphs, lists, headings; hard-wrapped lines are joined again.

Text is pasted in many ways: blank lines between paragraphs or none, one long line a paragraph or lines
broken at 72 characters. Where it cannot tell, lines stay apart. It knows the shape of lines, and asks
`furniture` and `headings` only where a line must stand alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, takewhile

from distributor.documents import furniture, headings, tables
from distributor.documents.pieces import Piece, cut, joined, written_out
from distributor.documents.quotes import CLOSERS
from distributor.documents.speakers import introduces, signs

_BULLET = re.compile(r"(?P<mark>[•·‣▪◦●○■□*✓➢→\uf0b7]|[-–—](?=\s))\s*(?P<rest>\S.*)")
_NUMBER = re.compile(r"(?P<mark>\(?(?P<value>\d{1,2})[.)]|\(?[a-z]\))\s+(?P<rest>\S.*)")
_SUSPENDED = re.compile(r"(?:und|oder|bzw|and|or|et|ou|y|o|en|of|och|og)\b")
_WRAPS_FROM, _WRAPS_TO = 45, 110  # characters of a hard-wrapped line
_LONGEST_HEADING = 90
_LONGEST_ABOUT = 40
_MOST_ROWS = 500
_ENDED = '.!?:”“»"'


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    number: int
    apart: bool
    indent: int


def pieces(text: str, *, language: str | None) -> list[Piece]:
    """The text's pieces in their order. Every line is in exactly one of them."""
    lines = list(_lines(text))
    width = _width(lines)
    groups = list(_grouped(lines, width=width, language=language))
    return list(_headings(list(lists(groups))))


def _lines(text: str) -> Iterator[_Line]:
    apart = True
    for number, raw in enumerate(text.split("\n"), start=1):
        bare = raw.strip()
        if bare:
            yield _Line(bare, number, apart, len(raw) - len(raw.lstrip()))
        apart = not bare


def _width(lines: Sequence[_Line]) -> int | None:
    """The column at which the text was wrapped by hand; None when it was not."""
    longest = max((len(line.text) for line in lines if " " in line.text), default=0)
    return longest if _WRAPS_FROM <= longest <= _WRAPS_TO else None


def _grouped(lines: Sequence[_Line], *, width: int | None, language: str | None) -> Iterator[Piece]:
    """Pasted tables, and the paragraphs between them."""
    waiting: list[_Line] = []
    position = 0
    while position < len(lines):
        rows = _table(lines, position)
        if rows:
            yield from _groups(waiting, width=width, language=language)
            waiting = []
            yield tables.table([Piece(row.text, row.number, apart=row.apart) for row in rows])
        else:
            waiting.append(replace(lines[position], text=lines[position].text.replace("\t", " ")))
        position += len(rows) or 1
    yield from _groups(waiting, width=width, language=language)


def _table(lines: Sequence[_Line], start: int) -> Sequence[_Line]:
    """The rows of a table that begins at `start`: lines without an empty one between them."""
    first = lines[start].text
    if not start or not tables.cells(first) or furniture.kind_within(first):  # the portal's own line
        return ()
    block = _block(lines, start, most=3)
    if not tables.run([line.text for line in block]):
        return ()
    block = _block(lines, start, most=_MOST_ROWS)
    return block[: tables.run([line.text for line in block])]


def _block(lines: Sequence[_Line], start: int, *, most: int) -> list[_Line]:
    """At most so many lines from `start` on, up to the next empty one."""
    following = takewhile(lambda line: not line.apart, islice(lines, start + 1, start + most))
    return [lines[start], *following]


def _groups(lines: Sequence[_Line], *, width: int | None, language: str | None) -> Iterator[Piece]:
    """Lines that belong to one paragraph, as one piece."""
    group: list[_Line] = []
    for line in lines:
        if group and not _belongs(group, line, width=width, language=language):
            yield _piece(group)
            group = []
        group.append(line)
    if group:
        yield _piece(group)


def _belongs(group: Sequence[_Line], line: _Line, *, width: int | None, language: str | None) -> bool:
    last = group[-1]
    if line.apart or breaks(last.text, line.text, language=language):
        return False
    if _is_bullet(group[0].text) and line.indent > group[0].indent:
        return True
    return _wrapped(last.text, line.text, width=width)


def breaks(last: str, line: str, *, language: str | None) -> bool:
    """True when one of two lines that follow each other is never part of a paragraph with the other."""
    if _stands_alone(last, language=language) or _stands_alone(line, language=language):
        return True
    if (last.endswith(":") and introduces(last)) or (last[-1] in _ENDED and introduces(line)):
        return True
    return _begins(line, after=last)


def _begins(text: str, *, after: str) -> bool:
    """True for a line that opens a list entry, a quotation or a signature, so a piece of its own."""
    if _is_bullet(text) or _NUMBER.match(text):
        return True
    if (
        text[0] in CLOSERS
        and text[0] not in "‘‚"
        and after.endswith((":", ".", "!", "?", "”", "“", "»", '"'))
    ):
        return True
    return text[0] in "–—―" and signs(text) and after.rstrip(".")[-1:] in '”“»«"'


@lru_cache(maxsize=1024)  # a line is looked at beside the one above and beside the one below
def _stands_alone(text: str, *, language: str | None) -> bool:
    """True for a line that is never part of a longer paragraph."""
    if (
        furniture.release_line(text)
        or furniture.embargo_behind(text) is not None
        or furniture.kind_of(text)
        or furniture.date_line(text, language=language)
    ):
        return True
    if len(text) <= _LONGEST_ABOUT and text[0].isupper() and headings.about(text):
        return True
    return bool(headings.end_mark(text) or headings.notes(text) or headings.contacts(text))


def _wrapped(last: str, line: str, *, width: int | None) -> bool:
    """True when `line` goes on where `last` was cut: its first word would not have fitted."""
    if width is None:
        return line[0].islower() and len(last) >= _WRAPS_FROM and last[-1] not in ".:!?"
    if line[0].islower() and last[-1] not in ".:!?;" and len(last) >= width // 2:
        return True
    return len(last) + 1 + len(line.split()[0]) > width


def _piece(group: Sequence[_Line]) -> Piece:
    parts = [group[0].text]
    for line in group[1:]:
        parts += (_glue(parts[-1], line.text), line.text)
    return Piece(
        "".join(parts), group[0].number, lines=tuple(line.text for line in group), apart=group[0].apart
    )


def _glue(line: str, following: str) -> str:
    """Nothing after a hyphen that cut a word; a blank elsewhere."""
    cut_word = line[-1] == "-" and line[-2:-1].isalpha() and following[0].isalpha()
    return "" if cut_word and not _SUSPENDED.match(following) else " "


def _is_bullet(text: str) -> bool:
    return bool(_BULLET.match(text)) and not headings.end_mark(text)


def lists(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Runs of entries become lists; a dash or number alone stays a paragraph, as it stood."""
    position = 0
    while position < len(pieces):
        run = _run(pieces, position)
        if run:
            yield _list(pieces[position : position + run])
        else:
            yield pieces[position]
        position += run or 1


def _run(pieces: Sequence[Piece], start: int) -> int:
    """How many pieces from `start` on are entries of one list."""
    numbered = sum(1 for _ in takewhile(bool, _numbered(_from(pieces, start))))
    if numbered >= 2:
        return numbered
    mark = _mark(pieces[start])
    if mark is None:
        return 0
    count = sum(1 for _ in takewhile(lambda piece: _mark(piece) == mark, _from(pieces, start)))
    return 0 if count == 1 and mark in ("-", "–", "—", "*", "→") else count


def _from(pieces: Sequence[Piece], start: int) -> Iterator[Piece]:
    """The pieces from `start` on, without a copy: a document may be one long list."""
    return (pieces[position] for position in range(start, len(pieces)))


def _mark(piece: Piece) -> str | None:
    match = _BULLET.match(piece.text) if piece.kind == "paragraph" else None
    return match["mark"] if match and not headings.end_mark(piece.text) else None


def _numbered(pieces: Iterable[Piece]) -> Iterator[bool]:
    """True for each entry "1. 2. 3." or "a) b) c)" as long as they are in their order."""
    last: int | None = None
    for piece in pieces:
        match = _NUMBER.match(piece.text) if piece.kind == "paragraph" else None
        if match is None:
            return
        value = int(match["value"]) if match["value"] else ord(match["mark"].strip("()")[0])
        yield last is None or value == last + 1
        last = value


def _list(entries: Sequence[Piece]) -> Piece:
    """One entry a line; bullets go, numbers stay."""
    bare = [_without_bullet(entry) for entry in entries]
    lines = tuple(written_out(entry) for entry in entries)
    return replace(joined(bare, separator="\n"), kind="list", lines=lines)


def _without_bullet(entry: Piece) -> Piece:
    match = _BULLET.match(entry.text)
    return cut(entry, match.start("rest")) if match else entry


def _headings(pieces: Sequence[Piece]) -> Iterator[Piece]:
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        heading = following is not None and _is_heading(piece, following)
        yield replace(piece, kind="heading") if heading else piece


def _is_heading(piece: Piece, following: Piece) -> bool:
    """A short line on its own, without a full stop, over a longer paragraph or a list."""
    text = piece.text
    if piece.kind != "paragraph" or not piece.apart or len(piece.lines) > 1 or len(text) > _LONGEST_HEADING:
        return False
    if text[-1] in '.,;:!”“»"…' or not text[0].isupper() or len(text.split()) > 12:
        return False
    if signs(text) or headings.details(text):
        return False
    return following.kind == "list" or (
        following.kind == "paragraph" and len(following.text) > 1.5 * len(text)
    )
