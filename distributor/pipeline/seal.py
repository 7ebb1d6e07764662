"""Stage: once a minute the ends of the workers' chains go into the office chain (`store.seals`)."""

from datetime import datetime

from distributor.store import log, seals
from distributor.store.database import Store


def run(store: Store, *, now: datetime) -> int:
    """Seal what has grown; returns how many chains."""
    with store.read() as connection:
        due = seals.unsealed(connection, before=now - seals.EVERY)
        over = seals.any_to_close(connection, now=now)
    if not due and not over:
        return 0
    with store.write() as connection:
        ends = seals.unsealed(connection, before=now - seals.EVERY)
        events = seals.seal(connection, ends=ends, now=now)
        seals.close(connection, now=now)
        log.record(connection, *events)
    return len(events)
