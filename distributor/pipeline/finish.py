"""Stage: a mailout whose every delivery has reached its end is finished; the workers' chains are sealed.

Of one that everybody was tried of once, and some wait, the log says that it went: that may be a day before.
"""

from datetime import datetime

from distributor.store import agenda, deliveries, log, mailouts, seals
from distributor.store.database import Connection, Store

ACTOR = "clockwork"


def run(store: Store, *, now: datetime) -> int:
    """Finish what is done; returns how many mailouts."""
    with store.read() as connection:
        done = agenda.to_finish(connection)
        gone = agenda.gone_through(connection)
    for mailout in gone:
        _say(store, mailout, now=now)
    return sum(_finish(store, mailout, now=now) for mailout in done)


def _say(store: Store, mailout: mailouts.Mailout, *, now: datetime) -> None:
    with store.write() as connection:
        if mailout.id in {one.id for one in agenda.gone_through(connection)}:
            log.record(connection, _event(connection, agenda.WENT, mailout, now=now))


def _finish(store: Store, mailout: mailouts.Mailout, *, now: datetime) -> bool:
    with store.write() as connection:
        if not mailouts.finished(connection, id=mailout.id, now=now):
            return False
        ends = seals.seal(connection, ends=seals.unsealed(connection), now=now)
        log.record(connection, *ends, _event(connection, "finished", mailout, now=now))
        return True


def _event(connection: Connection, kind: str, mailout: mailouts.Mailout, *, now: datetime) -> log.Event:
    counts = deliveries.counts(connection, mailout_id=mailout.id)
    detail = ", ".join(f"{number} {state}" for state, number in sorted(counts.items()))
    return log.Event(kind, now, ACTOR, release_id=mailout.release_id, mailout_id=mailout.id, detail=detail)
