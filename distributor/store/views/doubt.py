"""Deliveries that may have gone out unseen, and how earlier doubt was settled. Reads only."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, select

from distributor.policy.lifecycle import DeliveryState
from distributor.store import rows

d, m, r, e = rows.delivery.c, rows.mailout.c, rows.release.c, rows.log.c

MessageId = Callable[[int, str], str]

# What ends doubt, as the log calls it.
_ENDS = ("settled", "bounced")


def listing(
    connection: Connection, *, publisher_id: str, message_id: MessageId, settled: bool
) -> list[dict[str, Any]]:
    """Open doubt, oldest first; with `settled` also what was settled, by whom, when and how."""
    query = (
        select(rows.delivery, m.kind, m.wave, r.reference)
        .join(rows.mailout, m.id == d.mailout_id)
        .join(rows.release, r.id == m.release_id)
        .where(m.publisher_id == publisher_id)
        .order_by(d.id)
    )
    ids = select(e.delivery_id).where(e.kind == "doubted")
    open_now = d.state == DeliveryState.DOUBTFUL.value
    found = connection.execute(query.where(d.id.in_(ids) if settled else open_now)).all()
    told = _told(connection, settled=settled)
    lines = [line for row in found for line in _lines(row, told.get(row.id, []), message_id=message_id)]
    asked = lines if settled else [line for line in lines if line["settled"] is None]
    return sorted(asked, key=lambda line: line["since"])


def _told(connection: Connection, *, settled: bool) -> dict[int, list[Row[Any]]]:
    """The log's rows on doubt by delivery; only of what is doubtful now unless `settled`."""
    query = select(rows.log).where(e.kind.in_(("doubted", *_ENDS)), e.delivery_id.is_not(None))
    if not settled:
        doubtful = select(d.id).where(d.state == DeliveryState.DOUBTFUL.value)
        query = query.where(e.delivery_id.in_(doubtful))
    told: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(query.order_by(e.id)):
        told.setdefault(row.delivery_id, []).append(row)
    return told


def _lines(row: Row[Any], told: list[Row[Any]], *, message_id: MessageId) -> list[dict[str, Any]]:
    facts = {
        "address": row.address,
        "reference": row.reference,
        "mailout": row.mailout_id,
        "kind": row.kind,
        "wave": row.wave,
        "message_id": message_id(row.mailout_id, row.address_key),
    }
    lines: list[dict[str, Any]] = []
    for fact in told:
        if fact.kind == "doubted":
            lines.append(facts | {"since": fact.at, "why": fact.detail, "state": row.state, "settled": None})
        elif lines and lines[-1]["settled"] is None:
            lines[-1]["settled"] = {"how": fact.detail or fact.kind, "by": fact.actor, "at": fact.at}
    return lines
