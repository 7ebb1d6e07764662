"""Attempts to sign in, counted before the password is looked at, so that many at once count as many.

A key is a hash of who is tried from where; nothing of a name or an address stays. Which wait follows from the
count is `policy.signin`.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from distributor.policy.signin import FORGOTTEN, Knocks
from distributor.store import rows

_k = rows.knock.c


def so_far(connection: Connection, *, keys: Sequence[str], now: datetime) -> dict[str, Knocks]:
    """What is still remembered of each key. Locks the rows until the transaction's end."""
    found = connection.execute(
        select(rows.knock).where(_k.key.in_(keys), _k.last_at > now - FORGOTTEN).with_for_update()
    )
    return {row.key: Knocks(row.failures, row.last_at) for row in found}


def count(connection: Connection, *, keys: Sequence[str], now: datetime) -> None:
    """One more for each key; what is forgotten is cleared away."""
    connection.execute(delete(rows.knock).where(_k.last_at <= now - FORGOTTEN))
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    for key in sorted(keys):
        first = dialect.insert(rows.knock).values(key=key, failures=1, last_at=now)
        more = {"failures": _k.failures + 1, "last_at": now}
        connection.execute(first.on_conflict_do_update(index_elements=[_k.key], set_=more))


def forget(connection: Connection, *, keys: Sequence[str]) -> None:
    """It was she: these count no more."""
    connection.execute(delete(rows.knock).where(_k.key.in_(keys)))
