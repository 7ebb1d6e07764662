"""About when the last of a mailout gets it where no limit tells: by how quick the latest mailouts were. Pure.

A guess, and told as one: another hour, another relay, other domains, and it is wrong. What a few people
got says little about many, so small mailouts do not count; without a larger one nothing is guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

LEAST = 20  # people
LATEST = 5  # mailouts
_MOST = 0.9  # stragglers (deferred ones, for instance) are no measure of speed

NONE_YET = f"no estimate yet: no mailout to {LEAST} people or more has gone out"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A mailout of before: so many were accepted, 90 % of them within `p90` of its opening."""

    accepted: int
    p90: timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """`rate` a second, by so many `mailouts`."""

    rate: float
    mailouts: int

    def last(self, number: int, *, start: datetime) -> datetime:
        """About when the last of so many gets it."""
        return start + timedelta(seconds=number / self.rate)

    @property
    def words(self) -> str:
        """ "as quick as the last 3 mailouts: about 212 a second"."""
        last = f"the last {self.mailouts} mailouts" if self.mailouts > 1 else "the last mailout"
        number = f"{self.rate:.0f}" if self.rate >= 1 else f"{self.rate:.2g}"
        return f"as quick as {last}: about {number} a second"


def pace(earlier: Sequence[Earlier]) -> Pace | None:
    """The pace to reckon with, the latest mailout first; None when there is none to go by."""
    told = [one for one in earlier if one.accepted >= LEAST and one.p90 > timedelta(0)][:LATEST]
    if not told:
        return None
    return Pace(median(one.accepted * _MOST / one.p90.total_seconds() for one in told), len(told))
