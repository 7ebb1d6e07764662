"""Stage: at its instant a prepared mailout opens, and with the release mailout the release is published.

One transaction each. What is too late is held instead (law 8). It hands nothing over.
"""

import logging
from datetime import datetime

from distributor.model.release import Held, Release
from distributor.model.rules import Rules
from distributor.policy import plan
from distributor.store import deliveries, guard, log, mailouts, releases
from distributor.store.database import Connection, Store
from distributor.store.mailouts import Mailout

ACTOR = "clockwork"

_log = logging.getLogger(__name__)


def run(store: Store, *, now: datetime, rules: Rules) -> int:
    """Open what is due at `now`; returns how many opened."""
    with store.read() as connection:
        due = mailouts.to_open(connection, now=now)
    return sum(_open(store, mailout, now=now, rules=rules) for mailout in due)


def _open(store: Store, mailout: Mailout, *, now: datetime, rules: Rules) -> bool:
    with store.write() as connection:
        releases.lock(connection, release_id=mailout.release_id)
        release = releases.by_id(connection, id=mailout.release_id)
        if release.in_force is None or release.in_force.id != mailout.revision_id:
            return _cancel(connection, mailout, now=now, why="another revision is in force")
        if mailout.kind == plan.ADVANCE and not release.embargo.in_force(now):
            return _cancel(connection, mailout, now=now, why="the embargo is over")
        late = plan.late(
            due=mailout.due,
            now=now,
            embargoed=bool(release.embargo),
            accepted=mailout.late_accepted,
            rules=rules,
        )
        if late:
            return _hold(connection, mailout, reason=late, now=now)
        return _publish(connection, release, mailout, now=now)


def _cancel(connection: Connection, mailout: Mailout, *, now: datetime, why: str) -> bool:
    if mailouts.cancel(connection, ids=[mailout.id], now=now):
        _record(connection, "cancelled", mailout, now=now, detail=why)
    return False


def _hold(connection: Connection, mailout: Mailout, *, reason: str, now: datetime) -> bool:
    if mailouts.hold(connection, id=mailout.id, held=Held(reason, ACTOR, now)):
        _record(connection, "held", mailout, now=now, detail=reason)
    return False


def _publish(connection: Connection, release: Release, mailout: Mailout, *, now: datetime) -> bool:
    if mailout.kind == plan.RELEASE and release.embargo.in_force(now):
        return False  # the embargo was moved while we looked
    if not mailouts.opened(connection, id=mailout.id, now=now):
        return False
    if mailout.kind == plan.RELEASE:
        releases.publish(connection, release_id=release.id, now=now)
        _replace_advances(connection, mailout, now=now)
    _record(connection, "opened", mailout, now=now)
    _log.info("mailout %d opened", mailout.id)
    return True


def _replace_advances(connection: Connection, mailout: Mailout, *, now: datetime) -> None:
    """What is left of the advance copies is cancelled; who had hers gets no second one.

    Waves that have begun stay open for the answers under way and finish by themselves.
    """
    others = mailouts.of_release(connection, release_id=mailout.release_id)
    advances = [m for m in others if m.kind == plan.ADVANCE and m.revision_id == mailout.revision_id]
    mailouts.cancel(connection, ids=[m.id for m in advances if m.state != "sending"], now=now)
    deliveries.cancel_open(connection, mailout_ids=[m.id for m in advances], now=now)
    covered = guard.cancel_covered(connection, mailout_id=mailout.id, now=now)
    if covered:
        detail = f"{len(covered)} had their advance copy"
        _record(connection, "covered", mailout, now=now, detail=detail)


def _record(connection: Connection, kind: str, mailout: Mailout, *, now: datetime, detail: str = "") -> None:
    event = log.Event(kind, now, ACTOR, release_id=mailout.release_id, mailout_id=mailout.id, detail=detail)
    log.record(connection, event)
