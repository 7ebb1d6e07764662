"""What a document says: a version (one language) and the draft around it.

Every piece of the source text stands in exactly one place of a Version; nothing is reworded.
"""

import datetime
from dataclasses import dataclass, field
from typing import Literal

LEVEL = "  "  # before a point of a list, for each list that it is within
BlockKind = Literal["paragraph", "heading", "list", "quote", "table", "image"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Formatting of `text[start:end]` of a block; offsets count characters."""

    start: int
    end: int
    kind: Literal["strong", "emphasis", "link"]
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the body.

    `text` is plain: a list has one point a line (numbered points keep their number; a point within another
    is set in by LEVEL), a table one row a line with tabs between cells (first row: headings), an image its
    alternative text and `url`.
    A quote keeps its quotation marks; `attribution` is the line that introduces or follows it, verbatim,
    from which `speaker` and `role` were read (blank lines within `text` separate its paragraphs).
    """

    kind: BlockKind
    text: str
    speaker: str | None = None
    role: str | None = None
    attribution: str | None = None
    attribution_after: bool = False
    url: str | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Dateline:
    """Place and day; `text` is the line as it stood in the document."""

    place: str | None = None
    date: datetime.date | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class PressContact:
    """Whom a journalist may call. `text` is the line (or lines) as it stood in the document."""

    name: str | None = None
    role: str | None = None
    phone: str | None = None
    email: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A release in one language.

    `marks` are the lead's; `date_line` is the portal's separate line with the day ("17 Jan 2018"),
    `release_line` the line that says "FOR IMMEDIATE RELEASE", "EMBARGOED UNTIL …" or "Press release",
    `end_mark` "ENDS", "###" and the like (several: one a line): kept, so that nothing of the text is lost.
    """

    language: str
    headline: str
    site_line: str | None = None
    release_line: str | None = None
    date_line: str | None = None
    subhead: str | None = None
    dateline: Dateline | None = None
    lead: str = ""
    marks: tuple[Mark, ...] = ()
    blocks: tuple[Block, ...] = ()
    notes_heading: str | None = None
    notes_to_editors: tuple[str, ...] = ()
    contacts_heading: str | None = None
    contacts: tuple[PressContact, ...] = ()
    boilerplate_heading: str | None = None
    boilerplate: tuple[str, ...] = ()
    end_mark: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One document as read: a version, and what its front matter (or its text) says about sending it.

    `embargo` and `advance` are as written, still to be read by `policy.embargo`; `language` of the
    version is "" when the document does not tell. `source` names the document for error messages and
    `sha256` its bytes. `embargo_line` is where the embargo stands, `embargo_traces` wherever the document
    speaks of one ("line 3 (“…”)"); `embargo_named` is True when its front matter has the key with a value.
    """

    version: Version
    source: str
    sha256: str
    reference: str | None = None
    type: str | None = None
    topics: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    embargo: str | None = None
    embargo_line: int | None = None
    embargo_named: bool = False
    embargo_traces: tuple[str, ...] = ()
    advance: tuple[tuple[str, str], ...] = ()
    publisher: str | None = None
    warnings: tuple[str, ...] = field(default=())
