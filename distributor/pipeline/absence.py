"""Stage: before a worker's run begins, what was going out while no run was alive is held if that was long.

The rest of a mailout that a crash cut off hours ago is late like one that never opened, and asks like it (law
8). A relay that takes nothing is no absence: its runs live, and try. Notices go, however late.
"""

from datetime import datetime

from distributor.model.reading import Reading
from distributor.model.release import Held
from distributor.model.rules import Rules
from distributor.policy import plan
from distributor.store import holds, log, runs
from distributor.store.database import Store

ACTOR = "clockwork"


def run(store: Store, *, reading: Reading, rules: Rules) -> int:
    """Hold what was left alone for longer than its limit; returns how many mailouts."""
    with store.read() as connection:
        gap = runs.alone(connection, reading=reading)
        left = holds.left_alone(connection) if gap is not None and gap > rules.shortest_limit else []
    if gap is None:
        return 0
    since = reading.now - gap
    return sum(_hold(store, mailout, since=since, now=reading.now, rules=rules) for mailout in left)


def _hold(store: Store, left: holds.LeftAlone, *, since: datetime, now: datetime, rules: Rules) -> bool:
    alone = now - max(since, left.opened_at)
    reason = plan.left_alone(alone, embargoed=left.embargoed, rules=rules)
    if reason is None:
        return False
    with store.write() as connection:
        if not holds.hold(connection, id=left.id, held=Held(reason, ACTOR, now)):
            return False
        log.record(
            connection,
            log.Event("held", now, ACTOR, release_id=left.release_id, mailout_id=left.id, detail=reason),
        )
        return True
