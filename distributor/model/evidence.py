"""What a relay's log says of deliveries, and what we know of a hand-over without an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a relay's log, by its time and queue id."""

    at: datetime
    queue_id: str


@dataclass(frozen=True, slots=True)
class LogTrace:
    """A delivery in one log. `taken`: the relay has it in its queue.

    `begun`: it began to arrive there, and nothing is said of its end; `broken`: the connection was lost
    before its end, so the relay dropped what it had.
    """

    taken: LogLine | None = None
    begun: tuple[LogLine, ...] = ()
    broken: tuple[LogLine, ...] = ()


@dataclass(frozen=True, slots=True)
class RelayLog:
    """One log, read. `first` and `last`: the times of its first and last line; None: it has none of Postfix.

    `lossy`: whoever wrote it says that lines are missing. `traces` by delivery.
    """

    name: str
    lines: int = 0
    first: datetime | None = None
    last: datetime | None = None
    lossy: bool = False
    traces: Mapping[int, LogTrace] = field(default_factory=dict)

    def taken(self, delivery_id: int) -> LogLine | None:
        """Where it says that the relay took a delivery."""
        return self.traces.get(delivery_id, LogTrace()).taken


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A delivery handed over shortly before or after, that `relay` accepted at `at`."""

    delivery_id: int
    relay: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HandOver:
    """A hand-over that may have gone out unseen between `begun` and `ended`.

    `relays`: those that may have it. `neighbours`: what shows that a log is the log of one of them.
    """

    delivery_id: int
    begun: datetime
    ended: datetime
    relays: frozenset[str]
    neighbours: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """By what a relay's log knows a delivery. `sender`: its own envelope sender, "" when many share one."""

    delivery_id: int
    message_id: str
    sender: str = ""
