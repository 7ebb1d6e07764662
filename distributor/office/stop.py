"""Verbs: hold, resume, cancel. Hold and cancel return when no hand-over of the release can start any more.

Who holds the text is told of a hold, and of its end (`office.notices`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from time import sleep

from distributor.errors import Refused
from distributor.model import notice as kinds
from distributor.model.headertext import one_line
from distributor.model.notice import Notice
from distributor.model.release import Held, Release
from distributor.model.rules import Rules
from distributor.office import notices, remains, rest
from distributor.office.notices import House, Told
from distributor.office.remains import Remains
from distributor.office.settling import Pause
from distributor.policy import changes
from distributor.policy.lifecycle import MailoutState
from distributor.policy.numbers import count
from distributor.policy.plan import RELEASE, Planned, tried_for
from distributor.store import endings, holders, holds, log, mailouts, releases
from distributor.store.database import Connection, Store
from distributor.store.endings import Pseudonym


@dataclass(frozen=True, slots=True)
class Stopped:
    """`under_way`: deliveries past their dot when the verb returned; their answer is not known yet.

    `over`: why there was nothing to stop, or "".
    """

    reference: str
    under_way: int
    told: Told = field(default_factory=Told)
    over: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """`holds`: how many were taken back. `left`: what may go out of it now. `asks`: why some still waits."""

    holds: int
    told: Told
    left: Remains
    over: str
    asks: str


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
    """Nothing of the release goes out until `resume`. Raises NotFound, Refused: also when there is nothing
    to hold, and nobody to be told.

    With a `house` those who have the text are told to hold it, with a `note` for them; `reason` is ours.
    """
    reason = one_line(reason, where="--reason")
    with store.write() as connection:
        release = _live(connection, publisher_id=publisher_id, reference=reference)
        over = "" if release.held else _over(connection, release, quiet=house is None)
        if not releases.hold(connection, release_id=release.id, held=Held(reason, actor, now)):
            raise _held_already(releases.by_id(connection, id=release.id))
        _record(connection, "held", release, actor=actor, now=now, detail=reason)
    under_way = rest.drained(store, release, pause=pause)
    if house is None:
        return Stopped(reference, under_way, over=over)
    drawn = notices.draw(
        store, release, Notice(kinds.HOLD, note=note), embargo=release.embargo_at(now), house=house
    )
    with store.write() as connection:
        releases.lock(connection, release_id=release.id)
        if releases.by_id(connection, id=release.id).held != Held(reason, actor, now):
            return Stopped(reference, under_way, over=over)  # somebody lets it go on already
        told, events = notices.queue(connection, release, drawn, actor=actor, now=now, house=house)
        log.record(connection, *events)
    return Stopped(reference, under_way, told, over)


def check_hold(connection: Connection, release: Release) -> None:
    """Raises Refused where `hold` would, whatever is said."""
    _refuse_withdrawn(release)
    if release.held:
        raise _held_already(release)
    _over(connection, release, quiet=False)


def _over(connection: Connection, release: Release, *, quiet: bool) -> str:
    """Why there is nothing to stop, or "". Raises Refused when nobody is to be told either."""
    left = remains.of(connection, release)
    if left.going or left.draft:
        return ""
    held = holders.anybody(connection, release_id=release.id)
    changes.check_hold(release, cancelled=left.cancelled, held=held, quiet=quiet)
    return changes.over(release, cancelled=left.cancelled)


def resume(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    reference: str,
    house: House | None = None,
    note: str = "",
    pause: Pause = sleep,
) -> Resumed:
    """Let a held release go on, late mailouts too: they are tried as long as if this were their instant.

    Whoever ends an officer's hold has not said that a clock which jumped is right: that is asked on its own.
    With a `house` those who hold the text are told, if they were told of the hold and no correction waits to
    tell them more; nobody is told of the hold after that. Raises NotFound, Refused when nothing is held.
    """
    with store.read() as connection:
        release = releases.get(connection, publisher_id=publisher_id, reference=reference)
        telling = house is not None and release.held is not None and _told_to_hold(connection, release)
    notice = Notice(kinds.RESUME, note=note)
    drawn = None
    if telling and house is not None:
        drawn = notices.draw(store, release, notice, embargo=release.embargo_at(now), house=house)
        _tell_no_more(store, release, actor=actor, now=now, pause=pause)
    with store.write() as connection:
        releases.lock(connection, release_id=release.id)
        own = releases.resume(connection, release_id=release.id)
        answered = holds.resume(connection, release_id=release.id, now=now, clock=not own) + own
        if not answered:
            raise _not_held(release)
        if own:
            holds.accept_lateness(connection, release_id=release.id, now=now)
        _give_time(connection, release, now=now, rules=house.rules if house else Rules())
        told, events = Told(), list[log.Event]()
        if own and drawn is not None and house is not None:
            told, events = notices.queue(connection, release, drawn, actor=actor, now=now, house=house)
        _record(connection, "resumed", release, *events, actor=actor, now=now)
        left = remains.of(connection, release)
        asks = _asks(connection, release)
    return Resumed(answered, told, left, changes.over(release, cancelled=left.cancelled), asks)


def check_resume(connection: Connection, release: Release) -> None:
    """Raises Refused where `resume` would: nothing of it is held."""
    if not (release.held or _asks(connection, release)):
        raise _not_held(release)


def _not_held(release: Release) -> Refused:
    what = "it was withdrawn" if release.state == "withdrawn" else "it is not held"
    return Refused(what, where=release.reference, cure="“distributor todo” tells what is.")


def _asks(connection: Connection, release: Release) -> str:
    stored = mailouts.of_release(connection, release_id=release.id)
    return next((m.held.reason for m in stored if m.held is not None and not m.over), "")


def _give_time(connection: Connection, release: Release, *, now: datetime, rules: Rules) -> None:
    """What is due goes now, however late: it has its whole time again, as if this were its instant."""
    for mailout in mailouts.of_release(connection, release_id=release.id):
        lasts = tried_for(mailout.kind, rules=rules)
        if lasts is not None and mailout.due <= now and not mailout.over:
            holds.try_until(connection, id=mailout.id, at=now + lasts)


def _tell_no_more(store: Store, release: Release, *, actor: str, now: datetime, pause: Pause) -> None:
    """What is left of HOLD is not sent, and what is under way is waited for: it must not follow its end."""
    with store.write() as connection:
        releases.lock(connection, release_id=release.id)
        log.record(connection, *notices.overtake(connection, release, kinds.RESUME, actor=actor, now=now))
    rest.drained(store, release, pause=pause)


def _told_to_hold(connection: Connection, release: Release) -> bool:
    """The last that they heard was to hold it; and no correction waits for the hold's end."""
    stored = mailouts.of_release(connection, release_id=release.id)
    words = [m for m in stored if m.kind in (kinds.HOLD, kinds.RESUME)]
    waits = any(m.kind == kinds.CORRECTION and m.state == MailoutState.PREPARED for m in stored)
    return bool(words) and max(words, key=lambda m: m.id).kind == kinds.HOLD and not waits


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
    """What is not sent yet of its text is not sent. Raises NotFound, Refused when there is nothing to cancel.

    Notices go on: those who have the text must still hear that its embargo has moved.
    """
    with store.write() as connection:
        release = _live(connection, publisher_id=publisher_id, reference=reference)
        left = _going(connection, release)
        open_ones = [*left.planned, *(_never(connection, release, now=now) if left.unplanned else [])]
        mailouts.cancel(connection, ids=open_ones, now=now)
        releases.resume(connection, release_id=release.id)
        detail = count(len(open_ones), "mailout")
        _record(connection, "cancelled", release, actor=actor, now=now, detail=detail)
    under_way = rest.drained(store, release, pause=pause)
    endings.end(store, event="cancel", actor=actor, now=now, pseudonym=pseudonym, release_id=release.id)
    return Stopped(reference, under_way)


def check_cancel(connection: Connection, release: Release) -> None:
    """Raises Refused where `cancel` would."""
    _refuse_withdrawn(release)
    _going(connection, release)


def _going(connection: Connection, release: Release) -> Remains:
    """What is left of it. Raises Refused when that is nothing."""
    left = remains.of(connection, release)
    if not left.going:
        raise Refused(
            "nothing of it is planned or going out",
            where=release.reference,
            cure="“distributor release show” tells where it stands.",
        )
    return left


def _never(connection: Connection, release: Release, *, now: datetime) -> list[int]:
    """A release mailout to be cancelled, so that neither the stage nor a lift brings it about."""
    revision = release.in_force
    if revision is None:
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
    """The release, locked for the rest of this transaction. Raises NotFound, Refused."""
    found = releases.get(connection, publisher_id=publisher_id, reference=reference)
    releases.lock(connection, release_id=found.id)
    release = releases.by_id(connection, id=found.id)
    _refuse_withdrawn(release)
    return release


def _refuse_withdrawn(release: Release) -> None:
    if release.state == "withdrawn":
        raise Refused("it was withdrawn, so nothing of its text goes out", where=release.reference)


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
