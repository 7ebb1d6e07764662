"""Stage: what dead worker runs left. Their batches are free again; what they had under way is doubtful.

Doubt is then settled by rule: sent again with the same Message-ID, or left for an officer to answer.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from distributor.model.rules import Rules
from distributor.policy import doubt
from distributor.store import batches, deliveries, doubts, log, runs
from distributor.store.database import Connection, Store

ACTOR = "clockwork"


def run(store: Store, *, now: datetime, rules: Rules, pseudonym: Callable[[str], str]) -> int:
    """Sweep up after dead runs, then settle by rule; returns how many deliveries were doubtful."""
    found = find(store, now=now, pseudonym=pseudonym)
    _settle(store, now=now, rules=rules, pseudonym=pseudonym)
    return found


def find(store: Store, *, now: datetime, pseudonym: Callable[[str], str]) -> int:
    """Only name the doubt: nothing is settled."""
    with store.read() as connection:
        open_runs = runs.not_ended(connection)
    return sum(_bury(store, run_id=id, now=now, pseudonym=pseudonym) for id in open_runs)


def _bury(store: Store, *, run_id: int, now: datetime, pseudonym: Callable[[str], str]) -> int:
    with runs.proven_dead(store, id=run_id) as dead:
        if not dead:
            return 0
        with store.write() as connection:
            if not runs.ended(connection, id=run_id, now=now):
                return 0
            left = doubts.left_by(connection, run_id=run_id)
            moved = doubts.doubt(connection, ids=[delivery.id for delivery in left], now=now)
            batches.free_of(connection, run_id=run_id)
            detail = f"run {run_id} died"
            log.record(
                connection, *[_doubted(d, now, pseudonym, detail=detail) for d in left if d.id in moved]
            )
            return len(moved)


def _doubted(
    delivery: deliveries.Delivery, now: datetime, pseudonym: Callable[[str], str], *, detail: str
) -> log.Event:
    return log.of_delivery(
        "doubted",
        delivery,
        at=now,
        actor=ACTOR,
        pseudonym=pseudonym,
        detail=detail,
        attempt=delivery.attempts,
    )


def _settle(store: Store, *, now: datetime, rules: Rules, pseudonym: Callable[[str], str]) -> None:
    with store.read() as connection:
        if not doubts.doubtful(connection):
            return
    with store.write() as connection:
        open_doubt = doubts.doubtful(connection)
        again = [row for row in open_doubt if doubt.resend_by_rule(row, now=now, rules=rules)]
        moved = set(doubts.settle(connection, event="resend", ids=[row.id for row in again], now=now))
        _settled(connection, [row for row in again if row.id in moved], now=now, pseudonym=pseudonym)


def _settled(
    connection: Connection, rows: Sequence[Any], *, now: datetime, pseudonym: Callable[[str], str]
) -> None:
    log.record(
        connection,
        *[
            log.of_delivery(
                "settled",
                row,
                at=now,
                actor=ACTOR,
                pseudonym=pseudonym,
                detail="resend, by rule",
                release_id=row.release_id,
            )
            for row in rows
        ],
    )
