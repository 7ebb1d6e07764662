"""How a mailout was accepted, by recipient domain: the first, the median, the last. Reads only, by SQL."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, func, select

from distributor.store import rows

d, e = rows.delivery.c, rows.log.c


def of_mailout(connection: Connection, *, id: int, due: datetime, limit: int) -> list[dict[str, Any]]:
    """{"domain", "accepted", "first_ms", "median_ms", "last_ms"}, the largest first, at most `limit`."""
    domain = _domain(connection)
    one = (
        select(
            domain.label("domain"),
            e.at,
            func.row_number().over(partition_by=domain, order_by=(e.at, e.id)).label("place"),
            func.count().over(partition_by=domain).label("number"),
        )
        .select_from(rows.delivery.join(rows.log, e.delivery_id == d.id))
        .where(d.mailout_id == id, e.kind == "answer", e.detail == "accept")
        .subquery("one")
        .c
    )
    places = {"at_first": 1, "at_half": (one.number + 1) // 2, "at_last": one.number}
    at = [func.max(case((one.place == place, one.at))).label(name) for name, place in places.items()]
    query = select(one.domain, one.number, *at).group_by(one.domain, one.number)
    found = connection.execute(query.order_by(one.number.desc(), one.domain).limit(limit))
    return [_line(row, due) for row in found]


def _domain(connection: Connection) -> ColumnElement[str]:
    find = func.strpos if connection.dialect.name == "postgresql" else func.instr
    return func.substr(d.address_key, find(d.address_key, "@") + 1)


def _line(row: Row[Any], due: datetime) -> dict[str, Any]:
    times = {"first_ms": row.at_first, "median_ms": row.at_half, "last_ms": row.at_last}
    after = {name: round((at - due).total_seconds() * 1000) for name, at in times.items()}
    return {"domain": row.domain, "accepted": row.number} | after
