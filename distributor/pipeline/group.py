"""What a worker run writes at once, and what comes of it: the values that passes, flow and ledger share."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from distributor.model.message import Message, Reply
from distributor.store.batches import Lease
from distributor.store.deliveries import Delivery

#: Seconds that go on while the machine sleeps: an intent must not outlive a suspend.
elapsed: Callable[[], float] = partial(time.clock_gettime, time.CLOCK_BOOTTIME)


class Composed(NamedTuple):
    """A delivery with its message, composed and hashed, waiting for its intent.

    `subject` is its address's pseudonym; after `expires_at` it is not tried again.
    """

    delivery: Delivery
    message: Message
    sha256: str
    subject: str
    expires_at: datetime


class Answer(NamedTuple):
    """How the hand-over of a candidate ended. `jitter` in [0, 1) spreads the next attempt."""

    candidate: Composed
    reply: Reply
    jitter: float


@dataclass(frozen=True, slots=True)
class Group:
    """What is written at once. `hopeless`: deliveries that must not or cannot be handed over, and why.

    `late`: those whose intent grew old before the relay was ready; the guard is asked for them again.
    `closing`: batches whose pass is over; `freeing`: batches that are given back unfinished; `lease`:
    another one is wanted, `ahead`: even one of a mailout that opens so soon.
    """

    answers: Sequence[Answer] = ()
    late: Sequence[Composed] = ()
    candidates: Sequence[Composed] = ()
    hopeless: Sequence[tuple[Delivery, str]] = ()
    closing: Sequence[int] = ()
    freeing: Sequence[int] = ()
    lease: bool = False
    ahead: timedelta = timedelta(0)

    @property
    def empty(self) -> bool:
        """Nothing is to be written."""
        written = (self.answers, self.late, self.candidates, self.hopeless, self.closing, self.freeing)
        return not (any(written) or self.lease)


@dataclass(frozen=True, slots=True)
class Written:
    """`granted` may be handed over now, `renewed` may go on. `intended`: since when, by `elapsed()`."""

    granted: list[Composed]
    renewed: set[int]
    intended: float
    lease: Lease | None
