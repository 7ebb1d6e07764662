"""What a relay's log proves of a hand-over without an answer: taken, not taken, or nothing.

That a message was taken is proven by its own line: nobody else can have its Message-ID or envelope sender.
That it was not taken is proven by silence, and silence proves only in a log that would have told: the log of
each relay that may have it, from well before the hand-over until well after it, with no line lost. That it is
the log of this relay is shown by the neighbours: every message which the relay accepted just before and
after stands in it, at the time we know.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from distributor.model.evidence import HandOver, LogLine, LogTrace, RelayLog

BEFORE = timedelta(minutes=2)  # the clocks of two machines
AFTER = timedelta(minutes=10)  # a relay may take so long over the final dot (RFC 5321 §4.5.3.2.6)


class Proof(StrEnum):
    TAKEN = "taken"
    NOT_TAKEN = "not taken"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`why`: the line, or the span of silence, or what is missing; without an address. `log`: which one."""

    proof: Proof
    why: str
    mark: LogLine | None = None
    log: str = ""


def judge(hand_over: HandOver, logs: Sequence[RelayLog]) -> Verdict:
    """What the logs prove of it."""
    for log in logs:
        if mark := log.taken(hand_over.delivery_id):
            return Verdict(Proof.TAKEN, f"queue id {mark.queue_id} at {_time(mark.at)}", mark, log.name)
    for log in logs:
        for mark in log.traces.get(hand_over.delivery_id, LogTrace()).begun:
            why = f"it began to arrive as {mark.queue_id}, and whether it was taken is not in the log"
            return Verdict(Proof.NOTHING, why, mark, log.name)
    return _silence(hand_over, logs)


def _silence(hand_over: HandOver, logs: Sequence[RelayLog]) -> Verdict:
    told = [log for log in logs if _covers(log, hand_over)]
    if not told:
        needed = f"{_time(hand_over.begun - BEFORE)} to {_time(hand_over.ended + AFTER)}"
        return Verdict(Proof.NOTHING, f"no log without gaps reaches from {needed}")
    proving = [next((log for log in told if _of(relay, log, hand_over)), None) for relay in hand_over.relays]
    if not proving or None in proving:
        why = "what the relay accepted just before and after is not in the log at its time"
        return Verdict(Proof.NOTHING, why)
    return _unseen(hand_over, [log for log in proving if log is not None])


def _unseen(hand_over: HandOver, logs: Sequence[RelayLog]) -> Verdict:
    broken = [
        (log, mark) for log in logs for mark in log.traces.get(hand_over.delivery_id, LogTrace()).broken
    ]
    if broken:
        log, mark = broken[-1]
        why = f"queue id {mark.queue_id} at {_time(mark.at)}: the connection was lost before its end"
        return Verdict(Proof.NOT_TAKEN, why, mark, log.name)
    first = max(log.first for log in logs if log.first)
    last = min(log.last for log in logs if log.last)
    why = (
        f"no trace of it from {_time(first)} to {_time(last)}, beside {len(hand_over.neighbours)} neighbours"
    )
    return Verdict(Proof.NOT_TAKEN, why, None, logs[0].name)


def _covers(log: RelayLog, hand_over: HandOver) -> bool:
    if log.lossy or log.first is None or log.last is None:
        return False
    return log.first <= hand_over.begun - BEFORE and hand_over.ended + AFTER <= log.last


def _of(relay: str, log: RelayLog, hand_over: HandOver) -> bool:
    """True when this is the log of that relay."""
    known = [neighbour for neighbour in hand_over.neighbours if neighbour.relay == relay]
    marks = [(log.taken(neighbour.delivery_id), neighbour.at) for neighbour in known]
    return bool(marks) and all(mark is not None and abs(mark.at - at) <= BEFORE for mark, at in marks)


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
