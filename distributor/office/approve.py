"""Verb: approve what was shown. The rendered bytes are stored, and exactly those are sent.

With four eyes the first officer's yes is kept with the hash of what she saw, the second one's approves.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from distributor.errors import Refused
from distributor.mail.render import Renderer
from distributor.model.notice import NOTICES
from distributor.model.publisher import Publisher
from distributor.model.release import Approved, Release, Revision
from distributor.model.rules import Rules
from distributor.office import eyes, proof
from distributor.office.proof import Proof
from distributor.policy import recipients
from distributor.policy.eyes import Eyes
from distributor.policy.numbers import count
from distributor.store import blobs, holders, log, mailouts, releases, revisions, topics
from distributor.store.database import Connection, Store
from distributor.store.views.revision import audience_of

VERB = "release approve"
_SEEN = 8  # characters of a hash that name it


@dataclass(frozen=True, slots=True)
class Approval:
    """What was approved: hash, size of the audience, warnings of the rendering; by whom.

    Not `complete`: the first of two has agreed. `void`: who had agreed to something else.
    """

    reference: str
    revision: int
    hash: str
    audience_size: int
    warnings: tuple[str, ...]
    by: tuple[str, ...] = ()
    void: tuple[str, ...] = ()
    complete: bool = False


def approve(
    store: Store,
    *,
    actor: str,
    now: datetime,
    reference: str,
    rules: Rules,
    publisher: Publisher,
    renderer: Renderer,
    seen: str | None = None,
) -> Approval:
    """Approve the waiting revision. `seen` is the hash (or its start) that was looked at.

    Raises NotFound, Refused (nothing waits, no audience, embargo past, something changed since `seen`),
    TemplateError, HeaderError; then nothing is changed.
    """
    house = _House(rules, publisher, renderer)
    with store.read() as connection:  # rendering takes longer than a write may
        release = releases.get(connection, publisher_id=publisher.id, reference=reference)
        revision = _waiting(release)
        pulled, sizes = _ready(connection, release, revision, house, now=now)
    _as_seen(pulled, seen, reference=reference)
    with store.write() as connection:
        releases.lock(connection, release_id=release.id)
        if releases.get(connection, publisher_id=publisher.id, reference=reference) != release:
            raise Refused("it changed this very moment", where=reference, cure="Look at it again.")
        act = _act(release, revision, pulled)
        agreed = eyes.look(connection, act, actor=actor, now=now, rules=rules)
        if agreed.enough:
            _bind(connection, release, revision, pulled, sizes=sizes, actor=actor, eyes=agreed, now=now)
    found = Approval(reference, revision.number, pulled.hash, sizes.everybody, pulled.warnings)
    return replace(found, by=agreed.by, void=agreed.void, complete=agreed.enough)


def _act(release: Release, revision: Revision, pulled: Proof) -> eyes.Act:
    again = f"release approve {release.reference} --seen {pulled.hash[:12]}"
    return eyes.Act(release, revision.id, VERB, pulled.hash, again)


def look(
    store: Store, *, now: datetime, reference: str, rules: Rules, publisher: Publisher, renderer: Renderer
) -> Approval:
    """What `approve` would bind now; raises what it would raise, and changes nothing."""
    with store.read() as connection:
        release = releases.get(connection, publisher_id=publisher.id, reference=reference)
        revision = _waiting(release)
        house = _House(rules, publisher, renderer)
        pulled, sizes = _ready(connection, release, revision, house, now=now)
    return Approval(reference, revision.number, pulled.hash, sizes.everybody, pulled.warnings)


@dataclass(frozen=True, slots=True)
class _Sizes:
    """How many get it in all, and how many of each tier get an advance copy."""

    everybody: int
    waves: dict[str, int]


@dataclass(frozen=True, slots=True)
class _House:
    rules: Rules
    publisher: Publisher
    renderer: Renderer


def _ready(
    connection: Connection, release: Release, revision: Revision, house: _House, *, now: datetime
) -> tuple[Proof, _Sizes]:
    """The proof and the sizes of the audience. Raises Refused when it cannot be sent."""
    _sendable(revision, now=now, reference=release.reference)
    pulled = proof.pull(
        release,
        revision,
        renderer=house.renderer,
        publisher=house.publisher,
        tree=topics.tree(connection),
        zones=house.rules.show_zones,
    )
    sizes = _audience_sizes(connection, revision, house=house, reference=release.reference, now=now)
    return pulled, sizes


def _waiting(release: Release) -> Revision:
    if release.state == "withdrawn":
        raise Refused("it was withdrawn", where=release.reference)
    if release.waiting is None:
        raise Refused(
            "nothing waits for approval",
            where=release.reference,
            cure="“distributor release show” tells its state; a changed document makes a new draft.",
        )
    if release.state == "published":
        raise Refused(
            "its text is already out, so a new revision cannot replace it silently",
            where=release.reference,
            cure=f"Correct it: distributor release correct {release.reference}",
        )
    return release.waiting


def _sendable(revision: Revision, *, now: datetime, reference: str) -> None:
    sending = revision.sending
    if not revision.for_somebody:
        raise Refused(
            "it has neither topics nor lists", where=reference, cure="Add it again with --topics or --lists."
        )
    if revision.embargo_traces and not sending.embargo:
        raise Refused(
            f"it has no embargo, but {' and '.join(revision.embargo_traces[:3])} speaks of one",
            where=reference,
            cure="Add it again with --embargo and its time, or with --embargo none if there is none.",
        )
    past = sending.embargo.instant or sending.send_at
    if past is not None and past <= now:
        raise Refused(
            f"its {'embargo' if sending.embargo else 'time'} {past.isoformat()} has passed",
            where=reference,
            cure="Add it again with a later one, or with --embargo none.",
        )


def _as_seen(pulled: Proof, seen: str | None, *, reference: str) -> None:
    if seen is None:
        return
    if len(seen) < _SEEN or not pulled.hash.startswith(seen.lower()):
        raise Refused(
            f"what would be sent is {pulled.hash[:12]}, not {seen[:64]}: it changed since it was shown",
            where=f"{reference} --seen",
            cure="Look at “distributor release preview” again.",
        )


def _audience_sizes(
    connection: Connection, revision: Revision, *, house: _House, reference: str, now: datetime
) -> _Sizes:
    audience = audience_of(connection, publisher=house.publisher, revision=revision, now=now)
    audience = recipients.allowed(audience, patterns=house.rules.allow_recipients)
    if not audience.recipients:
        raise Refused(
            "nobody would get it",
            where=reference,
            cure="“distributor release audience” says why; change topics or lists.",
        )
    tiers = Counter(person.tier for person in audience.recipients)
    return _Sizes(tiers.total(), {wave.tier: tiers[wave.tier] for wave in revision.sending.waves})


def _bind(
    connection: Connection,
    release: Release,
    revision: Revision,
    pulled: Proof,
    *,
    sizes: _Sizes,
    actor: str,
    eyes: Eyes,
    now: datetime,
) -> None:
    if release.in_force:
        _replace(connection, release, release.in_force, revision, now=now)
    hashes = {key: blobs.keep(connection, rendered.template) for key, rendered in pulled.rendered.items()}
    revisions.approve(
        connection,
        release=release,
        revision=revision,
        approval=Approved(actor, now, pulled.hash),
        audience_size=sizes.everybody,
        wave_sizes=sizes.waves,
        renderings=hashes,
    )
    log.record(
        connection,
        log.Event(
            "approved",
            now,
            actor,
            release_id=release.id,
            bytes_sha256=pulled.hash,
            detail=f"revision {revision.number}, {count(sizes.everybody, 'recipient')}{_pair(eyes)}",
        ),
    )


def _pair(eyes: Eyes) -> str:
    return f", by {eyes.names}" if eyes.needed > 1 else ""


def _replace(
    connection: Connection, release: Release, before: Revision, after: Revision, *, now: datetime
) -> None:
    """A new revision replaces the one in force while nobody has that one.

    Where the sending was cancelled on its way, the same text may go to the others: nobody gets it twice.
    """
    planned = mailouts.of_release(connection, release_id=release.id)
    texts = [mailout for mailout in planned if mailout.kind not in NOTICES]
    begun = any(mailout.state in ("sending", "finished") for mailout in texts)
    text, embargo = after.versions != before.versions, after.sending.embargo != before.sending.embargo
    stopped = mailouts.were_cancelled(texts) and all(mailout.over for mailout in texts)
    if (begun or holders.anybody(connection, release_id=release.id)) and (text or embargo or not stopped):
        verb = f"embargo {release.reference} WHEN" if embargo and not text else f"correct {release.reference}"
        raise Refused(
            "the revision in force has begun to go out",
            where=release.reference,
            cure=f"{'Move' if embargo and not text else 'Correct'} it: distributor release {verb}",
        )
    mailouts.cancel(connection, ids=[mailout.id for mailout in planned], now=now)
