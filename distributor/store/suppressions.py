"""Addresses that must not be mailed, whether they are contacts or not."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from distributor.model.address import Address
from distributor.store import rows

_c = rows.suppression.c


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why an address is silent, since when, by whom."""

    address: str
    reason: str
    at: datetime
    by: str


def keys(connection: Connection, *, publisher_id: str) -> frozenset[str]:
    """Every suppressed address key of the publisher."""
    return frozenset(connection.scalars(select(_c.address_key).where(_c.publisher_id == publisher_id)))


def find(connection: Connection, *, publisher_id: str, address_key: str) -> Suppression | None:
    """The suppression of this address, or None."""
    row = connection.execute(
        select(rows.suppression).where(_c.publisher_id == publisher_id, _c.address_key == address_key)
    ).first()
    return Suppression(row.address, row.reason, row.at, row.by) if row else None


def add(
    connection: Connection, *, publisher_id: str, address: Address, reason: str, now: datetime, by: str
) -> bool:
    """Suppress an address; False when it is already (the first reason stays)."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(rows.suppression).values(
        publisher_id=publisher_id,
        address_key=address.key,
        address=address.text,
        reason=reason,
        at=now,
        by=by,
    )
    added = connection.execute(statement.on_conflict_do_nothing().returning(_c.address_key))
    return added.first() is not None


def remove(connection: Connection, *, publisher_id: str, address_key: str) -> bool:
    """End a suppression; False when there is none."""
    ended = connection.execute(
        delete(rows.suppression).where(_c.publisher_id == publisher_id, _c.address_key == address_key)
    )
    return bool(ended.rowcount)
