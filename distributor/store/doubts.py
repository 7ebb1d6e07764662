"""Deliveries that may have gone out unseen: found after a death, named, settled.

It writes no log: its caller does, in the same transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, text
from sqlalchemy.sql.dml import ReturningUpdate

from distributor.policy.lifecycle import DELIVERY, DeliveryState
from distributor.store import rows
from distributor.store.deliveries import Delivery, delivery
from distributor.store.tables import DOUBTFUL
from distributor.store.transitions import statement

d, m, r = rows.delivery.c, rows.mailout.c, rows.release.c


def left_by(connection: Connection, *, run_id: int) -> list[Delivery]:
    """What a run has under way: after its death, what may have gone out unseen."""
    found = connection.execute(
        select(rows.delivery).where(d.run_id == run_id, d.state == DeliveryState.SENDING.value)
    )
    return [delivery(row) for row in found]


def doubt(connection: Connection, *, ids: Sequence[int], now: datetime) -> set[int]:
    """sending → doubtful; returns those that moved: an answer may have come meanwhile."""
    moved = connection.execute(
        statement(
            rows.delivery,
            DELIVERY,
            "doubt",
            d.id.in_(ids),
            changed_at=now,
            run_id=None,
            batch_id=None,
        ).returning(d.id)
    )
    return set(moved.scalars())


def doubtful(
    connection: Connection, *, release_id: int | None = None, address_key: str | None = None
) -> list[Row[Any]]:
    """Doubtful deliveries with their mailout's and release's facts, oldest first.

    `doubted` counts how often each became doubtful.
    """
    query = _DOUBTFUL
    if release_id is not None:
        query = query.where(m.release_id == release_id)
    if address_key is not None:
        query = query.where(d.address_key == address_key)
    return list(connection.execute(query))


e = rows.log.c
_DOUBTED = select(func.count()).where(e.delivery_id == d.id, e.kind == "doubted").scalar_subquery()
_DOUBTFUL = (
    select(
        rows.delivery,
        m.kind,
        m.wave,
        m.state.label("mailout_state"),
        m.release_id,
        r.reference,
        r.embargo,
        r.until_lifted,
        _DOUBTED.label("doubted"),
    )
    .join(rows.mailout, m.id == d.mailout_id)
    .join(rows.release, r.id == m.release_id)
    .where(text(f"delivery.{DOUBTFUL}"))  # a constant: the index holds only these deliveries
    .order_by(d.changed_at, d.id)
)


def settle(connection: Connection, *, event: str, ids: Sequence[int], now: datetime) -> list[int]:
    """doubtful → queued ("resend"), sent ("settle") or cancelled ("cancel"); returns those that moved."""
    return list(connection.scalars(_settle(event), {"ids": ids, "now": now}))


@cache
def _settle(event: str) -> ReturningUpdate[tuple[int]]:
    doubtful = (d.id.in_(bindparam("ids", expanding=True)), d.state == DeliveryState.DOUBTFUL.value)
    now = bindparam("now", type_=d.changed_at.type)
    return statement(rows.delivery, DELIVERY, event, *doubtful, changed_at=now, next_at=None).returning(d.id)
