"""Stage: a mailout whose every delivery has reached its end is finished; the workers' chains are sealed."""

from datetime import datetime

from distributor.store import deliveries, log, mailouts, seals
from distributor.store.database import Store

ACTOR = "clockwork"


def run(store: Store, *, now: datetime) -> int:
    """Finish what is done; returns how many mailouts."""
    with store.read() as connection:
        done = mailouts.to_finish(connection)
    return sum(_finish(store, mailout, now=now) for mailout in done)


def _finish(store: Store, mailout: mailouts.Mailout, *, now: datetime) -> bool:
    with store.write() as connection:
        if not mailouts.finished(connection, id=mailout.id, now=now):
            return False
        counts = deliveries.counts(connection, mailout_id=mailout.id)
        detail = ", ".join(f"{number} {state}" for state, number in sorted(counts.items()))
        ends = seals.seal(connection, ends=seals.unsealed(connection), now=now)
        log.record(
            connection,
            *ends,
            log.Event(
                "finished",
                now,
                ACTOR,
                release_id=mailout.release_id,
                mailout_id=mailout.id,
                detail=detail,
            ),
        )
        return True
