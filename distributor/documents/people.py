"""Press contacts from the lines under "Contact": who, what, telephone, e-mail; the lines stay as they are."""

import re
from collections.abc import Sequence

from distributor.documents.pieces import Piece, written_out
from distributor.model.draft import PressContact

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?:\+|\b00|\b0|\(0)\d?[\d\s()/.\u00a0-]{5,}\d")
_LABEL = re.compile(
    r"(?<!\w)(?:e-?mail|mail|courriel|tel(?:ephone|efon|éfono|efono)?|tél(?:éphone)?|phone|mobil(?:e|telefon)?|cell"
    r"|gsm|mob|fax|t|m|e|p|press contacts?|contacts?|kontakt|name)\s*[.:]+\s*",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"\s*(?:[,;|·•/](?![^()]*\))|\s[–—-]\s|\n)\s*")
_MOST_LINES = 12  # of one contact
_LONGEST = 160  # characters of a line that still is a contact's


def contacts(pieces: Sequence[Piece]) -> tuple[tuple[PressContact, ...], tuple[Piece, ...]]:
    """The contacts in `pieces`, and the pieces that are none: whole paragraphs that stand below them."""
    groups: list[list[str]] = []
    others: list[Piece] = []
    for piece in pieces:
        if groups and _paragraph(piece):
            others.append(piece)
        else:
            _add(groups, piece)
    return tuple(contact("\n".join(group)) for group in groups), tuple(others)


def contact(text: str) -> PressContact:
    """What one contact's lines say."""
    email, phone = _EMAIL.search(text), _PHONE.search(_EMAIL.sub(" ", text))
    bare = _PHONE.sub("\n", _EMAIL.sub("\n", text))
    parts = [_bare(part) for part in _SEPARATORS.split(_LABEL.sub("\n", bare))]
    parts = [part for part in parts if any(c.isalpha() for c in part)]
    return PressContact(
        name=parts[0] if parts else None,
        role=", ".join(parts[1:]) or None,
        phone=" ".join(phone[0].split()) if phone else None,
        email=email[0] if email else None,
        text=text,
    )


def _bare(part: str) -> str:
    """Without the brackets and signs that the address or number left behind."""
    part = part.strip(" :,;<>-–—")
    return part if part.count("(") == part.count(")") else part.strip("() ")


def _paragraph(piece: Piece) -> bool:
    return piece.apart and len(piece.text) > _LONGEST and not _EMAIL.search(piece.text)


def _add(groups: list[list[str]], piece: Piece) -> None:
    """Put each line to the contact it belongs to, or begin another."""
    lines = piece.lines or written_out(piece).split("\n")
    for number, line in enumerate(lines):
        if not groups or _begins(groups[-1], line, apart=piece.apart and not number):
            groups.append([])
        groups[-1].append(line.strip())


def _begins(group: list[str], line: str, *, apart: bool) -> bool:
    """A name after somebody's number or address begins another contact; so does a second address."""
    if len(group) >= _MOST_LINES:
        return True
    reached = any(_EMAIL.search(said) or _PHONE.search(said) for said in group)
    if _EMAIL.search(line) and any(_EMAIL.search(said) for said in group):
        return True
    named = bool(contact(line).name)
    return reached and named and (apart or not (_EMAIL.match(line.strip()) or _LABEL.match(line.strip())))
