"""What stands above a headline and belongs below the text: notes, contacts, a boilerplate, an end mark.

A label ("Note to editors:", "Contact", "About us", "ENDS") is never a headline: it heads a part. That goes on
to the next line that is fit to be a headline and has an empty line above it. `sections` then reads it.
"""

from collections.abc import Sequence
from itertools import takewhile

from distributor.documents import headings
from distributor.documents.pieces import Piece
from distributor.documents.sitelines import fit_for_headline


def is_label(text: str) -> bool:
    """True for a line that only says what the lines below it are, or that the text is over."""
    return headings.end_mark(text) or headings.label(text) is not None


def above(pieces: Sequence[Piece]) -> int:
    """How many pieces a label at the start opens, itself included; 0 without one."""
    if not pieces or pieces[0].kind not in ("paragraph", "heading") or not is_label(pieces[0].text):
        return 0
    heading = headings.label(pieces[0].text)
    bare = heading is not None and not heading.rest
    end = _block(pieces, 0)
    if bare and end == 1:  # an empty line below it: its part begins behind that
        end = _block(pieces, 1)
    while end < len(pieces) and not _heads(pieces, end):
        end = _block(pieces, end)
    return end


def _block(pieces: Sequence[Piece], start: int) -> int:
    """Where the pieces end that have no empty line between them."""
    return start + 1 + sum(1 for _ in takewhile(lambda piece: not piece.apart, pieces[start + 1 :]))


def _heads(pieces: Sequence[Piece], start: int) -> bool:
    """Whether a new thing begins there: another label, or what may be the headline and is nobody's name."""
    first = pieces[start]
    if is_label(first.text):
        return True
    block = pieces[start : _block(pieces, start)]
    return fit_for_headline(first) and not any(headings.details(piece.text) for piece in block)
