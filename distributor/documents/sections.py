"""Parts the pieces behind the opening: body, notes to editors, contacts, boilerplate, end mark.

A recognised heading opens a part, the next one ends it. What stands below the end mark without a heading is
for editors only. Whatever fits nowhere stays in the body.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from distributor.documents import headings
from distributor.documents.pieces import Piece, cut, written_out
from distributor.documents.quotes import begins_quote

_MOST_ABOUT = 4  # pieces of a boilerplate; what is longer is a part of the text
_SIGHT = 12  # pieces that are looked at to tell what a heading opens


@dataclass(slots=True)
class Sections:
    """The parts, each with its heading as it stood (None without one)."""

    body: list[Piece] = field(default_factory=list)
    notes: list[Piece] = field(default_factory=list)
    contacts: list[Piece] = field(default_factory=list)
    boilerplate: list[Piece] = field(default_factory=list)
    notes_heading: str | None = None
    contacts_heading: str | None = None
    boilerplate_heading: str | None = None
    end_mark: str | None = None  # several stand below each other, as in "ENDS" and "###"

    def take(self, others: "Sections") -> None:
        """Put the parts of another stretch behind these; a second heading is the first line below."""
        for name in ("notes", "contacts", "boilerplate"):
            heading, theirs = getattr(others, f"{name}_heading"), getattr(others, name)
            if heading and getattr(self, f"{name}_heading"):
                theirs = [Piece(heading, theirs[0].line if theirs else 1), *theirs]
            elif heading:
                setattr(self, f"{name}_heading", heading)
            getattr(self, name).extend(theirs)
        self.body += others.body
        self.end_mark = "\n".join(filter(None, (others.end_mark, self.end_mark))) or None


def part(pieces: Sequence[Piece]) -> Sections:
    """Every piece in exactly one part."""
    found, place, level = Sections(), "body", 0
    for position, piece in enumerate(pieces):
        opened = _opened(found, pieces[position : position + _SIGHT], place)
        if opened is not None:
            place, rest = opened
            level = piece.level
            if rest is not None:
                getattr(found, place).append(rest)
            continue
        if piece.kind in ("paragraph", "heading") and headings.end_mark(piece.text):
            found.end_mark = "\n".join(filter(None, (found.end_mark, piece.text)))
            place = "below" if place == "body" else place
            continue
        if _back_to_body(piece, place, level):
            place = "body"
        getattr(found, _kept(place, piece)).append(piece)
    return found


def notes(pieces: Sequence[Piece]) -> tuple[str, ...]:
    """The text of notes, one paragraph each; the entries of a list are paragraphs."""
    return tuple(text for piece in pieces for text in _paragraphs(piece))


def _paragraphs(piece: Piece) -> Sequence[str]:
    if piece.kind != "list":
        return (written_out(piece),)
    return piece.lines or written_out(piece).split("\n")


def _kept(place: str, piece: Piece) -> str:
    """Below the end mark and without a heading: contacts are contacts, the rest is for editors."""
    if place != "below":
        return place
    return "contacts" if headings.details(piece.text) and len(piece.text) <= 200 else "notes"


def _back_to_body(piece: Piece, place: str, level: int) -> bool:
    """In Markdown a heading of the same rank, and not known, ends a part."""
    return place in ("notes", "contacts", "boilerplate") and 0 < piece.level <= level


def _opened(found: Sections, pieces: Sequence[Piece], place: str) -> tuple[str, Piece | None] | None:
    """The part that the first piece opens, and what it already holds of it; None when it opens none."""
    piece = pieces[0]
    if piece.kind not in ("paragraph", "heading"):
        return None
    for name, heading in _named(pieces, place):
        if heading is None or getattr(found, f"{name}_heading") is not None:
            continue
        setattr(found, f"{name}_heading", _heading_text(piece, heading))
        return name, _behind(piece, heading)
    return None


def _named(pieces: Sequence[Piece], place: str) -> Sequence[tuple[str, headings.Heading | None]]:
    text = pieces[0].text
    about = headings.about(text) if _is_about(pieces, place) else None
    return (
        ("notes", headings.notes(text)),
        ("contacts", headings.contacts(text) if _is_contact(pieces) else None),
        ("boilerplate", about),
    )


def _heading_text(piece: Piece, heading: headings.Heading) -> str:
    return heading.text if heading.rest else written_out(piece)


def _behind(piece: Piece, heading: headings.Heading) -> Piece | None:
    if not heading.rest:
        return None
    rest = cut(piece, len(piece.text) - len(heading.rest))
    return replace(rest, apart=False, level=0, kind="paragraph")


def _is_contact(pieces: Sequence[Piece]) -> bool:
    """A heading "Contact" must have somebody to call below it, or nothing longer than a name and a number."""
    following = [piece.text for piece in pieces[:4]]
    return any(headings.details(text) for text in following) or len(pieces) <= 3


def _is_about(pieces: Sequence[Piece], place: str) -> bool:
    """In the body, "About …" opens the boilerplate only when little and no quotation follows."""
    heading = headings.about(pieces[0].text)
    if heading is None:
        return False
    below = pieces[1:]
    if not heading.rest and not (below and _describes(below[0], place)):
        return False
    own = next((i for i, piece in enumerate(below) if _ends_part(piece)), len(below))
    quoted = any(begins_quote(below[i:]) for i in range(own))
    return place != "body" or (own <= _MOST_ABOUT and not quoted)


def _describes(piece: Piece, place: str) -> bool:
    """A sentence at least; behind the body a short one does, but nobody's number."""
    if piece.kind == "list" or (place == "body" and len(piece.text) < 40):
        return False
    return place == "body" or not headings.details(piece.text)


def _ends_part(piece: Piece) -> bool:
    text = piece.text
    return bool(
        headings.end_mark(text) or headings.notes(text) or headings.contacts(text) or headings.about(text)
    )
