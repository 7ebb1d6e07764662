"""Stage: documents become a draft revision of a release. The same bytes again change nothing.

Several documents are the versions of one release, the first of them the original. It approves nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from distributor.model.draft import Draft
from distributor.model.publisher import Publisher
from distributor.model.release import Release
from distributor.model.rules import Rules
from distributor.pipeline.proposal import Proposal, Wishes, propose
from distributor.policy.revisions import diff
from distributor.store import log, mailouts, references, releases, revisions
from distributor.store.database import Connection, Store


@dataclass(frozen=True, slots=True)
class Added:
    """`created` is False when the documents were known already; `diff` is against the revision before."""

    reference: str
    revision: int
    created: bool
    diff: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """What `add` would make of documents: of a known release a revision that `diff` tells, else a new one.

    Not `new`: they were taken in before, just so.
    """

    proposal: Proposal
    new: bool
    diff: tuple[str, ...]

    @property
    def known(self) -> Release | None:
        return self.proposal.known


def look(
    store: Store,
    *,
    now: datetime,
    rules: Rules,
    publisher: Publisher,
    drafts: Sequence[Draft],
    wishes: Wishes,
) -> Look:
    """Read documents and store nothing. Raises what `add` does."""
    with store.read() as connection:
        proposal = propose(connection, drafts, wishes, now=now, rules=rules, publisher=publisher)
        known = proposal.known
        new = known is None or not _unchanged(connection, known, proposal)
    return Look(proposal, new, diff(known.latest, proposal, zone=rules.timezone) if known else ())


def add(
    store: Store,
    *,
    actor: str,
    now: datetime,
    rules: Rules,
    publisher: Publisher,
    drafts: Sequence[Draft],
    wishes: Wishes,
) -> Added:
    """Take documents in as a draft revision.

    Raises DocumentError, EmbargoError, NotFound, HeaderError; then nothing is changed.
    """
    with store.write() as connection:
        proposal = propose(connection, drafts, wishes, now=now, rules=rules, publisher=publisher)
        known = proposal.known
        if known is not None and _unchanged(connection, known, proposal):
            return Added(known.reference, known.latest.number, created=False)
        return _store(connection, known, proposal, actor=actor, now=now, rules=rules, publisher=publisher)


def _unchanged(connection: Connection, known: Release, proposal: Proposal) -> bool:
    """The same documents, to be sent alike, as the latest revision, unless its sending was cancelled."""
    latest = known.latest
    planned = mailouts.of_release(connection, release_id=known.id)
    began = any(mailout.revision_id == latest.id for mailout in planned)
    cancelled = began and mailouts.were_cancelled(planned)
    alike = (latest.sha256, latest.type, latest.versions, latest.embargo_traces) == (
        proposal.sha256,
        proposal.type,
        proposal.versions,
        proposal.embargo_traces,
    )
    moved = latest.sending if known.waiting else replace(latest.sending, embargo=known.embargo)
    return alike and not cancelled and proposal.sending in (latest.sending, moved)


def _store(
    connection: Connection,
    known: Release | None,
    proposal: Proposal,
    *,
    actor: str,
    now: datetime,
    rules: Rules,
    publisher: Publisher,
) -> Added:
    reference = (
        known.reference
        if known
        else proposal.reference or references.free(connection, publisher_id=publisher.id, year=now.year)
    )
    release_id = (
        known.id
        if known
        else releases.add(
            connection,
            publisher_id=publisher.id,
            reference=reference,
            type=proposal.type,
            now=now,
            actor=actor,
        )
    )
    number = revisions.add(
        connection,
        release_id=release_id,
        type=proposal.type,
        sending=proposal.sending,
        versions=proposal.versions,
        sha256=proposal.sha256,
        warnings=proposal.warnings,
        embargo_traces=proposal.embargo_traces,
        now=now,
        actor=actor,
    )
    log.record(
        connection,
        log.Event("drafted", now, actor, release_id=release_id, detail=f"revision {number}"),
    )
    changed = diff(known.latest, proposal, zone=rules.timezone) if known else ()
    return Added(reference, number, created=True, diff=changed)
