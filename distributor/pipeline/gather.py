"""Stage: deliveries whose time for another try has come get into new batches.

What is too old expires; what came back from its hand-over into a cancelled mailout is cancelled.
"""

from collections.abc import Callable
from datetime import datetime
from itertools import groupby

from distributor.store import batches, deliveries, log
from distributor.store.database import Store

ACTOR = "clockwork"
_AT_ONCE = 2000
_ENDS = {"expire": "expired", "cancel": "cancelled"}


def run(store: Store, *, now: datetime, pseudonym: Callable[[str], str]) -> int:
    """Gather deferred and handed-back deliveries; returns how many are in batches again."""
    for event, kind in _ENDS.items():
        _end(store, event, kind, now=now, pseudonym=pseudonym)
    with store.read() as connection:
        loose = deliveries.loose(connection, now=now, limit=_AT_ONCE)
    gathered = 0
    for (mailout_id, priority), found in groupby(loose, key=lambda row: (row.mailout_id, row.priority)):
        ids = [row.id for row in found]
        for start in range(0, len(ids), batches.SIZE):
            chunk = ids[start : start + batches.SIZE]
            gathered += _batch(store, mailout_id=mailout_id, priority=priority, ids=chunk, now=now)
    return gathered


def _batch(store: Store, *, mailout_id: int, priority: int, ids: list[int], now: datetime) -> int:
    with store.write() as connection:
        batch_id = batches.add(
            connection, mailout_id=mailout_id, priority=priority, not_before=now, size=len(ids)
        )
        moved = deliveries.into_batch(connection, ids=ids, batch_id=batch_id)
        if not moved:  # another gathered them first
            batches.remove(connection, id=batch_id)
        return moved


def _end(store: Store, event: str, kind: str, *, now: datetime, pseudonym: Callable[[str], str]) -> None:
    with store.read() as connection:
        if not deliveries.any_over(connection, event=event, now=now):
            return
    with store.write() as connection:
        log.record(
            connection,
            *[
                log.Event(
                    kind,
                    now,
                    ACTOR,
                    mailout_id=row.mailout_id,
                    delivery_id=row.id,
                    subject=pseudonym(row.address_key),
                    address=row.address,
                )
                for row in deliveries.end(connection, event=event, now=now)
            ],
        )
