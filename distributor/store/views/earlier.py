"""How quick the latest mailouts were: what `policy.estimate` goes by. Reads only, and little of each."""

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from distributor.policy.estimate import LATEST, LEAST, Earlier
from distributor.policy.lifecycle import DeliveryState
from distributor.store import rows

m, d, e = rows.mailout.c, rows.delivery.c, rows.log.c

_LOOKED_AT = 20  # mailouts: small ones do not count
_SAMPLE = 2000  # acceptances of each, about the first ones


def mailouts(connection: Connection, *, publisher_id: str) -> list[Earlier]:
    """The latest first, those that tell something."""
    latest = (
        select(m.id, m.opened_at)
        .where(m.publisher_id == publisher_id, m.state == "finished", m.opened_at.is_not(None))
        .order_by(m.opened_at.desc(), m.id.desc())
        .limit(_LOOKED_AT)
    )
    found: list[Earlier] = []
    for mailout in connection.execute(latest).all():
        one = _one(connection, mailout)
        found += [one] if one else []
        if len(found) == LATEST:
            break
    return found


def _one(connection: Connection, mailout: Any) -> Earlier | None:
    sent = (
        select(d.id)
        .where(d.mailout_id == mailout.id, d.state == DeliveryState.SENT.value)
        .limit(_SAMPLE)
        .subquery()
    )
    accepted = (
        select(e.at)
        .join(sent, e.delivery_id == sent.c.id)
        .where(e.kind == "answer", e.detail == "accept")
        .order_by(e.at)
    )
    at = connection.scalars(accepted).all()
    if len(at) < LEAST:
        return None
    return Earlier(len(at), max(at[_place(at)] - mailout.opened_at, timedelta(milliseconds=1)))


def _place(at: Sequence[Any]) -> int:
    return math.ceil(len(at) * 0.9) - 1
