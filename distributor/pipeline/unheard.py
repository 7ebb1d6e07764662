"""Whether a group lasts whose COMMIT nobody heard of: PostgreSQL's connection broke while it was waited for.

The chain of the run tells, for only this run writes it: the group's rows are its end, or they are not there.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from distributor.pipeline.group import Group, Written
from distributor.store import batches, log
from distributor.store.database import Connection


@dataclass(frozen=True, slots=True)
class Unheard:
    """A group as it was written once; `seq` and `hash` end the chain if that lasts."""

    group: Group
    written: Written
    counted: Counter[str]
    seq: int
    hash: str


def lasting(
    connection: Connection, attempts: Sequence[Unheard], *, before: log.Chain, run_id: int
) -> Unheard | None:
    """The one of `attempts` that lasts, if any does. All of them went on from `before`."""
    head = log.last(connection, name=before.name)
    for attempt in attempts:
        if attempt.seq > before.seq:
            lasts = attempt.hash == head.hash
        else:
            lasts = _leased(connection, attempt, run_id=run_id)
        if lasts:
            return attempt
    return None


def _leased(connection: Connection, attempt: Unheard, *, run_id: int) -> bool:
    """One without rows may have leased a batch, and nothing else that counts."""
    lease = attempt.written.lease
    return lease is not None and batches.is_leased(connection, id=lease.batch_id, run_id=run_id)
