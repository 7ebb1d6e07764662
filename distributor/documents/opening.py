"""How a release opens: site line, release line, headline, date line, subhead, dateline, lead.

Takes these from the first pieces, in whatever order they come, and gives back the rest. A short line before a
better headline is the site's or sender's own, not the headline.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from distributor.documents import asides, datelines, furniture, headings, sitelines
from distributor.documents.pieces import Piece, cut, written_out
from distributor.documents.quotes import begins_quote
from distributor.documents.speakers import introduces
from distributor.errors import DocumentError
from distributor.model.draft import Dateline

_LONGEST_HEADLINE = 300
_LONGEST_SUBHEAD = 250
_LABELLED = re.compile(
    r"(?:what|when|where|who|why|was|wann|wo|wer|quoi|quand|où|qui|date|time|place|ort|zeit|lieu)\s*:",
    re.IGNORECASE,
)
_MOST_SITE_LINES = 5
_MOST_SUBHEADS = 6
_MOST_PIECES = 40


@dataclass(slots=True)
class Opening:
    """What was found so far; `type`: the kind of text a line names.

    `tables` and `asides` (notes and the like) stood above the headline.
    """

    headline: Piece | None = None
    site_lines: list[str] = field(default_factory=list)
    release_lines: list[str] = field(default_factory=list)
    date_lines: list[str] = field(default_factory=list)
    subheads: list[str] = field(default_factory=list)
    dateline: Dateline | None = None
    lead: Piece | None = None
    type: str | None = None
    tables: list[Piece] = field(default_factory=list)
    asides: list[Piece] = field(default_factory=list)


def read(
    pieces: Sequence[Piece],
    *,
    language: str | None,
    source: str,
    headline: Piece | None = None,
    above: Sequence[Piece] = (),
) -> tuple[Opening, list[Piece]]:
    """The opening and the pieces behind it; its `asides` are not among them.

    `headline` is given when the document marks its own, with the pieces `above` it. Raises DocumentError
    when there is no headline.
    """
    if headline is not None and asides.is_label(headline.text):
        raise no_headline(source, line=headline.line, label=headline.text)
    opening, rest = Opening(headline=headline), list(pieces)
    first = next((at for at, piece in enumerate(above) if asides.above([piece])), len(above))
    opening.asides += above[first:]
    rest[:0] = [piece for piece in above[:first] if not _above(opening, piece, language=language)]
    for _ in range(_MOST_PIECES):
        if not rest or opening.lead is not None or not _take(opening, rest, language=language):
            break
    if opening.headline is None:
        label = opening.asides[0].text if opening.asides else ""
        if not label and rest and rest[0].kind == "paragraph" and len(rest[0].text) > _LONGEST_HEADLINE:
            raise _too_long(source, rest[0])
        raise no_headline(source, line=pieces[0].line if pieces else 1, label=label)
    return opening, [*opening.tables, *rest]


def _above(opening: Opening, piece: Piece, *, language: str | None) -> bool:
    if _furniture(opening, piece, language=language):
        return True
    short = piece.kind in ("paragraph", "heading") and len(piece.text) <= sitelines.LONGEST
    if short and len(opening.site_lines) < _MOST_SITE_LINES:
        opening.site_lines.append(written_out(piece))
        return True
    return False


def no_headline(source: str, *, line: int, label: str = "") -> DocumentError:
    """`label` is what stands where the headline is looked for."""
    place = ", above it," if label else ","
    return DocumentError(
        f"there is no headline: “{headings.named(label)}” is none" if label else "there is no headline",
        where=f"{source}, line {line}",
        cure=f"Put the headline on a line of its own{place} with an empty line below it.",
    )


def _too_long(source: str, piece: Piece) -> DocumentError:
    """A paragraph where the headline should be."""
    return DocumentError(
        f"there is no headline: what stands here has {len(piece.text):,} characters, "
        f"a headline at most {_LONGEST_HEADLINE}",
        where=f"{source}, line {piece.line}",
        cure="Put a shorter line above it, with an empty line between them.",
    )


def _take(opening: Opening, rest: list[Piece], *, language: str | None) -> bool:
    """Take the first piece into the opening when it belongs there."""
    if opening.headline is None and (length := asides.above(rest)):
        opening.asides += rest[:length]
        del rest[:length]
        return True
    piece = rest[0]
    taken = (
        _furniture(opening, piece, language=language)
        or (_site_or_headline(opening, rest, language=language) if opening.headline is None else False)
        or (opening.headline is not None and _below_headline(opening, rest, language=language))
    )
    if taken:
        del rest[0]
    return taken


def _furniture(opening: Opening, piece: Piece, *, language: str | None) -> bool:
    """Lines that mean the same wherever in the opening they stand."""
    text = written_out(piece)
    if piece.kind not in ("paragraph", "heading"):
        return False
    if furniture.date_line(text, language=language):
        opening.type = opening.type or furniture.kind_within(text)
        opening.date_lines.append(text)
    elif (kind := furniture.kind_of(text)) or furniture.code_line(text):
        opening.type = opening.type or kind
        opening.release_lines.append(text)
    elif opening.dateline is None and (dateline := datelines.alone(text, language=language)):
        opening.dateline = dateline
    else:
        return False
    return True


def _site_or_headline(opening: Opening, rest: list[Piece], *, language: str | None) -> bool:
    piece = rest[0]
    if piece.kind == "table":
        opening.tables.append(piece)
        return True
    if piece.kind not in ("paragraph", "heading") or len(piece.text) > _LONGEST_HEADLINE:
        return False
    seen = [piece, *rest[1 + asides.above(rest[1:]) :]]
    if len(opening.site_lines) < _MOST_SITE_LINES and sitelines.is_site_line(
        seen, between=_between(seen, language=language)
    ):
        opening.site_lines.append(written_out(piece))
        opening.type = opening.type or furniture.kind_within(piece.text)
        return True
    prefix = furniture.kind_prefix(piece.text)
    if prefix:
        said, opening.type, headline = prefix
        opening.release_lines.append(said)
        piece = cut(piece, len(piece.text) - len(headline))
    opening.headline = piece
    return True


def _between(rest: Sequence[Piece], *, language: str | None) -> list[Piece]:
    return [piece for piece in rest[1:5] if _furniture(Opening(), piece, language=language)]


def _below_headline(opening: Opening, rest: list[Piece], *, language: str | None) -> bool:
    piece = rest[0]
    if piece.kind not in ("paragraph", "heading") or _section(piece.text):
        return False
    if _is_label(rest):
        opening.release_lines.append(written_out(piece))
        return True
    if len(opening.subheads) < _MOST_SUBHEADS and _is_subhead(
        rest, more=bool(opening.subheads), language=language
    ):
        opening.subheads.append(written_out(piece))
        return True
    if piece.kind == "heading" or begins_quote(rest):
        return False
    opened = datelines.opening(piece.text, language=language) if opening.dateline is None else None
    if opened:
        opening.dateline = opened.dateline
        piece = cut(piece, opened.end)
    opening.lead = piece
    return True


def _section(text: str) -> bool:
    return bool(headings.end_mark(text) or headings.notes(text) or headings.contacts(text))


def _is_label(rest: Sequence[Piece]) -> bool:
    """A few words in capitals beside the date: "PLENARY SESSION"."""
    text = rest[0].text
    return text.isupper() and len(furniture.words(text)) <= 4 and text[-1] not in ".:!?" and len(rest) > 1


def _is_subhead(rest: Sequence[Piece], *, more: bool, language: str | None) -> bool:
    """A line between headline and lead, no sentence with its full stop, over a longer paragraph.

    Several lines of one block can be: `more` is True when there is one already.
    """
    piece = rest[0]
    if piece.level:
        return not more and _is_marked_subhead(rest)
    below = next((other for other in rest[1:_MOST_PIECES] if other.apart), None)
    if below is None or (more and piece.apart) or not _line_like(piece.text):
        return False
    if len(piece.text) > _LONGEST_SUBHEAD or datelines.opening(piece.text, language=language):
        return False
    if begins_quote(rest) and not (more and begins_quote(rest[:1])):
        return False
    return below.kind == "paragraph" and (
        len(below.text) > len(piece.text) or bool(datelines.alone(below.text, language=language))
    )


def _is_marked_subhead(rest: Sequence[Piece]) -> bool:
    """A second-rank heading of Markdown directly below the headline, which is no section's."""
    if len(rest) < 2 or not _line_like(rest[0].text):
        return False
    return len(furniture.words(rest[0].text)) >= 5 or (rest[0].level == 2 and rest[1].kind == "heading")


def _line_like(text: str) -> bool:
    """No sentence with its full stop, no introduction, no "Where: Brussels", no address."""
    bare = re.sub(r"(?:\s*\[\d+\])+$", "", text)
    if not bare or bare[-1] in ".:;,…" or introduces(text) or headings.details(text):
        return False
    return len(furniture.words(text)) >= 3 and not _LABELLED.match(text)
