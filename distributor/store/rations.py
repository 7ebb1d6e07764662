"""What of each relay's limits is used, counted here for all senders together. `policy.pacing` decides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from distributor.model.pacing import Limits, Spent
from distributor.policy import pacing
from distributor.store import rows
from distributor.store.columns import from_micros, to_micros

r = rows.ration.c


def take(connection: Connection, *, limits: Limits, wanted: int, now: datetime) -> pacing.Grant:
    """Up to `wanted` messages for this relay, noted as used. Others who ask wait for the transaction."""
    found = pacing.grant(_locked(connection, limits.relay), wanted=wanted, limits=limits, now=now)
    if found.number:
        _keep(connection, limits.relay, found.spent)
    return found


def give_back(connection: Connection, *, relay: str, number: int) -> None:
    """So many were taken and not used."""
    _keep(connection, relay, pacing.give_back(_locked(connection, relay), number))


def spent(connection: Connection, *, relays: Sequence[Limits]) -> list[tuple[Limits, Spent]]:
    """What is used of each relay's limits."""
    found = connection.execute(select(rows.ration).where(r.relay.in_([one.relay for one in relays])))
    known = {row.relay: _spent(row) for row in found}
    return [(one, known.get(one.relay, Spent())) for one in relays]


def _locked(connection: Connection, relay: str) -> Spent:
    row = connection.execute(_FOUND, {"relay": relay}).first()
    if row is None:  # two who ask first meet here, and one waits for the other
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(dialect.insert(rows.ration).values(relay=relay, taken=[]).on_conflict_do_nothing())
        row = connection.execute(_FOUND, {"relay": relay}).one()
    return _spent(row)


_FOUND = select(rows.ration).where(r.relay == bindparam("relay")).with_for_update()


def _spent(row: Row[Any]) -> Spent:
    return Spent(row.free_at, tuple((from_micros(start), number) for start, number in row.taken))


def _keep(connection: Connection, relay: str, spent: Spent) -> None:
    taken = [[to_micros(start), number] for start, number in spent.taken]
    connection.execute(update(rows.ration).where(r.relay == relay).values(free_at=spent.free_at, taken=taken))
