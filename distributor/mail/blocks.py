"""The body blocks of a version as the templates show them: every stretch of text as a Passage.

It arranges; it does not reword, reorder or drop anything.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from distributor.mail.marked import Passage, Writer
from distributor.model.draft import LEVEL, Block, BlockKind, Mark

_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n)+")
_NUMBER = re.compile(r"(\d{1,4})[.)][ \t]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list; `number` as it stood ("2."), or ""; `level`: of how many points it is part."""

    number: str
    passage: Passage
    level: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """An entry with the list that stands below it."""

    entry: Entry
    within: "Listing | None" = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Points of one level; `first` where they are numbered in order."""

    points: tuple[Point, ...]
    first: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A block to show. Which parts are filled depends on its kind.

    paragraph, heading, quote: `paragraphs`; list: `entries` line by line, `first` where they are numbered
    in order, and the same as a `listing` with lists in lists; table: `rows`, the first being headings;
    image: `paragraphs` the alternative text, `source`.
    """

    kind: BlockKind
    paragraphs: tuple[Passage, ...] = ()
    before: Passage | None = None
    after: Passage | None = None
    entries: tuple[Entry, ...] = ()
    first: int | None = None
    listing: Listing | None = None
    rows: tuple[tuple[Passage, ...], ...] = ()
    source: str = ""
    number: str = ""


def shown(block: Block, *, writer: Writer, remote_images: bool) -> Shown:
    """How a block is shown; images from the web only where `remote_images` says so."""
    if block.kind == "list":
        return _list(block, writer)
    if block.kind == "table":
        rows = tuple(_cells(block, writer, start, end) for start, end in _lines(block.text))
        return Shown(kind="table", rows=rows)
    if block.kind == "image":
        return _image(block, writer, remote_images=remote_images)
    if block.kind == "quote":
        return _quote(block, writer)
    return Shown(kind=block.kind, paragraphs=passages(block.text, block.marks, writer=writer))


def passages(text: str, marks: Sequence[Mark] = (), *, writer: Writer) -> tuple[Passage, ...]:
    """A text as its paragraphs, which empty lines separate."""
    return tuple(writer.passage(text, marks, start=start, end=end) for start, end in _spans(text))


def _quote(block: Block, writer: Writer) -> Shown:
    """The speaker's line where it stood; a quote without one names its speaker after it."""
    line = block.attribution
    after = block.attribution_after
    if not line and block.speaker:
        line, after = f"— {', '.join(filter(None, (block.speaker, block.role)))}", True
    before_passage = writer.passage(line) if line and not after else None
    paragraphs = passages(block.text, block.marks, writer=writer)
    after_passage = writer.passage(line) if line and after else None
    return Shown(kind="quote", before=before_passage, paragraphs=paragraphs, after=after_passage)


def _list(block: Block, writer: Writer) -> Shown:
    entries: list[Entry] = []
    for start, end in _lines(block.text):
        above = entries[-1].level if entries else -1
        entries.append(_entry(block, writer, start, end, deepest=above + 1))
    listing = _listing(entries)
    return Shown(kind="list", entries=tuple(entries), first=listing.first, listing=listing)


def _entry(block: Block, writer: Writer, start: int, end: int, *, deepest: int) -> Entry:
    line = block.text[start:end]
    start += len(line) - len(line.lstrip(" "))
    level = min((len(line) - (end - start)) // len(LEVEL), deepest)
    number = _NUMBER.match(block.text, start, end)
    passage = writer.passage(block.text, block.marks, start=number.end() if number else start, end=end)
    return Entry(number[0].strip() if number else "", passage, level)


def _listing(entries: Sequence[Entry]) -> Listing:
    """The entries of the first one's level, each with those below it that are part of it."""
    own = [n for n, entry in enumerate(entries) if entry.level == entries[0].level]
    points = []
    for start, end in pairwise([*own, len(entries)]):
        within = entries[start + 1 : end]
        points.append(Point(entries[start], _listing(within) if within else None))
    return Listing(tuple(points), _first_number([entries[n] for n in own]))


def _first_number(entries: list[Entry]) -> int | None:
    """Where an unbroken "1. 2. 3." begins; None for any other list."""
    if not entries or not all(entry.number for entry in entries):
        return None
    numbers = [int(entry.number[:-1]) for entry in entries]
    return numbers[0] if numbers == list(range(numbers[0], numbers[0] + len(numbers))) else None


def _cells(block: Block, writer: Writer, start: int, end: int) -> tuple[Passage, ...]:
    cells, left = [], start
    for cell in block.text[start:end].split("\t"):
        cells.append(writer.passage(block.text, block.marks, start=left, end=left + len(cell)))
        left += len(cell) + 1
    return tuple(cells)


def _image(block: Block, writer: Writer, *, remote_images: bool) -> Shown:
    url = block.url or ""
    web = url.startswith(("https://", "http://"))
    if not web or not remote_images:
        writer.warn(f"the image “{block.text[:60]}” is shown as its description only")
        url = ""
    number = writer.number(url, shown="") if url else ""
    return Shown(
        kind="image", paragraphs=passages(block.text, block.marks, writer=writer), source=url, number=number
    )


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the paragraphs of a text stand, between empty lines."""
    position = 0
    for gap in [*_EMPTY_LINES.finditer(text), None]:
        end = gap.start() if gap else len(text)
        if text[position:end].strip():
            yield position, end
        position = gap.end() if gap else end


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Where the lines of a text stand that hold anything."""
    position = 0
    for line in text.split("\n"):
        if line.strip():
            yield position, position + len(line)
        position += len(line) + 1
