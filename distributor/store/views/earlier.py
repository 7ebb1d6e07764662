"""How quick the latest mailouts were: what `policy.estimate` goes by. Reads only, and little of each."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from distributor.policy.estimate import LATEST, LEAST, Earlier
from distributor.policy.lifecycle import DeliveryState
from distributor.store import rows

m, d, e = rows.mailout.c, rows.delivery.c, rows.log.c

_LOOKED_AT = 20  # mailouts: small ones do not count
_SAMPLE = 2000  # acceptances of each, about the first ones


def mailouts(connection: Connection, *, publisher_id: str) -> list[Earlier]:
    """The latest first, those that tell something."""
    found: list[Earlier] = []
    for mailout in connection.execute(_LATEST, {"publisher": publisher_id}).all():
        one = _one(connection, mailout)
        found += [one] if one else []
        if len(found) == LATEST:
            break
    return found


def _one(connection: Connection, mailout: Any) -> Earlier | None:
    row = connection.execute(_MOST, {"mailout": mailout.id}).first()
    if row is None or row.number < LEAST:
        return None
    return Earlier(row.number, max(row.at - mailout.opened_at, timedelta(milliseconds=1)))


_LATEST = (
    select(m.id, m.opened_at)
    .where(m.publisher_id == bindparam("publisher"), m.state == "finished", m.opened_at.is_not(None))
    .order_by(m.opened_at.desc(), m.id.desc())
    .limit(_LOOKED_AT)
)
_SENT = (
    select(d.id)
    .where(d.mailout_id == bindparam("mailout"), d.state == DeliveryState.SENT.value)
    .limit(_SAMPLE)
    .subquery()
)
_ACCEPTED = (
    select(
        e.at,
        func.row_number().over(order_by=e.at).label("place"),
        func.count().over().label("number"),
    )
    .join(_SENT, e.delivery_id == _SENT.c.id)
    .where(e.kind == "answer", e.detail == "accept")
    .subquery()
    .c
)
#: By when 90 % of them were accepted.
_MOST = select(_ACCEPTED.number, _ACCEPTED.at).where(_ACCEPTED.place == (_ACCEPTED.number * 9 + 9) // 10)
