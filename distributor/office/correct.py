"""Verb: correct a text that has begun to go out. The new revision takes the place of the one in force.

A correction changes what is said, not to whom and when: topics, lists, waves and embargo stay as they are.
Who holds the text gets the corrected one, marked so, as an answer to her own mail; whoever waits gets only
the new one. A minor one may be made without telling.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from time import sleep

from distributor.errors import Refused
from distributor.model import notice as kinds
from distributor.model.notice import Notice
from distributor.model.release import Approved, Release, Revision
from distributor.office import eyes, notices, proof, remains, replan, rest
from distributor.office.notices import House, Told
from distributor.office.proof import Proof
from distributor.office.settling import Pause
from distributor.policy import changes
from distributor.policy.eyes import Word
from distributor.store import approvals, blobs, endings, holders, log, mailouts, releases, revisions, topics
from distributor.store.database import Connection, Store


@dataclass(frozen=True, slots=True)
class Corrected:
    """`held`: the release is held, so the correction goes when it is resumed.

    `by`: who agreed. Not `complete`: the first of two has, and nothing is done yet.
    """

    reference: str
    revision: int
    hash: str
    told: Told
    held: bool
    under_way: int
    warnings: tuple[str, ...]
    by: tuple[str, ...] = ()
    complete: bool = True


def correct(
    store: Store,
    *,
    actor: str,
    now: datetime,
    reference: str,
    house: House,
    tell: bool = True,
    note: str = "",
    pause: Pause = sleep,
) -> Corrected:
    """Put the draft that waits in the place of what is in force.

    Raises NotFound, Refused, TemplateError, HeaderError; then nothing is changed.
    """
    with store.read() as connection:
        release = releases.get(connection, publisher_id=house.publisher.id, reference=reference)
        revision, pulled, act = _wanted(connection, release, house, tell=tell)
    seen = eyes.agree(store, act, actor=actor, now=now, rules=house.rules)
    if not seen.enough:
        return Corrected(
            reference, revision.number, pulled.hash, Told(), False, 0, pulled.warnings, seen.by, False
        )
    with rest.at_rest(
        store,
        actor=actor,
        now=now,
        publisher_id=house.publisher.id,
        reference=reference,
        change="a correction",
        check=changes.approved,
        pause=pause,
    ) as still:
        if replace(still.release, held=None) != replace(release, held=None):
            raise Refused("it changed this very moment", where=reference, cure="Look at it again.")
        with store.read() as connection:  # whoever had it under way holds it by now
            _revision(connection, still.release, tell=tell)
        drawn = _drawn(store, still.release, revision, note=note, now=now, house=house, tell=tell)
        with store.write() as connection:
            still.lock(connection)
            told = _apply(connection, still, revision, pulled, drawn, actor=actor, now=now, house=house)
    endings.end(store, event="cancel", actor=actor, now=now, pseudonym=house.pseudonym, release_id=release.id)
    warnings = (*pulled.warnings, *(drawn.warnings if drawn else ()))
    held = not still.ours
    return Corrected(reference, revision.number, pulled.hash, told, held, still.under_way, warnings, seen.by)


def look(
    store: Store, *, actor: str, now: datetime, release: Release, house: House, tell: bool = True
) -> None:
    """Raises what `correct` would, of a release with a draft that is perhaps not stored yet."""
    with store.read() as connection:
        _, pulled, act = _wanted(connection, release, house, tell=tell)
        eyes.judged(connection, act, Word(actor, now, pulled.hash), rules=house.rules)


def require_somebody(store: Store, *, publisher_id: str, reference: str) -> None:
    """Raises NotFound, Refused when it was cancelled and nobody has it."""
    with store.read() as connection:
        release = releases.get(connection, publisher_id=publisher_id, reference=reference)
        remains.require_somebody(connection, release)


def _wanted(
    connection: Connection, release: Release, house: House, *, tell: bool
) -> tuple[Revision, Proof, eyes.Act]:
    remains.require_somebody(connection, release)
    revision = _revision(connection, release, tell=tell)
    pulled = _proof(connection, release, revision, house)
    again = f"release correct {release.reference}{'' if tell else ' --minor'}"
    return revision, pulled, eyes.Act(release, revision.id, "release correct", pulled.hash, again)


def _revision(connection: Connection, release: Release, *, tell: bool) -> Revision:
    """The correction as it will be sent: the new words, to whom and when the old ones were."""
    languages = {one.language for one in holders.of_release(connection, release_id=release.id)}
    sent = mailouts.of_release(connection, release_id=release.id)
    going = any(m.kind == kinds.CORRECTION and not m.over for m in sent)
    waiting = changes.check_correct(release, told=tell, languages=languages, going=going)
    before = changes.approved(release)
    return replace(
        waiting,
        sending=before.sending,
        audience_size=before.audience_size,
        wave_sizes=before.wave_sizes,
    )


def _proof(connection: Connection, release: Release, revision: Revision, house: House) -> Proof:
    return proof.pull(
        release,
        revision,
        renderer=house.renderer,
        publisher=house.publisher,
        tree=topics.tree(connection),
        zones=house.rules.show_zones,
    )


def _drawn(
    store: Store, release: Release, revision: Revision, *, note: str, now: datetime, house: House, tell: bool
) -> notices.Drawn | None:
    if not tell:
        return None
    notice, embargo = Notice(kinds.CORRECTION, note=note), release.embargo_at(now)
    return notices.draw(store, release, notice, embargo=embargo, house=house, revision=revision)


def _apply(
    connection: Connection,
    still: rest.Rest,
    revision: Revision,
    pulled: Proof,
    drawn: notices.Drawn | None,
    *,
    actor: str,
    now: datetime,
    house: House,
) -> Told:
    release = still.release
    before = changes.approved(release)
    _bind(connection, release, revision, pulled, approval=Approved(actor, now, pulled.hash))
    approvals.end(connection, release_id=release.id, now=now)
    still.go_on(connection)
    planned = replan.again(
        connection, release, revision, before=release.embargo, actor=actor, now=now, rules=house.rules
    )
    told, events = Told(), list[log.Event]()
    if drawn is not None:
        told, events = notices.queue(
            connection, release, drawn, actor=actor, now=now, house=house, revision=revision
        )
    old = before.approved.hash if before.approved else ""
    detail = f"revision {revision.number} for {before.number}; was {old[:12]}"
    corrected = log.Event(
        "corrected", now, actor, release_id=release.id, bytes_sha256=pulled.hash, detail=detail
    )
    log.record(connection, corrected, *planned.events, *events)
    return told


def _bind(
    connection: Connection, release: Release, revision: Revision, pulled: Proof, *, approval: Approved
) -> None:
    """In force from now on, in the place of the one before."""
    revisions.send_as(connection, revision_id=revision.id, sending=revision.sending)
    hashes = {key: blobs.keep(connection, rendered.template) for key, rendered in pulled.rendered.items()}
    revisions.approve(
        connection,
        release=release,
        revision=revision,
        approval=approval,
        audience_size=revision.audience_size or 0,
        wave_sizes=revision.wave_sizes,
        renderings=hashes,
    )
