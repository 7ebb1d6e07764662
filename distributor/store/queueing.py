"""Puts people of an audience into a mailout: deliveries that wait in a batch. Each address once (law 2).

Many rows to a statement: rows at a time on SQLite's driver, one JSON document on PostgreSQL.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Dialect, select

from distributor.model.audience import Reason, Recipient
from distributor.policy.lifecycle import DELIVERY
from distributor.store import rows
from distributor.store.prepared import driver

_SAME = {"state": DELIVERY.start.value, "attempts": 0, "failures": 0}
_SHARED = ("mailout_id", "publisher_id", "batch_id", "changed_at", *_SAME)
_OWN = ("position", "address", "address_key", "contact_id", "name", "language", "reasons", "reason")
_AT_ONCE = 500

d = rows.delivery.c


def add(
    connection: Connection,
    *,
    mailout_id: int,
    publisher_id: str,
    batch_id: int,
    recipients: Sequence[tuple[int, Recipient]],
    reason: Callable[[Recipient], str],
    now: datetime,
) -> int:
    """Queue (position, recipient) pairs; returns how many were new to the mailout.

    `reason` words why she gets it: kept, so that every attempt sends the same bytes (law 6).
    """
    dialect = connection.dialect
    if dialect.name == "sqlite":
        _make_room(connection)
    shared = (mailout_id, publisher_id, batch_id, driver(now, dialect), *_SAME.values())
    own = (_own(position, person, reason(person)) for position, person in recipients)
    values: Any = [(*shared, *one) for one in own]
    if dialect.name != "sqlite":
        values = (*shared, json.dumps([dict(zip(_OWN, one[len(shared) :], strict=True)) for one in values]))
    keep = {"preserve_rowcount": True}
    return connection.exec_driver_sql(_insert(dialect), values, execution_options=keep).rowcount


def _make_room(connection: Connection) -> None:
    """Fair order hits the indexes by address all over: keep their pages, and copy them back less often."""
    connection.exec_driver_sql("PRAGMA cache_size = -16384")  # kB
    connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 4000")  # pages


def missing(connection: Connection, people: Iterable[Recipient], *, mailout_id: int) -> Iterator[Recipient]:
    """Those of them who have no delivery of this mailout, in their order; asks as they come."""
    waiting = iter(people)
    while some := list(islice(waiting, _AT_ONCE)):
        mine = (d.mailout_id == mailout_id, d.address_key.in_([person.address_key for person in some]))
        known = set(connection.scalars(select(d.address_key).where(*mine)))
        yield from (person for person in some if person.address_key not in known)


def _own(position: int, person: Recipient, reason: str) -> tuple[Any, ...]:
    address, key, contact_id, name, _, language, _, reasons = person
    return (position, address, key, contact_id, name, language, _told(reasons), reason)


@lru_cache(maxsize=4096)
def _told(reasons: tuple[Reason, ...]) -> str:
    return json.dumps([reason.document() for reason in reasons])


@cache
def _insert(dialect: Dialect) -> str:
    columns = ", ".join((*_SHARED, *_OWN))
    into = f"INSERT INTO {rows.delivery.name} ({columns})"
    once = "ON CONFLICT (mailout_id, address_key) DO NOTHING"
    if dialect.name == "sqlite":
        return f"{into} VALUES ({', '.join('?' * len((*_SHARED, *_OWN)))}) {once}"
    types = {name: d[name].type.compile(dialect=dialect) for name in _OWN}
    written = types | {"reasons": "TEXT"}  # JSON by then: of one taken for jsonb a string would be kept
    shared, own = ", ".join(["%s"] * len(_SHARED)), ", ".join(f"one.{n}::{t}" for n, t in types.items())
    record = ", ".join(f"{name} {type}" for name, type in written.items())
    return f"{into} SELECT {shared}, {own} FROM jsonb_to_recordset(%s) AS one({record}) {once}"  # noqa: S608
