"""A fair order: shuffled, then interleaved by recipient domain and outlet, so that nobody is always last."""

import random
from collections import Counter
from collections.abc import Sequence

from distributor.model.audience import Recipient


def fair(recipients: Sequence[Recipient], *, seed: int) -> list[Recipient]:
    """The same recipients in an order that `seed` (recorded on the mailout) determines.

    The n-th address of each domain comes before the n+1-th of any; within such a round, outlets likewise.
    """
    shuffled = sorted(recipients, key=lambda person: person.address_key)
    random.Random(seed).shuffle(shuffled)  # noqa: S311  (fairness, not secrecy)
    domains: Counter[str] = Counter()
    outlets: Counter[str] = Counter()
    rounds = []
    for person in shuffled:
        domain = person.address_key.rpartition("@")[2]
        outlet = person.outlet.casefold()
        rounds.append((domains[domain], outlets[outlet] if outlet else 0))
        domains[domain] += 1
        outlets[outlet] += 1
    return [person for _, person in sorted(zip(rounds, shuffled, strict=True), key=lambda pair: pair[0])]
