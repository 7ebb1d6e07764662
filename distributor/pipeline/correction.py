"""Corrected documents as the draft of a release that they would be. Nothing is stored here.

Of the documents only what they say counts: a correction keeps audience, waves and embargo (`office.correct`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from distributor.errors import Refused
from distributor.model.draft import Draft
from distributor.model.publisher import Publisher
from distributor.model.release import Release
from distributor.model.rules import Rules
from distributor.pipeline.proposal import Wishes, propose
from distributor.store import releases
from distributor.store.database import Store


@dataclass(frozen=True, slots=True)
class Corrected:
    """The release with the corrected text as its waiting draft. Not `new`: that draft is stored already."""

    release: Release
    new: bool
    warnings: tuple[str, ...] = ()


def wishes(reference: str) -> Wishes:
    """With which `intake.add` takes the documents in."""
    return Wishes(reference=reference, embargo="none", advance=())


def look(
    store: Store,
    *,
    actor: str,
    now: datetime,
    rules: Rules,
    publisher: Publisher,
    reference: str,
    drafts: Sequence[Draft],
) -> Corrected:
    """What these documents would correct; none: the draft that waits does.

    Raises NotFound, DocumentError, HeaderError, Refused when they say the same as before.
    """
    with store.read() as connection:
        release = releases.get(connection, publisher_id=publisher.id, reference=reference)
        if not drafts:
            return Corrected(release, new=False)
        proposal = propose(connection, drafts, wishes(reference), now=now, rules=rules, publisher=publisher)
    if release.in_force and release.in_force.versions == proposal.versions:
        raise Refused(
            "these documents say what is in force already",
            where=reference,
            cure="Name the ones that are corrected.",
        )
    warnings = tuple(one for draft in drafts for one in draft.warnings)
    if release.waiting and release.waiting.versions == proposal.versions:
        return Corrected(release, new=False, warnings=warnings)
    draft = proposal.draft(number=release.latest.number + 1, at=now, by=actor)
    waiting = replace(release, revisions=(*release.revisions, draft))
    return Corrected(waiting, new=True, warnings=warnings)
