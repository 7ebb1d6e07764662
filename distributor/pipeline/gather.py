"""Stage: deliveries whose time for another try has come get into new batches.

Those to a domain with a pace wait for its next free step. What is too old expires; what waits in a cancelled
mailout, or came back into it, is cancelled.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from distributor.model.pacing import Pace
from distributor.policy.pacing import portions
from distributor.store import batches, deliveries, endings
from distributor.store.database import Store

ACTOR = "clockwork"
_AT_ONCE = 2000


def run(store: Store, *, now: datetime, pseudonym: Callable[[str], str], paces: Sequence[Pace] = ()) -> int:
    """Gather deferred and handed-back deliveries; returns how many are in batches again."""
    for event in ("expire", "cancel"):
        endings.end(store, event=event, actor=ACTOR, now=now, pseudonym=pseudonym)
    with store.read() as connection:
        loose = deliveries.loose(connection, now=now, limit=_AT_ONCE)
    gathered = 0
    for (mailout_id, priority), found in groupby(loose, key=lambda row: (row.mailout_id, row.priority)):
        for pace, chunk in portions(found, domain=_domain, paces=paces, size=batches.SIZE):
            ids = [row.id for row in chunk]
            gathered += _batch(store, mailout_id=mailout_id, priority=priority, ids=ids, pace=pace, now=now)
    return gathered


def _domain(row: Any) -> str:
    return str(row.address_key).rpartition("@")[2]


def _batch(
    store: Store, *, mailout_id: int, priority: int, ids: list[int], pace: Pace | None, now: datetime
) -> int:
    with store.write() as connection:
        batch_id = batches.add(
            connection,
            mailout_id=mailout_id,
            priority=priority,
            not_before=batches.free_step(connection, pace=pace, start=now) if pace else now,
            size=len(ids),
            domain=pace.domain if pace else "",
        )
        moved = deliveries.into_batch(connection, ids=ids, batch_id=batch_id)
        if not moved:  # another gathered them first
            batches.remove(connection, id=batch_id)
        return moved
