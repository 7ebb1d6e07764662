"""Verbs: hold, resume, cancel. Hold and cancel return when no hand-over of the release can start any more.

Who holds the text is told of a hold, and of its end (`office.notices`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import sleep

from distributor.errors import Refused
from distributor.model import notice as kinds
from distributor.model.embargo import Embargo
from distributor.model.headertext import one_line
from distributor.model.notice import Notice
from distributor.model.release import Held, Release
from distributor.office import notices, rest
from distributor.office.notices import House, Told
from distributor.office.settling import Pause
from distributor.policy.lifecycle import MailoutState
from distributor.policy.numbers import count
from distributor.policy.plan import RELEASE, Planned
from distributor.store import endings, log, mailouts, releases
from distributor.store.database import Connection, Store
from distributor.store.endings import Pseudonym
from distributor.store.mailouts import Mailout


@dataclass(frozen=True, slots=True)
class Stopped:
    """`under_way`: deliveries past their dot when the verb returned; their answer is not known yet."""

    reference: str
    under_way: int
    told: Told = field(default_factory=Told)


@dataclass(frozen=True, slots=True)
class Resumed:
    """`holds`: how many were taken back."""

    holds: int
    told: Told


def hold(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    reference: str,
    reason: str,
    house: House | None = None,
    note: str = "",
    pause: Pause = sleep,
) -> Stopped:
    """Nothing of the release goes out until `resume`. Raises NotFound, Refused.

    With a `house` those who have the text are told to hold it, with a `note` for them; `reason` is ours.
    """
    reason = one_line(reason, where="--reason")
    with store.write() as connection:
        release = _live(connection, publisher_id=publisher_id, reference=reference)
        if not releases.hold(connection, release_id=release.id, held=Held(reason, actor, now)):
            raise _held_already(releases.by_id(connection, id=release.id))
        _record(connection, "held", release, actor=actor, now=now, detail=reason)
    under_way = rest.drained(store, release, pause=pause)
    if house is None:
        return Stopped(reference, under_way)
    drawn = notices.draw(
        store, release, Notice(kinds.HOLD, note=note), embargo=_embargo(release, now), house=house
    )
    with store.write() as connection:
        releases.lock(connection, release_id=release.id)
        if releases.by_id(connection, id=release.id).held != Held(reason, actor, now):
            return Stopped(reference, under_way)  # somebody lets it go on already
        told, events = notices.queue(connection, release, drawn, actor=actor, now=now, house=house)
        log.record(connection, *events)
    return Stopped(reference, under_way, told)


def resume(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    reference: str,
    house: House | None = None,
    note: str = "",
) -> Resumed:
    """Let a held release go on, late mailouts too.

    With a `house` those who hold the text are told, if they were told of the hold and no correction waits to
    tell them more. Raises NotFound, Refused when nothing is held.
    """
    with store.read() as connection:
        release = releases.get(connection, publisher_id=publisher_id, reference=reference)
        telling = house is not None and release.held is not None and _told_to_hold(connection, release)
    notice = Notice(kinds.RESUME, note=note)
    drawn = None
    if telling and house is not None:
        drawn = notices.draw(store, release, notice, embargo=_embargo(release, now), house=house)
    with store.write() as connection:
        releases.lock(connection, release_id=release.id)
        own = releases.resume(connection, release_id=release.id)
        answered = mailouts.resume(connection, release_id=release.id, now=now) + own
        if not answered:
            what = "it was withdrawn" if release.state == "withdrawn" else "it is not held"
            raise Refused(what, where=reference, cure="“distributor todo” tells what is.")
        if own:
            mailouts.accept_lateness(connection, release_id=release.id, now=now)
        told, events = Told(), list[log.Event]()
        if own and drawn is not None and house is not None:
            told, events = notices.queue(connection, release, drawn, actor=actor, now=now, house=house)
        _record(connection, "resumed", release, *events, actor=actor, now=now)
    return Resumed(answered, told)


def _told_to_hold(connection: Connection, release: Release) -> bool:
    """The last that they heard was to hold it; and no correction waits for the hold's end."""
    stored = mailouts.of_release(connection, release_id=release.id)
    words = [m for m in stored if m.kind in (kinds.HOLD, kinds.RESUME)]
    waits = any(m.kind == kinds.CORRECTION and m.state == MailoutState.PREPARED for m in stored)
    return bool(words) and max(words, key=lambda m: m.id).kind == kinds.HOLD and not waits


def _embargo(release: Release, now: datetime) -> Embargo:
    """The embargo, while there is one."""
    return release.embargo if release.embargo.in_force(now) else Embargo()


def cancel(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    reference: str,
    pseudonym: Pseudonym,
    pause: Pause = sleep,
) -> Stopped:
    """What is not sent yet is not sent. Raises NotFound, Refused when there is nothing to cancel."""
    with store.write() as connection:
        release = releases.get(connection, publisher_id=publisher_id, reference=reference)
        releases.lock(connection, release_id=release.id)
        planned = mailouts.of_release(connection, release_id=release.id)
        open_ones = [m.id for m in planned if not m.over]
        if not (open_ones or _waits_for_lift(release, planned)):
            raise Refused(
                "nothing of it is planned or going out",
                where=reference,
                cure="“distributor release show” tells where it stands.",
            )
        open_ones += _never(connection, release, planned, now=now)
        mailouts.cancel(connection, ids=open_ones, now=now)
        releases.resume(connection, release_id=release.id)
        detail = count(len(open_ones), "mailout")
        _record(connection, "cancelled", release, actor=actor, now=now, detail=detail)
    under_way = rest.drained(store, release, pause=pause)
    endings.end(store, event="cancel", actor=actor, now=now, pseudonym=pseudonym, release_id=release.id)
    return Stopped(reference, under_way)


def _waits_for_lift(release: Release, planned: Sequence[Mailout]) -> bool:
    """Until lifted, it has no release mailout that could be cancelled."""
    waits = release.in_force is not None and release.embargo.until_lifted
    return waits and not any(m.kind == RELEASE and not m.replaced for m in planned)


def _never(
    connection: Connection, release: Release, planned: Sequence[Mailout], *, now: datetime
) -> list[int]:
    """A release mailout to be cancelled, so that no lift brings it about."""
    revision = release.in_force
    if revision is None or not _waits_for_lift(release, planned):
        return []
    id = mailouts.add(
        connection,
        publisher_id=release.publisher_id,
        release_id=release.id,
        revision_id=revision.id,
        planned=Planned(RELEASE, "", now, now),
        seed=0,
        expected_size=None,
        now=now,
    )
    return [id] if id is not None else []


def _live(connection: Connection, *, publisher_id: str, reference: str) -> Release:
    release = releases.get(connection, publisher_id=publisher_id, reference=reference)
    if release.state == "withdrawn":
        raise Refused("it was withdrawn", where=reference)
    return release


def _held_already(release: Release) -> Refused:
    who = f" by {release.held.by}: {release.held.reason}" if release.held else ""
    cure = f"“distributor release resume {release.reference}” lets it go on."
    return Refused(f"it is held already{who}", where=release.reference, cure=cure)


def _record(
    connection: Connection,
    kind: str,
    release: Release,
    *more: log.Event,
    actor: str,
    now: datetime,
    detail: str = "",
) -> None:
    log.record(connection, log.Event(kind, now, actor, release_id=release.id, detail=detail), *more)
