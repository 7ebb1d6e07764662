"""Deliveries that end without a hand-over (cancelled, expired), each with its row in the log.

One transaction moves some and writes their rows; many are ended in several, so that no writer waits long.
It decides nothing: `deliveries` knows which are over.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from distributor.store import deliveries, log
from distributor.store.database import Store

AT_ONCE = 200
_KINDS = {"expire": "expired", "cancel": "cancelled"}

Pseudonym = Callable[[str], str]


def end(
    store: Store,
    *,
    event: str,
    actor: str,
    now: datetime,
    pseudonym: Pseudonym,
    release_id: int | None = None,
) -> int:
    """End ("expire", "cancel") all that is over (of one release); returns how many. See `deliveries.end`."""
    ended = 0
    while True:
        with store.read() as connection:
            if not deliveries.any_over(connection, event=event, now=now, release_id=release_id):
                return ended
        with store.write() as connection:
            moved = deliveries.end(connection, event=event, now=now, limit=AT_ONCE, release_id=release_id)
            log.record(connection, *events(moved, event=event, actor=actor, now=now, pseudonym=pseudonym))
        ended += len(moved)


def events(
    moved: Sequence[Row[Any]],
    *,
    event: str,
    actor: str,
    now: datetime,
    pseudonym: Pseudonym,
    detail: str = "",
) -> list[log.Event]:
    """An event for each moved delivery: rows with id, mailout_id, address, address_key."""
    return [
        log.of_delivery(_KINDS[event], row, at=now, actor=actor, pseudonym=pseudonym, detail=detail)
        for row in moved
    ]
