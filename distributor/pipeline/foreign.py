"""Stage: mail of a publisher that the configuration no longer has is held: nobody knows its sender any more.

Who puts its section back finds it held, with the reason, and lets it go on.
"""

from collections.abc import Collection
from datetime import datetime

from distributor.model.release import Held
from distributor.store import holds, log, publishers
from distributor.store.database import Store

ACTOR = "clockwork"


def run(store: Store, *, now: datetime, known: Collection[str]) -> int:
    """Hold what is not over of all but the `known` publishers; returns how many mailouts."""
    with store.read() as connection:
        others = publishers.others(connection, known=known)
        left = publishers.foreign(connection, ids=others) if others else []
    return sum(_hold(store, one.id, one.release_id, one.publisher_id, now=now) for one in left)


def _hold(store: Store, id: int, release_id: int, publisher: str, *, now: datetime) -> bool:
    reason = f"its publisher “{publisher}” is not in the configuration"
    with store.write() as connection:
        if not holds.hold(connection, id=id, held=Held(reason, ACTOR, now)):
            return False
        event = log.Event("held", now, ACTOR, release_id=release_id, mailout_id=id, detail=reason)
        log.record(connection, event)
        return True
