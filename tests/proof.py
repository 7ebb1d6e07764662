"""What proofs look at: the whole database as plain rows, and whether the log's chains hold."""

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from distributor.store import log, rows
from distributor.store.database import Store

#: Facts about the machine and the moment, not about the work.
_PASSING = {"installation", "run"}


def dump(store: Store, *, without: frozenset[str] = frozenset()) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in the order of its key; `without` leaves tables out."""
    with store.read() as connection:
        return {
            table.name: [
                dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in SQLModel.metadata.sorted_tables
            if table.name not in _PASSING | without
        }


def broken_chains(store: Store) -> list[tuple[str, int]]:
    """(chain, seq) of every row that does not follow from the row before."""
    heads: dict[str, tuple[int, str]] = defaultdict(lambda: (0, ""))
    broken = []
    with store.read() as connection:
        found = connection.execute(select(rows.log).order_by(rows.log.c.chain, rows.log.c.seq)).all()
    for row in found:
        seq, hash = heads[row.chain]
        if (row.seq, row.hash) != (seq + 1, log.chained(hash, dict(row._mapping))):
            broken.append((row.chain, row.seq))
        heads[row.chain] = (row.seq, row.hash)
    return broken
