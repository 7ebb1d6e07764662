"""What a delivery's log rows say became of it: each row's event, and the state that they lead to.

`log verify` compares that state with the stored one. Pure; it knows no row, only kinds and details.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from distributor.policy.lifecycle import DELIVERY, DeliveryState

_BY_KIND = {
    "intent": "intend",
    "handed_back": "hand_back",
    "doubted": "doubt",
    "expired": "expire",
    "suppressed": "suppress",
    "cancelled": "cancel",
    "bounced": "bounce",
    **{event: event for event in DELIVERY.events},
}
_BY_OUTCOME = {"resend": "resend", "sent": "settle", "cancelled": "cancel"}


@dataclass(frozen=True, slots=True)
class Replayed:
    """`state` after the last row; `mistakes`: "EVENT cannot follow STATE", in order."""

    state: DeliveryState
    rows: int
    mistakes: tuple[str, ...]


def event_of(kind: str, detail: str) -> str | None:
    """The event of the delivery's machine that a row stands for; None when it changed no state.

    An answer names its event in the detail ("accept", "expire: too old"); one that came too late
    ("late: accept") changed nothing. A settled doubt names its outcome ("resend, by rule").
    """
    word = _first_word(detail)
    if word == "late":
        return None
    if kind == "answer":
        return word if word in DELIVERY.events else None
    return _BY_OUTCOME.get(word) if kind == "settled" else _BY_KIND.get(kind)


def _first_word(detail: str) -> str:
    return detail.partition(":")[0].partition(",")[0].strip()


def replay(rows: Iterable[tuple[str, str]]) -> Replayed:
    """Where (kind, detail) rows lead, oldest first, from queued. A mistake is named, and believed."""
    state, count, mistakes = DELIVERY.start, 0, []
    for kind, detail in rows:
        count += 1
        event = event_of(kind, detail)
        if event is None:
            continue
        if state not in DELIVERY.sources(event):
            mistakes.append(f"“{event}” cannot follow “{state}”")
        state = DELIVERY.target(event)
    return Replayed(state, count, tuple(mistakes))
