"""Hand-overs without an answer: from when to when, by which relays, and what was accepted beside them.

Reads only, and the log only around each hand-over: by delivery, and by place in the chain.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from distributor.model.evidence import HandOver, Neighbour
from distributor.store import rows

e, d = rows.log.c, rows.delivery.c

_EACH_SIDE = 10  # neighbours
_FAR = 2000  # rows of the chain in which they are sought


def of(
    connection: Connection, *, ids: Sequence[int], relays: frozenset[str]
) -> tuple[list[HandOver], Mapping[int, tuple[int, str]]]:
    """The last hand-over of each delivery; and (mailout, address key) of all that are named in them.

    `relays`: those there are, for a hand-over whose relay is not known.
    """
    found = [hand_over for id in ids if (hand_over := _one(connection, id, relays)) is not None]
    named = {one.delivery_id for hand_over in found for one in hand_over.neighbours} | set(ids)
    query = select(d.id, d.mailout_id, d.address_key).where(d.id.in_(sorted(named)))
    return found, {row.id: (row.mailout_id, row.address_key) for row in connection.execute(query)}


def _one(connection: Connection, delivery_id: int, relays: frozenset[str]) -> HandOver | None:
    told = connection.execute(
        select(rows.log).where(e.delivery_id == delivery_id).order_by(e.id.desc()).limit(50)
    ).all()
    doubted = next((row for row in told if row.kind == "doubted"), None)
    intent = next((row for row in told if row.kind == "intent"), None)
    if doubted is None or intent is None:
        return None
    return HandOver(
        delivery_id=delivery_id,
        begun=intent.at,
        ended=max(doubted.at, intent.at),
        relays=frozenset({doubted.relay}) if doubted.relay else relays,
        neighbours=_neighbours(connection, intent),
    )


def _neighbours(connection: Connection, intent: Row[Any]) -> tuple[Neighbour, ...]:
    before = _accepted(connection, intent, e.seq.between(intent.seq - _FAR, intent.seq), e.seq.desc())
    after = _accepted(connection, intent, e.seq.between(intent.seq, intent.seq + _FAR), e.seq)
    return (*before, *after)


def _accepted(
    connection: Connection, intent: Row[Any], where: ColumnElement[bool], order: ColumnElement[int]
) -> list[Neighbour]:
    query = (
        select(e.delivery_id, e.relay, e.at)
        .where(e.chain == intent.chain, where, e.kind == "answer", e.detail == "accept")
        .order_by(order)
        .limit(_EACH_SIDE)
    )
    return [Neighbour(row.delivery_id, row.relay or "", row.at) for row in connection.execute(query)]
