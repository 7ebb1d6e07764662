"""Very many contacts and deliveries, by SQL alone: rows as the list sync and the preparation leave them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, Select, Table, Text, cast, func, insert, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.types import TypeEngine

from distributor.store import rows
from distributor.store.batches import SIZE
from distributor.store.database import Store

PUBLISHER = "press"
_REASONS = [{"list": "trade", "topic": "trade", "covers": "trade"}]


def contacts(store: Store, count: int, *, now: datetime) -> None:
    """Active contacts r0 … at example.org."""
    n = _numbers(count)
    address = literal("r").concat(n.c.i).concat("@example.org")
    values = {
        "publisher_id": PUBLISHER,
        "languages": ["en"],
        "extra": {},
        "standing": "active",
        "created_at": now,
    }
    plain = (
        "name",
        "first_name",
        "last_name",
        "outlet",
        "medium",
        "role",
        "country",
        "phone",
        "source",
        "note",
    )
    values |= dict.fromkeys((*plain, "standing_reason"), "")
    with store.write() as connection:
        select_into(
            connection,
            rows.contact,
            {"address": address, "address_key": address, **values},
            select().select_from(n),
        )


def members(store: Store, *, list_name: str, count: int, now: datetime) -> None:
    """The first `count` contacts join a list."""
    c, a_list = rows.contact.c, rows.contact_list.c
    with store.write() as connection:
        list_id = connection.execute(select(a_list.id).where(a_list.name == list_name)).scalar_one()
        values = {"list_id": list_id, "contact_id": c.id, "topics": [], "since": now}
        first = select().select_from(rows.contact).order_by(c.id).limit(count)
        select_into(connection, rows.membership, values, first)


def deliveries(store: Store, *, mailout_id: int, now: datetime) -> None:
    """Every contact gets a queued delivery of this mailout, in ready batches."""
    c = rows.contact.c
    with store.write() as connection:
        count, first = connection.execute(
            select(func.count(), func.min(c.id)).select_from(rows.contact)
        ).one()
        n = _numbers(-(-count // SIZE))
        batch = {"mailout_id": mailout_id, "state": "ready", "priority": 0, "not_before": now, "size": SIZE}
        select_into(connection, rows.batch, batch, select().select_from(n))
        b = rows.batch.c
        start = connection.execute(select(func.min(b.id)).where(b.mailout_id == mailout_id)).scalar_one()
        values = {
            "mailout_id": mailout_id,
            "publisher_id": PUBLISHER,
            "contact_id": c.id,
            "address": c.address,
            "address_key": c.address_key,
            "name": "",
            "language": "en",
            "reasons": _REASONS,
            "position": c.id - first,
            "batch_id": start + (c.id - first) // SIZE,
            "state": "queued",
            "attempts": 0,
            "changed_at": now,
            "failures": 0,
            "reason": "",
        }
        select_into(connection, rows.delivery, values, select().select_from(rows.contact))
    analyze(store)


def select_into(connection: Connection, table: Table, values: Mapping[str, Any], source: Select[Any]) -> None:
    """INSERT … SELECT: `values` are the source's columns, or constants of the table's own types."""
    columns = [
        value if isinstance(value, ColumnElement) else _constant(connection, value, table.c[name].type)
        for name, value in values.items()
    ]
    connection.execute(insert(table).from_select(list(values), source.add_columns(*columns)))


def _constant(connection: Connection, value: Any, type_: TypeEngine[Any]) -> ColumnElement[Any]:
    """PostgreSQL's driver writes JSON twice where it stands in a SELECT."""
    if isinstance(type_, JSON) and connection.dialect.name == "postgresql":
        return cast(literal(json.dumps(value), Text), JSONB)
    return literal(value, type_)


def _numbers(count: int) -> Any:
    """i = 0 … count - 1, in both dialects."""
    n = select(literal(0).label("i")).cte("n", recursive=True)
    return n.union_all(select(n.c.i + 1).where(n.c.i < count - 1))


def analyze(store: Store) -> None:
    """What PostgreSQL's autovacuum does by itself a minute later."""
    if not store.is_sqlite:
        with store.write() as connection:
            connection.execute(text("ANALYZE"))
