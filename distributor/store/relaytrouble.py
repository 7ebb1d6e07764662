"""Relays that fail, for all senders together: who finds one failing, or well, first says so."""

from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from distributor.store import rows

r = rows.relay_trouble.c


def failing(connection: Connection) -> frozenset[str]:
    """The relays that fail."""
    return frozenset(connection.scalars(select(r.relay)))


def fails(connection: Connection, *, relay: str, reason: str, now: datetime) -> bool:
    """It fails; False when that is known already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    fresh = dialect.insert(rows.relay_trouble).values(relay=relay, reason=reason, since=now)
    return connection.execute(fresh.on_conflict_do_nothing().returning(r.relay)).first() is not None


def well(connection: Connection, *, relay: str) -> bool:
    """It works; False when it did before."""
    return bool(connection.execute(delete(rows.relay_trouble).where(r.relay == relay)).rowcount)
