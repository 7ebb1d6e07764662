"""Who of an audience a mailout may go to: the wave's tier, and a test system's allowed recipients."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from distributor.model.audience import Audience, Excluded, Recipient
from distributor.policy.plan import ADVANCE


def allowed(audience: Audience, *, patterns: Sequence[str]) -> Audience:
    """Without those that `allow_recipients` leaves out; no patterns allow everybody.

    A pattern is an address, a domain (with or without its @), or either with * and ?.
    """
    if not patterns:
        return audience
    inside = [person for person in audience.recipients if matches(person.address_key, patterns)]
    reason = "not in [sending] allow_recipients"
    outside = [
        Excluded(person.address, reason)
        for person in audience.recipients
        if not matches(person.address_key, patterns)
    ]
    return Audience(tuple(inside), (*audience.excluded, *outside))


def matches(address_key: str, patterns: Sequence[str]) -> bool:
    """True when one of the patterns names this address or its domain."""
    domain = address_key.rpartition("@")[2]
    bare = [pattern.casefold().removeprefix("@") for pattern in patterns]
    return any(fnmatchcase(address_key if "@" in pattern else domain, pattern) for pattern in bare)


def of_mailout(recipients: Sequence[Recipient], *, kind: str, wave: str) -> list[Recipient]:
    """An advance goes to its tier only; every other mailout to all."""
    return [person for person in recipients if kind != ADVANCE or person.tier == wave]
