"""Lines on embargo or release, wherever in a document they stand, and what they say.

They are taken out of the text; a line that says something else first ("Press release | Embargo: …") is
parted. Embargoes in the middle of a text are not read here: `policy.embargotraces` finds their words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from distributor.documents import furniture
from distributor.documents.pieces import Piece, cut
from distributor.policy import embargowords


@dataclass(frozen=True, slots=True)
class Said:
    """The embargo as written, the line it stands on, and what a person should know."""

    embargo: str | None = None
    line: int | None = None
    warnings: tuple[str, ...] = ()


def part(pieces: Sequence[Piece], *, language: str) -> tuple[list[Piece], list[Piece]]:
    """The lines on embargo or release, with the date below a bare "EMBARGOED UNTIL"; and all other pieces."""
    said: list[Piece] = []
    rest: list[Piece] = []
    waiting = False
    for piece in (half for whole in pieces for half in parted(whole)):
        waits, waiting = waiting, False
        if _may_be(piece) and furniture.release_line(piece.text):
            said.append(piece)
            waiting = _without_time(piece.text)
        elif waits and furniture.date_line(piece.text, language=language or None):
            said[-1] = replace(said[-1], text=f"{said[-1].text}\n{piece.text}")
        else:
            rest.append(piece)
    return said, rest


def parted(piece: Piece) -> tuple[Piece, ...]:
    """A piece in two where an embargo follows something else on its line, else as it is."""
    behind = furniture.embargo_behind(piece.text) if _may_be(piece) else None
    if behind is None:
        return (piece,)
    return cut(piece, 0, behind), replace(cut(piece, behind), apart=False, level=0)


def read(said: Sequence[Piece]) -> Said:
    """What the lines say. An embargo wins over "for immediate release", and that is said."""
    texts = [furniture.embargo_text(" ".join(line.text.split())) or line.text for line in said]
    times = [n for n, text in enumerate(texts) if embargowords.immediate(text) is None]
    if not texts:
        return Said()
    exact = [n for n in times if embargowords.lifted(texts[n]) is None]
    chosen = next(iter([*exact, *times]), 0)
    found = Said(texts[chosen], said[chosen].line)
    if not times or len({" ".join(text.casefold().split()) for text in texts}) == 1:
        return found
    all_of_it = " and ".join(f"“{text}”" for text in texts)
    counts = f": “{texts[chosen]}” counts" if len(times) > 1 else ": the embargo counts"
    return replace(found, warnings=(f"the text says {all_of_it}{counts}",))


def _may_be(piece: Piece) -> bool:
    return piece.kind in ("paragraph", "heading")


def _without_time(text: str) -> bool:
    return furniture.embargo_text(text) == text.strip() and embargowords.immediate(text) is None
