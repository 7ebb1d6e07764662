"""Waits until what was handed over before a verb's commit has ended: then the verb may say that it is done.

A worker begins a hand-over at most half a second after its intent, so what is still under way after
SETTLED has its dot written: it counts as "may have it".
"""

from collections.abc import Callable

from distributor.store.database import Connection, Store

SETTLED = 0.75  # seconds after which nothing that had its intent before can still begin
_LOOK = 0.02

Pause = Callable[[float], None]


def settled(store: Store, count: Callable[[Connection], int], *, pause: Pause) -> int:
    """Wait until `count` says that nothing is under way, or only what is past its dot: so many."""
    under_way = 0
    for _ in range(int(SETTLED / _LOOK)):
        with store.read() as connection:
            under_way = count(connection)
        if not under_way:
            return 0
        pause(_LOOK)
    return under_way
