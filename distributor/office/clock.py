"""Verb: the clock is right as it goes. From then on embargoed mailouts open by it again.

What a jump held stays held: whether that may still go is another question.
"""

from datetime import datetime

from distributor.policy.clockface import about
from distributor.store import jumps, log
from distributor.store.database import Store


def confirm(store: Store, *, actor: str, now: datetime) -> bool:
    """Believe the clock after a jump ahead; False when nobody doubted it."""
    with store.write() as connection:
        jumps.lock(connection)
        ahead = jumps.confirm(connection, by=actor, now=now)
        if ahead:
            log.record(
                connection, log.Event("clock_confirmed", now, actor, detail=f"by {about(ahead)}, ahead")
            )
    return bool(ahead)
