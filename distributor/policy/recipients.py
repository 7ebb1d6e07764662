"""Who of an audience a mailout may go to: the wave's tier, and a test system's allowed recipients."""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from distributor.model.audience import Audience, Excluded, Recipient
from distributor.policy.plan import ADVANCE


def inside(people: Iterable[Recipient], *, patterns: Sequence[str]) -> Iterator[Recipient]:
    """Those whom `allow_recipients` lets through, as they come; no patterns let everybody.

    A pattern is an address, a domain (with or without its @), or either with * and ?.
    """
    return (person for person in people if not patterns or matches(person.address_key, patterns))


def allowed(audience: Audience, *, patterns: Sequence[str]) -> Audience:
    """Without those that `allow_recipients` leaves out: they are on the other side."""
    if not patterns:
        return audience
    reason = "not in [sending] allow_recipients"
    outside = [
        Excluded(person.address, reason)
        for person in audience.recipients
        if not matches(person.address_key, patterns)
    ]
    chosen = tuple(inside(audience.recipients, patterns=patterns))
    return Audience(chosen, (*audience.excluded, *outside))


def matches(address_key: str, patterns: Sequence[str]) -> bool:
    """True when one of the patterns names this address or its domain."""
    domain = address_key.rpartition("@")[2]
    bare = [pattern.casefold().removeprefix("@") for pattern in patterns]
    return any(fnmatchcase(address_key if "@" in pattern else domain, pattern) for pattern in bare)


def of_mailout(people: Iterable[Recipient], *, kind: str, wave: str) -> Iterator[Recipient]:
    """An advance goes to its tier only; every other mailout to all."""
    return (person for person in people if kind != ADVANCE or person.tier == wave)
