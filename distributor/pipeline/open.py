"""Stage: at its instant a prepared mailout opens, and with the release mailout the release is published.

One transaction each. What is too late is held instead, and an embargoed one whose instant has come only by a
clock that jumped ahead (law 8). It hands nothing over.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from distributor.model.reading import SURE, Belief
from distributor.model.release import Held, Release
from distributor.model.rules import Rules
from distributor.policy import jumps, plan
from distributor.store import agenda, deliveries, endings, guard, holds, log, mailouts, releases
from distributor.store.database import Connection, Store
from distributor.store.endings import Pseudonym
from distributor.store.mailouts import Mailout

ACTOR = "clockwork"
_OVER = "the embargo is over"
_NOBODY = 0  # keys begin at 1

_log = logging.getLogger(__name__)


def run(store: Store, *, now: datetime, rules: Rules, pseudonym: Pseudonym, belief: Belief = SURE) -> int:
    """Open what is due at `now`; returns how many opened. `belief`: what is to be thought of `now`."""
    with store.read() as connection:
        due = agenda.to_open(connection, now=now)
    opened = partial(_open, store, now=now, rules=rules, pseudonym=pseudonym, belief=belief)
    return sum(opened(mailout) for mailout in due)


def rehearse(store: Store, *, now: datetime, ahead: timedelta) -> None:
    """Ask, of no mailout, all that opening one asks: the first time a statement is made takes longest.

    For the process that will open what is due within `ahead`. It changes nothing.
    """
    with store.read() as connection:
        for mailout in agenda.to_open(connection, now=now + ahead):
            releases.by_id(connection, id=mailout.release_id)
        log.last(connection, name=log.OFFICE)
        mailouts.of_release(connection, release_id=_NOBODY)
    for ask in (
        partial(releases.lock, release_id=_NOBODY),
        partial(mailouts.opened, id=_NOBODY, now=now),
        partial(releases.publish, release_id=_NOBODY, now=now),
        partial(mailouts.cancel, ids=[], now=now),
        partial(deliveries.cancel_open, mailout_ids=[], now=now),
        partial(guard.cancel_covered, mailout_id=_NOBODY, now=now),
        partial(guard.intend, ids=[], run_id=_NOBODY, now=now),
        partial(deliveries.answer, event="accept", ids=[], run_id=_NOBODY, now=now),
    ):
        with store.write() as connection:  # one by one: others may write in between
            ask(connection)


def _open(
    store: Store, mailout: Mailout, *, now: datetime, rules: Rules, pseudonym: Pseudonym, belief: Belief
) -> bool:
    with store.write() as connection:
        releases.lock(connection, release_id=mailout.release_id)
        release = releases.by_id(connection, id=mailout.release_id)
        if release.in_force is None or release.in_force.id != mailout.revision_id:
            return _cancel(connection, mailout, now=now, why="another revision is in force")
        doubt = _doubt(mailout, release, now=now, belief=belief)
        if doubt:
            return _hold(connection, mailout, reason=doubt, now=now)
        if mailout.kind == plan.ADVANCE and not release.embargo.in_force(now):
            return _cancel(connection, mailout, now=now, why=_OVER)
        late = plan.late(
            due=mailout.due,
            now=now,
            embargoed=bool(release.embargo),
            accepted=mailout.late_accepted,
            rules=rules,
        )
        if late:
            return _hold(connection, mailout, reason=late, now=now)
        return _publish(connection, release, mailout, now=now, pseudonym=pseudonym)


def _doubt(mailout: Mailout, release: Release, *, now: datetime, belief: Belief) -> str | None:
    if not release.embargo or mailout.kind not in (plan.ADVANCE, plan.RELEASE):
        return None
    return jumps.doubt(due=mailout.due, now=now, belief=belief, answered=mailout.clock_answered)


def _cancel(connection: Connection, mailout: Mailout, *, now: datetime, why: str) -> bool:
    if mailouts.cancel(connection, ids=[mailout.id], now=now):
        log.record(connection, _event("cancelled", mailout, now=now, detail=why))
    return False


def _hold(connection: Connection, mailout: Mailout, *, reason: str, now: datetime) -> bool:
    if holds.hold(connection, id=mailout.id, held=Held(reason, ACTOR, now)):
        log.record(connection, _event("held", mailout, now=now, detail=reason))
    return False


def _publish(
    connection: Connection, release: Release, mailout: Mailout, *, now: datetime, pseudonym: Pseudonym
) -> bool:
    if mailout.kind == plan.RELEASE and release.embargo.in_force(now):
        return False  # the embargo was moved while we looked
    if not mailouts.opened(connection, id=mailout.id, now=now):
        return False
    events = [_event("opened", mailout, now=now)]
    if mailout.kind == plan.RELEASE:
        releases.publish(connection, release_id=release.id, now=now)
        events += _replace_advances(connection, mailout, now=now, pseudonym=pseudonym)
    log.record(connection, *events)
    _log.info("mailout %d opened", mailout.id)
    return True


def _replace_advances(
    connection: Connection, mailout: Mailout, *, now: datetime, pseudonym: Pseudonym
) -> list[log.Event]:
    """What is left of the advance copies is cancelled; who had hers gets no second one.

    Waves that have begun stay open for the answers under way and finish by themselves. What waits in the
    others is ended by `gather`: nothing of a cancelled mailout goes out.
    """
    others = mailouts.of_release(connection, release_id=mailout.release_id)
    if len(others) == 1:  # it is alone
        return []
    advances = [m for m in others if m.kind == plan.ADVANCE and m.revision_id == mailout.revision_id]
    unopened = [m for m in advances if m.state in ("planned", "prepared")]
    begun = [m.id for m in advances if m.state == "sending"]
    mailouts.cancel(connection, ids=[m.id for m in unopened], now=now)
    left = deliveries.cancel_open(connection, mailout_ids=begun, now=now)
    covered = guard.cancel_covered(connection, mailout_id=mailout.id, now=now)

    def cancelled(moved: Sequence[Any], why: str) -> list[log.Event]:
        return endings.events(moved, event="cancel", actor=ACTOR, now=now, pseudonym=pseudonym, detail=why)

    events = [_event("cancelled", wave, now=now, detail=_OVER) for wave in unopened]
    if covered:
        detail = f"{len(covered)} had their advance copy, or refused it for good"
        events.append(_event("covered", mailout, now=now, detail=detail))
    return (
        events + cancelled(left, _OVER) + cancelled(covered, "had the advance copy, or refused it for good")
    )


def _event(kind: str, mailout: Mailout, *, now: datetime, detail: str = "") -> log.Event:
    return log.Event(kind, now, ACTOR, release_id=mailout.release_id, mailout_id=mailout.id, detail=detail)
