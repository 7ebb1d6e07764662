"""Stage: approved revisions without mailouts get them, each with its instant.

It prepares no audience and opens nothing.
"""

import random
from collections.abc import Callable
from datetime import datetime

from distributor.model.release import Release, Revision
from distributor.model.rules import Rules
from distributor.policy import plan
from distributor.store import agenda, log, mailouts, releases
from distributor.store.database import Connection, Store

ACTOR = "clockwork"


def run(store: Store, *, now: datetime, rules: Rules, seed: Callable[[], int] | None = None) -> int:
    """Plan what is approved; returns how many mailouts were made. `seed` draws the order of a mailout."""
    draw = seed or (lambda: random.SystemRandom().getrandbits(31))
    with store.read() as connection:
        waiting = agenda.unplanned_revisions(connection)
    return sum(_plan(store, release_id=id, now=now, rules=rules, draw=draw) for id in waiting)


def _plan(store: Store, *, release_id: int, now: datetime, rules: Rules, draw: Callable[[], int]) -> int:
    with store.write() as connection:
        releases.lock(connection, release_id=release_id)  # an approval under way is waited for
        release = releases.by_id(connection, id=release_id)
        revision = release.in_force
        if revision is None or revision.approved is None or _overtaken(connection, release, revision):
            return 0
        decided = plan.decide(revision.sending, approved_at=revision.approved.at, rules=rules)
        return sum(
            _add(connection, release=release, revision=revision, planned=planned, now=now, seed=draw())
            for planned in decided.mailouts
        )


def _overtaken(connection: Connection, release: Release, revision: Revision) -> bool:
    """Another planned it meanwhile; or somebody cancelled or withdrew it, which is for good."""
    stored = mailouts.of_release(connection, release_id=release.id)
    return release.state != "open" or any(mailout.revision_id == revision.id for mailout in stored)


def _add(
    connection: Connection,
    *,
    release: Release,
    revision: Revision,
    planned: plan.Planned,
    now: datetime,
    seed: int,
) -> int:
    id = mailouts.add(
        connection,
        publisher_id=release.publisher_id,
        release_id=release.id,
        revision_id=revision.id,
        planned=planned,
        seed=seed,
        expected_size=revision.expected(planned.wave),
        now=now,
    )
    if id is None:
        return 0
    log.record(
        connection,
        log.Event("planned", now, ACTOR, release_id=release.id, mailout_id=id, detail=planned.shown),
    )
    return 1
