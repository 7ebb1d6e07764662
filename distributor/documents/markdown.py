"""Markdown with front matter, to a draft: the body by markdown-it (CommonMark and tables), HTML as text.

The blocks become pieces, and from there the same code works as for plain text. Indented and fenced code is
ordinary text here: press releases hold none.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from distributor.documents import asides, bounds, frontmatter, furniture, textlines, traces
from distributor.documents import language as languages
from distributor.documents.assemble import Assembled, assemble
from distributor.documents.frontmatter import FrontMatter
from distributor.documents.headings import end_mark
from distributor.documents.inline import images, inline
from distributor.documents.pieces import Piece, cut, joined, written_out
from distributor.model.draft import LEVEL, Draft, Mark

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["code", "fence"])
_LABEL = re.compile(r"\[([^\[\]]+)\]")
_ADDRESS = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_Line = tuple[tuple[int, int], list[int]]  # where it stands in its paragraph; the marks that reach into it


def draft(text: str, *, data: bytes, source: str, language: str | None) -> Draft:
    """The draft that `text` is; `language` when the file's name tells it. Raises DocumentError."""
    front, body = frontmatter.read(text, source=source)
    language = front.language or language or languages.recognise(f"{front.title or ''}\n{body}") or ""
    bounds.refuse_marked(body, source=source)
    pieces = _pieces(body.replace("\t", " "), first_line=front.lines, language=language or None)
    bounds.refuse_many(len(pieces), source=source)
    headline, above, below = _headline(front, pieces)
    found = assemble(below, language=language, source=source, headline=headline, above=above)
    marks = traces.of_document(text, front_lines=front.lines, source=source)
    return _draft(front, found, data=data, source=source, marks=marks)


def _draft(
    front: FrontMatter, found: Assembled, *, data: bytes, source: str, marks: tuple[str, ...]
) -> Draft:
    version = replace(found.version, contacts=(*front.contacts, *found.version.contacts))
    return Draft(
        version=version,
        source=source,
        sha256=sha256(data).hexdigest(),
        reference=front.reference,
        type=front.type or found.type,
        topics=front.topics,
        lists=front.lists,
        exclude=front.exclude,
        also=front.also,
        embargo=front.embargo or found.embargo,
        embargo_line=front.embargo_line if front.embargo else found.embargo_line,
        embargo_named=bool(front.embargo),
        embargo_traces=marks,
        advance=front.advance,
        publisher=front.publisher,
        warnings=(*front.warnings, *found.warnings, *_two_embargoes(front, found)),
    )


def _two_embargoes(front: FrontMatter, found: Assembled) -> list[str]:
    said = [" ".join(text.casefold().split()) for text in (front.embargo, found.embargo) if text]
    if len(set(said)) < 2:
        return []
    return [f"the front matter says “{front.embargo}”, the text “{found.embargo}”: the front matter counts"]


def _headline(front: FrontMatter, pieces: list[Piece]) -> tuple[Piece | None, list[Piece], list[Piece]]:
    """The headline, what stands above it and what below; None when the text does not mark one."""
    marked = [i for i, piece in enumerate(pieces) if piece.level and not _is_known(piece.text)]
    first = next((i for i in marked if pieces[i].level == 1), None)
    if first is None and marked[:1] in ([0], [asides.above(pieces)]):
        first = marked[0]
    if front.title is None:
        return (
            (pieces[first], pieces[:first], pieces[first + 1 :]) if first is not None else (None, [], pieces)
        )
    title = Piece(front.title, 1, lines=(front.title,))
    if first is not None and _same(pieces[first].text, front.title):
        return title, pieces[:first], pieces[first + 1 :]
    return title, [], pieces


def _is_known(text: str) -> bool:
    """True for a heading that is no headline whatever its rank."""
    return furniture.release_line(text) or asides.is_label(text)


def _same(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def _pieces(body: str, *, first_line: int, language: str | None) -> list[Piece]:
    found: list[Piece] = []
    for node in SyntaxTreeNode(_parsed(body)).children:
        line = first_line + (node.map[0] if node.map else 0) + 1
        found += _block(node, line, language=language)
    return list(textlines.lists(found))


def _parsed(body: str) -> list[Token]:
    """Definitions of links show nothing (CommonMark 4.7); what only looks like one is text."""
    found: dict[str, Any] = {}
    tokens = _PARSER.parse(body, found)
    named, lines = Counter(_labels(body)), body.split("\n")
    unfit = [start for start, end, one in _defined(found) if not _defines(one, named, lines[start:end])]
    for start in unfit:
        lines[start] = lines[start].replace("[", "\\[", 1)
    return _parsed("\n".join(lines)) if unfit else tokens


def _labels(text: str) -> Iterator[str]:
    return (normalizeReference(label) for label in _LABEL.findall(text))


def _defined(found: dict[str, Any]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """First line, end and facts of each; of several for one label all but the first are none."""
    for label, one in found.get("references", {}).items():
        yield *one["map"], one | {"label": label}
    for one in found.get("duplicate_refs", []):
        yield *one["map"], one | {"label": ""}


def _defines(one: dict[str, Any], named: Mapping[str, int], own: Sequence[str]) -> bool:
    """Whether it is an address without words that a link elsewhere names."""
    if one["title"] or not _ADDRESS.match(one["href"]):
        return False
    return named.get(one["label"], 0) > list(_labels("\n".join(own))).count(one["label"])


def _block(node: SyntaxTreeNode, line: int, *, language: str | None) -> Sequence[Piece]:
    if node.type == "heading":
        text = joined(
            [_inline(child, line)[0] for child in _inlines(node)] or [Piece("", line)], separator=" "
        )
        return [replace(text, kind="heading", level=int(node.tag[1]))] if text.text else _mark(node, line)
    if node.type == "paragraph":
        shown = images(_tokens(node.children[0]))
        pieces = [Piece(alt or url, line, "image", lines=(alt or url,), url=url) for alt, url in shown]
        return pieces or _paragraph(node, line, language=language)
    if node.type in ("bullet_list", "ordered_list"):
        return _list(node, line)
    if node.type == "blockquote":
        return _quote(node, line, language=language)
    return _table(node, line) if node.type == "table" else []


def _mark(node: SyntaxTreeNode, line: int) -> list[Piece]:
    """A heading of no words is none: “###” below a text is its end."""
    return [Piece(node.markup, line, lines=(node.markup,))] if end_mark(node.markup) else []


def _inlines(node: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    """Every stretch of text below `node`, in order."""
    return [child for child in node.walk() if child.type == "inline"]


def _tokens(node: SyntaxTreeNode) -> Sequence[Token]:
    return (node.token.children if node.token else None) or []


def _inline(node: SyntaxTreeNode, line: int) -> tuple[Piece, list[tuple[int, int]]]:
    """The text, and where in it each line of the source stands."""
    found = inline(_tokens(node))
    edges = [0, *found.breaks, len(found.text)]
    return Piece(found.text, line, marks=tuple(found.marks)), list(pairwise(edges))


def _paragraph(node: SyntaxTreeNode, line: int, *, language: str | None) -> list[Piece]:
    """A paragraph; in several pieces where a line of it stands for itself ("Notes to editors")."""
    pieces: list[Piece] = []
    for child in _inlines(node):
        whole, spans = _inline(child, line)
        marked = list(zip(spans, _reaching(whole.marks, spans), strict=True))
        groups: list[list[_Line]] = []
        for number, ((start, end), _) in enumerate(marked):
            text, last = whole.text[start:end].strip(), whole.text[slice(*spans[number - 1])].strip()
            if not number or (text and last and textlines.breaks(last, text, language=language)):
                groups.append([])
            groups[-1].append(marked[number])
        pieces += (_cut(whole, group, apart=not number) for number, group in enumerate(groups))
    return [piece for piece in pieces if piece.text]


def _reaching(marks: Sequence[Mark], spans: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The numbers of the marks that reach into each line: a line is not compared with all there are."""
    starts, found = [start for start, _ in spans], [list[int]() for _ in spans]
    for number, mark in enumerate(marks):
        first = max(0, bisect_right(starts, mark.start) - 1)
        for line in range(first, bisect_left(starts, mark.end)):
            found[line].append(number)
    return found


def _cut(whole: Piece, group: Sequence[_Line], *, apart: bool) -> Piece:
    def part(start: int, end: int, numbers: Iterable[int]) -> Piece:
        return cut(replace(whole, marks=tuple(whole.marks[number] for number in numbers)), start, end)

    lines = tuple(written_out(part(*span, numbers)) for span, numbers in group)
    every = sorted({number for _, numbers in group for number in numbers})
    return replace(part(group[0][0][0], group[-1][0][1], every), lines=lines, apart=apart)


def _quote(node: SyntaxTreeNode, line: int, *, language: str | None) -> list[Piece]:
    """A block quote, its paragraphs separated by empty lines."""
    paragraphs = _paragraph(node, line, language=language)
    return [replace(joined(paragraphs, separator="\n\n"), kind="quote")] if paragraphs else []


def _list(node: SyntaxTreeNode, line: int) -> list[Piece]:
    """One entry a line, those of lists within it on lines of their own, set in; numbers are written out."""
    entries = [entry for entry in _entries(node, line) if entry.text.strip()]
    if not entries:
        return []
    lines = tuple(line for entry in entries for line in entry.lines)
    return [replace(joined(entries, separator="\n"), kind="list", lines=lines)]


def _entries(node: SyntaxTreeNode, line: int, *, level: int = 0) -> Iterator[Piece]:
    number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
    for entry in node.children:
        inner = [child for child in entry.children if child.type in ("bullet_list", "ordered_list")]
        texts = [
            _inline(text, line)[0]
            for child in entry.children
            if child not in inner
            for text in _inlines(child)
        ]
        if texts:
            yield _entry(joined(texts, separator=" "), number, level)
        number = number + 1 if number is not None else None
        for child in inner:
            yield from _entries(child, line, level=level + 1)


def _entry(piece: Piece, number: int | None, level: int) -> Piece:
    told = replace(piece, text=piece.text.replace("\n", " "))
    if number is not None:
        told = joined([Piece(f"{number}.", piece.line), told], separator=" ")
    line = written_out(told) if number is not None else f"{'–' if level else '•'} {written_out(told)}"
    return replace(joined([Piece(LEVEL * level, piece.line), told], separator=""), lines=(line,))


def _table(node: SyntaxTreeNode, line: int) -> list[Piece]:
    """One row a line, tabs between the cells."""
    rows = [row for row in node.walk() if row.type == "tr"]
    return [replace(joined([_row(row, line) for row in rows], separator="\n"), kind="table")]


def _row(node: SyntaxTreeNode, line: int) -> Piece:
    cells = [
        [_inline(child, line)[0] for child in _inlines(cell)] or [Piece("", line)] for cell in node.children
    ]
    return joined([joined(cell, separator=" ") for cell in cells], separator="\t")
