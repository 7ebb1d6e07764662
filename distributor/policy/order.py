"""A fair order: shuffled, then interleaved by recipient domain and outlet, so that nobody is always last.

It says what each one's place is. Sorting is the caller's, for an audience may be larger than memory
(store.sorting).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b

from distributor.model.audience import Recipient

Place = tuple[int, int]
#: Gives the people back in the order of their places; those with the same place as they came.
InOrder = Callable[[Iterable[tuple[Place, Recipient]]], Iterator[Recipient]]


def fair(recipients: Iterable[Recipient], *, seed: int, in_order: InOrder) -> Iterator[Recipient]:
    """The same recipients in an order that `seed` (recorded on the mailout) determines, however they come.

    The n-th address of each domain comes before the n+1-th of any; within such a round, outlets likewise.
    """
    shuffled = in_order(_drawn(recipients, seed))
    return in_order(_in_turns(shuffled))


def _drawn(recipients: Iterable[Recipient], seed: int) -> Iterator[tuple[Place, Recipient]]:
    """Each with its lot: 63 bits of a hash, so that it depends on nobody else."""
    urn = blake2b(str(seed).encode(), digest_size=8)
    for person in recipients:
        lot = urn.copy()
        lot.update(person.address_key.encode())
        yield (int.from_bytes(lot.digest(), "big") >> 1, 0), person


def _in_turns(shuffled: Iterable[Recipient]) -> Iterator[tuple[Place, Recipient]]:
    domains: Counter[str] = Counter()
    outlets: Counter[str] = Counter()
    for person in shuffled:
        domain = person.address_key.rpartition("@")[2]
        outlet = person.outlet.casefold()
        yield (domains[domain], outlets[outlet] if outlet else 0), person
        domains[domain] += 1
        outlets[outlet] += 1
