"""Pieces to a version: takes out the release lines, then the opening, the parts below it, the quotations.

Also tells what the text itself says about its embargo and its type.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from distributor.documents import opening, people, quotes, releaselines, sections
from distributor.documents.pieces import Piece, written_out
from distributor.model.draft import Version


@dataclass(frozen=True, slots=True)
class Assembled:
    """A version, and what its text says about sending it."""

    version: Version
    embargo: str | None = None
    embargo_line: int | None = None
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
    headline, *behind = releaselines.parted(headline) if headline else (None,)
    said_above, above = releaselines.part(above, language=language)
    said, rest = releaselines.part([*behind, *pieces], language=language)
    said = [*said_above, *said]
    opened, rest = opening.read(
        rest, language=language or None, headline=headline, above=above, source=source
    )
    parts = sections.part(rest)
    parts.take(sections.part(opened.asides))
    version = _version(opened, parts, release_lines=[line.text for line in said], language=language)
    found = releaselines.read(said)
    return Assembled(version, found.embargo, found.line, opened.type, (*found.warnings, *_thin(version)))


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
