"""THE state machines: every state, every event, from where to where.

The store builds `WHERE state IN (…)`, CHECK constraints and the target state from these tables and from
nothing else; an event that changes no row although it should is an error. Hold is not a state: it is a
fact (`held_at`, `held_by`, `held_reason`) on releases and mailouts, asked by every guard.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from distributor.errors import Refused


class RevisionState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    SUPERSEDED = "superseded"


class ReleaseState(StrEnum):
    OPEN = "open"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class MailoutState(StrEnum):
    PLANNED = "planned"
    PREPARED = "prepared"
    SENDING = "sending"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    DOUBTFUL = "doubtful"
    CANCELLED = "cancelled"
    BOUNCED = "bounced"


class ServiceMailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    sources: frozenset[S]
    target: S


@dataclass(frozen=True, eq=False)
class Machine(Generic[S]):
    """One machine: its name, its states, the state it starts in, and its events."""

    name: str
    states: type[S]
    start: S
    events: Mapping[str, Transition[S]]

    def sources(self, event: str) -> frozenset[S]:
        """States from which `event` may happen."""
        return self.events[event].sources

    def target(self, event: str) -> S:
        """The state that `event` leads to."""
        return self.events[event].target

    def after(self, state: S, event: str) -> S:
        """The state after `event`. Raises Refused when it may not happen in `state`."""
        transition = self.events[event]
        if state not in transition.sources:
            raise Refused(f"a {self.name} that is {state} cannot be changed by “{event}”")
        return transition.target

    @property
    def final(self) -> frozenset[S]:
        """States that no event leaves."""
        left = {source for t in self.events.values() for source in t.sources}
        return frozenset(state for state in self.states if state not in left)


def _events(states: type[S], table: dict[str, tuple[str, str]]) -> dict[str, Transition[S]]:
    return {
        event: Transition(frozenset(states(s) for s in sources.split()), states(target))
        for event, (sources, target) in table.items()
    }


REVISION: Machine[RevisionState] = Machine(
    "revision",
    RevisionState,
    RevisionState.DRAFT,
    _events(
        RevisionState,
        {"approve": ("draft", "approved"), "supersede": ("draft approved", "superseded")},
    ),
)

RELEASE: Machine[ReleaseState] = Machine(
    "release",
    ReleaseState,
    ReleaseState.OPEN,
    _events(
        ReleaseState,
        {"publish": ("open", "published"), "withdraw": ("open published", "withdrawn")},
    ),
)

MAILOUT: Machine[MailoutState] = Machine(
    "mailout",
    MailoutState,
    MailoutState.PLANNED,
    _events(
        MailoutState,
        {
            "prepare": ("planned", "prepared"),
            "open": ("prepared", "sending"),
            "finish": ("sending", "finished"),
            "cancel": ("planned prepared sending", "cancelled"),
        },
    ),
)

DELIVERY: Machine[DeliveryState] = Machine(
    "delivery",
    DeliveryState,
    DeliveryState.QUEUED,
    _events(
        DeliveryState,
        {
            "intend": ("queued deferred", "sending"),
            "accept": ("sending", "sent"),
            "defer": ("sending", "deferred"),
            "reject": ("sending", "rejected"),
            "expire": ("queued deferred sending", "expired"),
            "suppress": ("queued deferred sending", "suppressed"),
            "doubt": ("sending", "doubtful"),
            "hand_back": ("sending", "queued"),
            "cancel": ("queued deferred doubtful", "cancelled"),
            "resend": ("doubtful", "queued"),
            "settle": ("doubtful", "sent"),
            "bounce": ("sent doubtful", "bounced"),
        },
    ),
)

SERVICE_MAIL: Machine[ServiceMailState] = Machine(
    "service mail",
    ServiceMailState,
    ServiceMailState.QUEUED,
    _events(
        ServiceMailState,
        {"accept": ("queued", "sent"), "reject": ("queued", "failed"), "expire": ("queued", "failed")},
    ),
)

#: A delivery in one of these needs nothing more from us. `bounced` is later knowledge about `sent`.
DONE = frozenset(
    {
        DeliveryState.SENT,
        DeliveryState.REJECTED,
        DeliveryState.EXPIRED,
        DeliveryState.SUPPRESSED,
        DeliveryState.CANCELLED,
        DeliveryState.BOUNCED,
    }
)
