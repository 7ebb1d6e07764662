"""Who had a copy at an instant, from the log rows of its delivery. Pure.

The same judgement as `store.holders` makes of today's states, of any time before. Rows are told in the order
of the log; what came after the instant changes nothing, and is named as `later`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from distributor.policy.replay import event_of


class Grip(StrEnum):
    """What is known of a copy at the instant."""

    HAD = "had"
    MAY = "may_have"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Step:
    """One row: `row` is whatever proves it."""

    kind: str
    detail: str
    at: datetime
    row: Any = None


@dataclass(frozen=True, slots=True)
class Possession:
    """`proof`: the row by which she had it, or may have it since; `later`: the first row that says more."""

    grip: Grip
    proof: Step | None = None
    later: Step | None = None


_NOTHING = Possession(Grip.NONE)
_PROVEN = "by the relay's log"


@dataclass(slots=True)
class _Copy:
    """What the rows say so far. `handing`: an intent without an end; `may`: a doubt that stands."""

    had: Step | None = None
    may: Step | None = None
    handing: Step | None = None
    again: bool = False  # sent again although nothing proved that the first one had not arrived

    def hear(self, step: Step, event: str | None) -> None:
        if _accepted(step, event):
            self.had = self.had or step
        elif event == "intend":
            self.handing = step
            return
        elif event == "doubt":
            self.may = self.may or self.handing or step
        elif event == "resend":
            self._sent_again(proven=_PROVEN in step.detail)
        elif event == "cancel" and not self.again:
            self.may = None
        elif event is None:
            return
        self.handing = None

    def _sent_again(self, *, proven: bool) -> None:
        self.again = not proven
        self.may = None if proven else self.may


def at(steps: Iterable[Step], instant: datetime) -> Possession:
    """What the rows of one delivery say of that instant: a row of the same microsecond counts."""
    copy, later = _Copy(), None
    for step in steps:
        event = event_of(step.kind, step.detail)
        if step.at <= instant:
            copy.hear(step, event)
        elif later is None and (event is not None or _accepted(step, event)):
            later = step
    if copy.had:
        return Possession(Grip.HAD, copy.had)
    may = copy.may or copy.handing
    return Possession(Grip.MAY, may, later) if may else _NOTHING


def _accepted(step: Step, event: str | None) -> bool:
    """An answer that came too late to move the delivery ("late: accept") proves the same."""
    return event in ("accept", "settle") or (step.kind == "answer" and step.detail == "late: accept")
