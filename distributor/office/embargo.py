"""Verbs: move an embargo, lift it. Those who hold the text are told, in the transaction that changes it.

The text that was approved stays as it is: only what names the time is rendered again, and old and new hash
stand in the log. What carries the old time cannot go out any more when the verb returns (law 5).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from time import sleep

from distributor.errors import Refused
from distributor.model import notice as kinds
from distributor.model.embargo import Embargo
from distributor.model.notice import Notice
from distributor.model.release import Release, Revision
from distributor.model.rules import Rules
from distributor.office import eyes, notices, proof, remains, replan, rest
from distributor.office.notices import House, Told
from distributor.office.settling import Pause
from distributor.policy import changes
from distributor.policy.clockface import moment
from distributor.policy.eyes import Eyes
from distributor.store import (
    approvals,
    blobs,
    deliveries,
    endings,
    holds,
    log,
    mailouts,
    releases,
    revisions,
    topics,
)
from distributor.store.database import Connection, Store


@dataclass(frozen=True, slots=True)
class Changed:
    """`hash` binds what is sent from now on. `skipped`: waves that are left out, and why.

    `by`: who agreed, where it takes an approver. Not `complete`: the first of two has, nothing is done yet.
    """

    reference: str
    before: Embargo
    after: Embargo
    hash: str
    told: Told
    skipped: tuple[str, ...]
    warnings: tuple[str, ...]
    under_way: int
    by: tuple[str, ...] = ()
    complete: bool = True


def move(
    store: Store,
    *,
    actor: str,
    now: datetime,
    reference: str,
    embargo: Embargo,
    house: House,
    note: str = "",
    pause: Pause = sleep,
) -> Changed:
    """The embargo is `embargo` from now on.

    Raises NotFound, Refused (it has opened, it has none), TemplateError.
    """

    def check(release: Release) -> None:
        changes.check_move(release, embargo, now=now, rules=house.rules)

    change = _Change(kinds.MOVED, embargo, actor, now, note, house)
    return _done(store, change, reference=reference, check=check, pause=pause)


def lift(
    store: Store,
    *,
    actor: str,
    now: datetime,
    reference: str,
    house: House,
    note: str = "",
    pause: Pause = sleep,
) -> Changed:
    """The embargo is over: the release goes now. Raises NotFound, Refused (there is none, it is held)."""

    def check(release: Release) -> None:
        changes.check_lift(release, now=now, rules=house.rules)

    change = _Change(kinds.LIFTED, Embargo(instant=now), actor, now, note, house)
    return _done(store, change, reference=reference, check=check, pause=pause)


def check_move(connection: Connection, release: Release, *, now: datetime, rules: Rules) -> None:
    """Raises Refused where `move` would, to whatever time."""
    changes.check_movable(release, now=now, rules=rules)
    remains.require_somebody(connection, release)


def check_lift(connection: Connection, release: Release, *, now: datetime, rules: Rules) -> None:
    """Raises Refused where `lift` would."""
    changes.check_lift(release, now=now, rules=rules)
    remains.require_somebody(connection, release)


@dataclass(frozen=True, slots=True)
class _Change:
    kind: str
    after: Embargo
    actor: str
    now: datetime
    note: str
    house: House

    @property
    def shown(self) -> Embargo:
        """What a notice says of the embargo from then on: after the lift nothing."""
        return Embargo() if self.kind == kinds.LIFTED else self.after

    def revised(self, release: Release) -> Revision:
        """The revision in force as it is sent from now on."""
        revision = changes.approved(release)
        return replace(revision, sending=replace(revision.sending, embargo=self.after))


@dataclass(frozen=True, slots=True)
class _Bound:
    """What names the time, rendered again, and the hash of all that is sent."""

    templates: Mapping[tuple[str, str], bytes]
    hash: str
    warnings: tuple[str, ...] = ()


def _done(
    store: Store,
    change: _Change,
    *,
    reference: str,
    check: Callable[[Release], None],
    pause: Pause,
) -> Changed:
    publisher = change.house.publisher
    with store.read() as connection:  # a template that does not render is told before anything is stopped
        release = releases.get(connection, publisher_id=publisher.id, reference=reference)
        check(release)
        remains.require_somebody(connection, release)
        bound = _bind(connection, release, change)
    seen = _agreed(store, release, change, bound)
    if not seen.enough:
        return Changed(
            reference, release.embargo, change.after, bound.hash, Told(), (), (), 0, seen.by, False
        )
    with rest.at_rest(
        store,
        actor=change.actor,
        now=change.now,
        publisher_id=publisher.id,
        reference=reference,
        change="a change of its embargo",
        check=check,
        pause=pause,
    ) as still:
        if replace(still.release, held=None) != replace(release, held=None):
            raise Refused("it changed this very moment", where=reference, cure="Look at it again.")
        drawn = notices.draw(
            store,
            still.release,
            Notice(change.kind, still.release.embargo, change.note),
            embargo=change.shown,
            house=change.house,
        )
        pending = _pending(store, still.release, change)
        with store.write() as connection:
            still.lock(connection)
            told, skipped = _apply(connection, still, change, bound, drawn, pending)
    endings.end(
        store,
        event="cancel",
        actor=change.actor,
        now=change.now,
        pseudonym=change.house.pseudonym,
        release_id=release.id,
    )
    return Changed(
        reference,
        still.release.embargo,
        change.after,
        bound.hash,
        told,
        skipped,
        (*bound.warnings, *drawn.warnings),
        still.under_way,
        seen.by,
    )


def _agreed(store: Store, release: Release, change: _Change, bound: _Bound) -> Eyes:
    """What lets the text out earlier takes an approver, or two; to move it later one officer will do."""
    revision = changes.approved(release)
    if change.kind == kinds.LIFTED:  # “now” has no hash: they agree on the text as it is
        hash = revision.approved.hash if revision.approved else ""
        act = eyes.Act(release, revision.id, "release lift", hash, f"release lift {release.reference}")
    elif changes.earlier(release.embargo, change.after):
        again = f"release embargo {release.reference} {_said(change.after)}"
        act = eyes.Act(release, revision.id, "release embargo earlier", bound.hash, again)
    else:
        return Eyes((change.actor,))
    return eyes.agree(store, act, actor=change.actor, now=change.now, rules=change.house.rules)


def _said(embargo: Embargo) -> str:
    """WHEN on the command line."""
    return embargo.instant.isoformat() if embargo.instant else '"until lifted"'


def _bind(connection: Connection, release: Release, change: _Change) -> _Bound:
    """Only advance copies name the time; what was approved for everybody else stays, byte for byte."""
    before, after = changes.approved(release), change.revised(release)
    kept = {
        (form, language): sha256
        for form in ("advance", "release")
        for language, sha256 in revisions.renderings(connection, revision_id=before.id, form=form).items()
    }
    if change.kind == kinds.LIFTED or not any(form == "advance" for form, _ in kept):
        return _Bound({}, proof.bound(release, after, kept))
    tree = topics.tree(connection)

    def advances(revision: Revision) -> dict[tuple[str, str], bytes]:
        return proof.advances(
            release,
            revision,
            renderer=change.house.renderer,
            publisher=change.house.publisher,
            tree=tree,
            zones=change.house.rules.show_zones,
        )

    fresh, same = advances(after), advances(before)
    hashes = {key: sha256(content).hexdigest() for key, content in fresh.items()}
    changed = any(sha256(content).hexdigest() != kept[key] for key, content in same.items())
    warning = "templates or settings have changed since it was approved: look at “release preview”"
    return _Bound(fresh, proof.bound(release, after, kept | hashes), (warning,) if changed else ())


def _pending(store: Store, release: Release, change: _Change) -> tuple[int, notices.Drawn] | None:
    """A correction that some still wait for, with the embargo as it is from then on."""
    with store.read() as connection:
        stored = mailouts.of_release(connection, release_id=release.id)
    waiting = next((m for m in stored if m.kind == kinds.CORRECTION and not m.over), None)
    if waiting is None:
        return None
    notice = Notice(kinds.CORRECTION, note=waiting.note)
    return waiting.id, notices.draw(store, release, notice, embargo=change.shown, house=change.house)


def _apply(
    connection: Connection,
    still: rest.Rest,
    change: _Change,
    bound: _Bound,
    drawn: notices.Drawn,
    pending: tuple[int, notices.Drawn] | None,
) -> tuple[Told, tuple[str, ...]]:
    """Cancel, change, plan anew, and queue the notice; the log last."""
    release, revision = still.release, change.revised(still.release)
    house, actor, now = change.house, change.actor, change.now
    before = changes.approved(release)
    hashes = {key: blobs.keep(connection, content) for key, content in bound.templates.items()}
    revisions.render_again(connection, revision_id=revision.id, renderings=hashes)
    releases.set_embargo(connection, release=release, embargo=change.after, hash=bound.hash)
    approvals.end(connection, release_id=release.id, now=now)
    still.go_on(connection)
    planned = replan.again(
        connection, release, revision, before=release.embargo, actor=actor, now=now, rules=house.rules
    )
    if change.kind == kinds.LIFTED:
        holds.answer_clock(connection, release_id=release.id)
    told, events = notices.queue(connection, release, drawn, actor=actor, now=now, house=house)
    if pending is not None:
        waiting, correction = pending
        only = deliveries.keys(connection, mailout_id=waiting, waiting=True)
        _, more = notices.queue(connection, release, correction, actor=actor, now=now, house=house, only=only)
        events += more
    old = before.approved.hash if before.approved else ""
    zone = house.rules.timezone
    changed = log.Event(
        change.kind,
        now,
        actor,
        release_id=release.id,
        bytes_sha256=bound.hash,
        detail=f"from {told_as(release.embargo, zone)} to {told_as(change.after, zone)}; was {old[:12]}",
    )
    log.record(connection, changed, *planned.events, *events)
    return told, planned.skipped if change.kind == kinds.MOVED else ()


def told_as(embargo: Embargo, zone: str) -> str:
    """ "Wed 17 Jan 2018 11:00 Brussels", "until lifted, expected …"."""
    if embargo.instant is not None:
        return moment(embargo.instant, zone)
    expected = f", expected {moment(embargo.expected, zone)}" if embargo.expected else ""
    return f"until lifted{expected}" if embargo.until_lifted else "none"
