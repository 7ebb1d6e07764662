"""Puts people in an order, however many: memory stays flat.

A few are sorted as they are. More go on a pile, a temporary database of SQLite's own, whichever database the
office has. It lives in memory while it is small and beyond that in a file without a name, which ends with
this process. Nothing else sees it.
"""

import marshal
import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from distributor.model.audience import Reason, Recipient
from distributor.policy.order import Place

_FEW = 1000
_SCHEMA = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -4096;
    CREATE TABLE pile (first INTEGER, second INTEGER, person BLOB);
"""


def in_order(people: Iterable[tuple[Place, Recipient]]) -> Iterator[Recipient]:
    """Takes all of `people` at once; gives them back by place, and those of one place as they came."""
    people = iter(people)
    first = list(islice(people, _FEW + 1))
    if len(first) <= _FEW:
        return map(itemgetter(1), sorted(first, key=itemgetter(0)))
    return _piled(chain(first, people))


def _piled(people: Iterable[tuple[Place, Recipient]]) -> Iterator[Recipient]:
    pile = sqlite3.connect("", isolation_level=None, check_same_thread=False)  # whoever drops it closes it
    pile.executescript(_SCHEMA)
    pile.execute("BEGIN")
    pile.executemany(
        "INSERT INTO pile VALUES (?, ?, ?)", ((*place, _packed(person)) for place, person in people)
    )
    return _sorted(pile)


def _sorted(pile: sqlite3.Connection) -> Iterator[Recipient]:
    try:
        for (packed,) in pile.execute("SELECT person FROM pile ORDER BY first, second, rowid"):
            yield _unpacked(packed)
    finally:
        pile.close()


def _packed(person: Recipient) -> bytes:
    *facts, reasons = person
    return marshal.dumps((*facts, tuple(map(tuple, reasons))))


def _unpacked(packed: bytes) -> Recipient:
    *facts, reasons = marshal.loads(packed)  # noqa: S302  (written a moment ago, by this process)
    return Recipient._make((*facts, _reasons(reasons)))


@lru_cache(maxsize=4096)
def _reasons(reasons: tuple[Any, ...]) -> tuple[Reason, ...]:
    return tuple(Reason(*one) for one in reasons)
