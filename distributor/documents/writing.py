"""A version back to a document: Markdown that reads as the same version, to be mended by a person.

Only values go in, so a text that once came otherwise (plain, pasted) is written anew. What is between the
lines of a document and in no version is not kept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from distributor.model.draft import LEVEL, Block, Mark, Version

_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~])")
_LINE_START = re.compile(r"^(\s*)([#+=-]|\d+(?=[.)]))", re.MULTILINE)
_POINT = re.compile(r"(\d+)\. (.*)", re.DOTALL)
_AROUND = {"strong": ("**", "**"), "emphasis": ("*", "*")}


def markdown(version: Version, *, front: Mapping[str, str]) -> str:
    """The document; `front` are keys of its front matter beside the language."""
    said = {"language": version.language, **front}
    lines = [f"{key}: {_quoted(value)}" for key, value in said.items() if value]
    return "\n".join(["---", *lines, "---", "", "\n\n".join(_parts(version))]) + "\n"


def _quoted(value: str) -> str:
    return value if re.fullmatch(r"[\w-]+", value) else "'" + value.replace("'", "''") + "'"


def _parts(version: Version) -> Iterator[str]:
    for line in (version.site_line, version.date_line, version.release_line):
        yield from (_text(part) for part in (line or "").split("\n") if part)
    yield f"# {_text(version.headline)}"
    yield from (f"## {_text(part)}" for part in (version.subhead or "").split("\n") if part)
    dateline = version.dateline.text if version.dateline else ""
    yield from filter(None, [_text(dateline), _text(version.lead, version.marks)])
    for block in version.blocks:
        yield from _block(block)
    yield from _section(version.notes_heading, version.notes_to_editors)
    yield from _section(version.contacts_heading, [contact.text for contact in version.contacts])
    yield from _section(version.boilerplate_heading, version.boilerplate)
    yield from (_text(part) for part in (version.end_mark or "").split("\n") if part)


def _section(heading: str | None, texts: Iterable[str]) -> Iterator[str]:
    yield from ([f"## {_text(heading)}"] if heading else [])
    yield from (_lines(text) for text in texts)


def _lines(text: str) -> str:
    """Paragraphs whose lines stay lines."""
    return "\n\n".join("\\\n".join(_text(line) for line in part.split("\n")) for part in text.split("\n\n"))


def _block(block: Block) -> Iterator[str]:
    if block.kind == "heading":
        yield f"## {_text(block.text, block.marks)}"
    elif block.kind == "list":
        yield "\n".join(_points(block))
    elif block.kind == "table":
        yield "\n".join(_rows(block))
    elif block.kind == "image":
        yield f"![{_text(block.text)}]({block.url})"
    elif block.kind == "quote":
        yield from _quote(block)
    else:
        yield _text(block.text, block.marks)


def _points(block: Block) -> Iterator[str]:
    start = 0
    for line in block.text.split("\n"):
        marks = _within(block.marks, start, start + len(line))
        bare = line.lstrip()
        level, shift = (len(line) - len(bare)) // len(LEVEL), len(line) - len(bare)
        numbered = _POINT.fullmatch(bare)
        sign = f"{numbered[1]}." if numbered else "-"
        shift += numbered.start(2) if numbered else 0
        yield f"{'   ' * level}{sign} {_text(line[shift:], _within(marks, shift, len(line)))}"
        start += len(line) + 1


def _rows(block: Block) -> Iterator[str]:
    start = 0
    for number, row in enumerate(block.text.split("\n")):
        cells = []
        for cell in row.split("\t"):
            cells.append(_text(cell, _within(block.marks, start, start + len(cell))))
            start += len(cell) + 1
        yield f"| {' | '.join(cells)} |"
        if not number:
            yield f"|{'---|' * len(cells)}"


def _quote(block: Block) -> Iterator[str]:
    said = "\n".join(f"> {line}".rstrip() for line in _text(block.text, block.marks).split("\n"))
    parts = [_text(block.attribution or ""), said]
    yield from filter(None, reversed(parts) if block.attribution_after else parts)


def _within(marks: tuple[Mark, ...], start: int, end: int) -> tuple[Mark, ...]:
    """Those of text[start:end], counted from its start."""
    return tuple(
        Mark(mark.start - start, mark.end - start, mark.kind, mark.url)
        for mark in marks
        if start <= mark.start and mark.end <= end
    )


def _text(text: str, marks: tuple[Mark, ...] = ()) -> str:
    """With marks written out, and what only looks like Markdown kept as it is."""
    at: dict[int, list[str]] = {}
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        opening, closing = _AROUND.get(mark.kind, ("[", f"](<{mark.url}>)"))
        at.setdefault(mark.start, []).append(opening)
        at.setdefault(mark.end, []).insert(0, closing)
    written, last = "", 0
    for place in sorted(at):
        written += _SPECIAL.sub(r"\\\1", text[last:place]) + "".join(at[place])
        last = place
    written += _SPECIAL.sub(r"\\\1", text[last:])
    return _LINE_START.sub(_escaped, written)


def _escaped(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}\\" if match[2].isdigit() else f"{match[1]}\\{match[2]}"
