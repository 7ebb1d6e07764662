"""A piece: one stretch of a document as its reader found it, before it is known what it is for.

Both readers (plain text, Markdown) make pieces; the same code then turns them into a version. Cutting and
joining keep the marks in place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from distributor.model.draft import BlockKind, Mark


@dataclass(frozen=True, slots=True)
class Piece:
    """`text` is plain, `line` where it starts (from 1), `lines` its lines as they stood (links written out).

    `apart`: a blank line stands above it. `level`: of a Markdown heading, else 0.
    """

    text: str
    line: int
    kind: BlockKind = "paragraph"
    lines: tuple[str, ...] = ()
    apart: bool = True
    marks: tuple[Mark, ...] = ()
    url: str | None = None
    level: int = 0


def cut(piece: Piece, start: int, end: int | None = None) -> Piece:
    """The piece's text from `start` to `end` without blanks around it, with the marks that lie in it."""
    end = len(piece.text) if end is None else end
    part = piece.text[start:end]
    start += len(part) - len(part.lstrip())
    end = start + len(part.strip())
    marks = tuple(
        replace(m, start=max(m.start, start) - start, end=min(m.end, end) - start)
        for m in piece.marks
        if m.start < end and m.end > start
    )
    part_of = replace(piece, text=piece.text[start:end], marks=marks)
    return replace(part_of, lines=tuple(written_out(part_of).split("\n")))


def joined(pieces: Sequence[Piece], *, separator: str) -> Piece:
    """Several pieces as one; everything but text, lines and marks is the first one's."""
    marks: list[Mark] = []
    offset = 0
    for piece in pieces:
        marks += (replace(m, start=m.start + offset, end=m.end + offset) for m in piece.marks)
        offset += len(piece.text) + len(separator)
    return replace(
        pieces[0],
        text=separator.join(piece.text for piece in pieces),
        lines=tuple(line for piece in pieces for line in piece.lines),
        marks=tuple(marks),
    )


def written_out(piece: Piece) -> str:
    """The text for a place that keeps no marks: what a link points to stands in brackets behind it."""
    text = piece.text
    for mark in sorted(piece.marks, key=lambda m: m.end, reverse=True):
        if mark.kind == "link" and mark.url and not _says(text[mark.start : mark.end], mark.url):
            text = f"{text[: mark.end]} ({mark.url}){text[mark.end :]}"
    if piece.kind == "image" and piece.url:
        return f"{text} ({piece.url})".strip()
    return text


def _says(shown: str, url: str) -> bool:
    bare = url.removeprefix("mailto:").removeprefix("https://").removeprefix("http://").rstrip("/")
    return bare in shown
