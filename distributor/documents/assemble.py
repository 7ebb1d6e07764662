"""Pieces to a version: takes out the release lines, then the opening, the parts below it, the quotations.

Also tells what the text itself says about its embargo and its type, and what looks like an embargo but was
not understood.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from distributor.documents import furniture, opening, people, quotes, sections
from distributor.documents.pieces import Piece, written_out
from distributor.model.draft import Version
from distributor.policy import embargowords

_MENTION = re.compile(
    r"\b(?:embargoed (?:until|till)|sperrfrist|(?:under|sous|bajo|sotto|sob|onder|unter) embargo"
    r"|not for (?:release|publication) before)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Assembled:
    """A version, and what its text says about sending it."""

    version: Version
    embargo: str | None = None
    type: str | None = None
    warnings: tuple[str, ...] = ()


def assemble(
    pieces: Sequence[Piece],
    *,
    language: str,
    source: str,
    headline: Piece | None = None,
    above: Sequence[Piece] = (),
) -> Assembled:
    """The version that `pieces` are. Raises DocumentError when there is no headline.

    A document that marks its `headline` gives it apart, with the pieces that stand `above` it.
    """
    said_above, above = _release_lines(above, language=language)
    said, rest = _release_lines(pieces, language=language)
    said, everything = [*said_above, *said], [*above, *rest]
    opened, rest = opening.read(
        rest, language=language or None, headline=headline, above=above, source=source
    )
    parts = sections.part(rest)
    version = _version(opened, parts, release_lines=[line.text for line in said], language=language)
    embargo, warnings = _embargo(said)
    return Assembled(version, embargo, opened.type, (*warnings, *_mentions(everything), *_thin(version)))


def _release_lines(pieces: Sequence[Piece], *, language: str) -> tuple[list[Piece], list[Piece]]:
    """Lines on embargo or release, wherever they stand, with the date below a bare "EMBARGOED UNTIL"."""
    said: list[Piece] = []
    rest: list[Piece] = []
    waiting = False
    for piece in pieces:
        waits, waiting = waiting, False
        if piece.kind in ("paragraph", "heading") and furniture.release_line(piece.text):
            said.append(piece)
            waiting = _without_time(piece.text)
        elif waits and furniture.date_line(piece.text, language=language or None):
            said[-1] = replace(said[-1], text=f"{said[-1].text}\n{piece.text}")
        else:
            rest.append(piece)
    return said, rest


def _without_time(text: str) -> bool:
    return furniture.embargo_text(text) == text.strip() and embargowords.immediate(text) is None


def _embargo(said: Sequence[Piece]) -> tuple[str | None, tuple[str, ...]]:
    """The embargo's time as written. An embargo wins over "for immediate release", and that is said."""
    texts = [furniture.embargo_text(" ".join(line.text.split())) or line.text for line in said]
    times = [text for text in texts if embargowords.immediate(text) is None]
    if not times:
        return (texts[0] if texts else None), ()
    different = {" ".join(text.casefold().split()) for text in texts}
    if len(different) == 1:
        return times[0], ()
    return times[0], (f"the text says {' and '.join(f'“{text}”' for text in texts)}: the embargo counts",)


def _mentions(pieces: Sequence[Piece]) -> list[str]:
    found = ((piece.line, _MENTION.search(piece.text)) for piece in pieces)
    return [
        f"line {line} speaks of an embargo (“{mention[0]}”): set it with --embargo if it is one"
        for line, mention in found
        if mention
    ]


def _thin(version: Version) -> list[str]:
    return [] if version.lead or version.blocks else ["there is no text below the headline"]


def _version(
    opened: opening.Opening, parts: sections.Sections, *, release_lines: list[str], language: str
) -> Version:
    contacts, others = people.contacts(parts.contacts)
    lead = opened.lead
    return Version(
        language=language,
        headline=written_out(opened.headline) if opened.headline else "",
        site_line="\n".join(opened.site_lines) or None,
        release_line="\n".join([*release_lines, *opened.release_lines]) or None,
        date_line="\n".join(opened.date_lines) or None,
        subhead="\n".join(opened.subheads) or None,
        dateline=opened.dateline,
        lead=lead.text if lead else "",
        marks=lead.marks if lead else (),
        blocks=quotes.blocks(parts.body),
        notes_heading=parts.notes_heading,
        notes_to_editors=sections.notes(parts.notes),
        contacts_heading=parts.contacts_heading,
        contacts=contacts,
        boilerplate_heading=parts.boilerplate_heading,
        boilerplate=sections.notes([*parts.boilerplate, *others]),
        end_mark=parts.end_mark,
    )
