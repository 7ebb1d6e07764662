"""Verbs: hold, resume, cancel. Hold and cancel return when no hand-over of the release can start any more."""

import time
from dataclasses import dataclass
from datetime import datetime

from distributor.errors import Refused
from distributor.model.headertext import one_line
from distributor.model.release import Held, Release
from distributor.office.settling import Pause, settled
from distributor.policy.lifecycle import MailoutState
from distributor.store import endings, log, mailouts, releases
from distributor.store.database import Connection, Store
from distributor.store.endings import Pseudonym


@dataclass(frozen=True, slots=True)
class Stopped:
    """`under_way`: deliveries past their dot when the verb returned; their answer is not known yet."""

    reference: str
    under_way: int


def hold(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    reference: str,
    reason: str,
    pause: Pause = time.sleep,
) -> Stopped:
    """Nothing of the release goes out until `resume`. Raises NotFound, Refused."""
    reason = one_line(reason, where="--reason")
    with store.write() as connection:
        release = _live(connection, publisher_id=publisher_id, reference=reference)
        releases.hold(connection, release_id=release.id, held=Held(reason, actor, now))
        _record(connection, "held", release, actor=actor, now=now, detail=reason)
    return Stopped(reference, _drained(store, release, pause=pause))


def resume(store: Store, *, actor: str, now: datetime, publisher_id: str, reference: str) -> int:
    """Let a held release go on, late mailouts too; returns how many holds were taken back.

    Raises NotFound, Refused when nothing is held.
    """
    with store.write() as connection:
        release = _live(connection, publisher_id=publisher_id, reference=reference)
        own = releases.resume(connection, release_id=release.id)
        answered = mailouts.resume(connection, release_id=release.id, now=now) + own
        if not answered:
            raise Refused("it is not held", where=reference, cure="“distributor todo” tells what is.")
        if own:
            mailouts.accept_lateness(connection, release_id=release.id, now=now)
        _record(connection, "resumed", release, actor=actor, now=now)
    return answered


def cancel(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    reference: str,
    pseudonym: Pseudonym,
    pause: Pause = time.sleep,
) -> Stopped:
    """What is not sent yet is not sent. Raises NotFound, Refused when there is nothing to cancel."""
    with store.write() as connection:
        release = releases.get(connection, publisher_id=publisher_id, reference=reference)
        releases.lock(connection, release_id=release.id)
        planned = mailouts.of_release(connection, release_id=release.id)
        open_ones = [m.id for m in planned if m.state not in _OVER]
        if not open_ones:
            raise Refused(
                "nothing of it is planned or going out",
                where=reference,
                cure="“distributor release show” tells where it stands.",
            )
        mailouts.cancel(connection, ids=open_ones, now=now)
        releases.resume(connection, release_id=release.id)
        detail = f"{len(open_ones)} mailouts"
        _record(connection, "cancelled", release, actor=actor, now=now, detail=detail)
    under_way = _drained(store, release, pause=pause)
    endings.end(store, event="cancel", actor=actor, now=now, pseudonym=pseudonym, release_id=release.id)
    return Stopped(reference, under_way)


_OVER = frozenset({MailoutState.FINISHED, MailoutState.CANCELLED})


def _live(connection: Connection, *, publisher_id: str, reference: str) -> Release:
    release = releases.get(connection, publisher_id=publisher_id, reference=reference)
    if release.state == "withdrawn":
        raise Refused("it was withdrawn", where=reference)
    return release


def _drained(store: Store, release: Release, *, pause: Pause) -> int:
    return settled(
        store, lambda connection: mailouts.handing_over(connection, release_id=release.id), pause=pause
    )


def _record(
    connection: Connection, kind: str, release: Release, *, actor: str, now: datetime, detail: str = ""
) -> None:
    log.record(connection, log.Event(kind, now, actor, release_id=release.id, detail=detail))
