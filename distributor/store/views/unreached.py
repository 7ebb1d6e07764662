"""Who was to have a text in advance, or a notice about it, and was not reached: for the phone. Reads only.

That somebody was told by phone is a row of the log (`phoned`), for each mail that she missed until then.
What she misses afterwards has none: she is to be phoned again.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, exists, func, or_, select

from distributor.model.notice import NOTICES
from distributor.store import rows

d, m, c, r, e = rows.delivery.c, rows.mailout.c, rows.contact.c, rows.release.c, rows.log.c

#: The kind of the log row that says so.
PHONED = "phoned"
_LOST = ("rejected", "bounced")
_SILENT = ("suppressed", "expired")


def of_release(connection: Connection, *, release_id: int) -> list[dict[str, Any]]:
    """Each person once, with what she missed last; those still to phone first.

    {"address", "name", "outlet", "phone", "what", "why", "told"}; `told`: {"by", "at", "note"} once somebody
    has told her by phone, else None.
    """
    missed = {row.address_key: row for row in misses(connection, release_id=release_id)}
    if not missed:
        return []
    ids = [row.id for row in missed.values()]
    whys, calls = _whys(connection, ids), _calls(connection, ids)
    found = [
        {
            "address": row.address,
            "name": row.name,
            "outlet": row.outlet or "",
            "phone": row.phone or "",
            "what": f"{row.kind} {row.wave}".strip(),
            "why": whys.get(row.id, row.state),
            "told": calls.get(row.id),
        }
        for row in missed.values()
    ]
    return sorted(found, key=lambda one: one["told"] is not None)


def misses(connection: Connection, *, release_id: int) -> Sequence[Row[Any]]:
    """Every mail that missed somebody, oldest first: the delivery, kind, wave, outlet, phone, and `told`."""
    return connection.execute(_MISSES, {"release": release_id}).all()


def number(connection: Connection, *, release_id: int) -> int:
    """How many people are still to phone."""
    told = {row.address_key: row.told for row in misses(connection, release_id=release_id)}
    return sum(not one for one in told.values())


def lately(connection: Connection, *, publisher_id: str, since: datetime) -> Sequence[Row[Any]]:
    """Still to phone, by release, of mailouts that began since then: (reference, number, at)."""
    return connection.execute(_LATELY, {"publisher": publisher_id, "since": since}).all()


def calls(connection: Connection, *, release_id: int, until: datetime) -> list[dict[str, Any]]:
    """Who was told by phone until then, of which mail, by whom, each with the row of the log that says so."""
    query = select(rows.log).where(e.release_id == release_id, e.kind == PHONED, e.at <= until)
    return [
        {
            "address": row.address or "",
            "subject": row.subject,
            "of": row.detail,
            "at": row.at,
            "by": row.actor,
            "note": row.text or "",
            "proof": {"event": row.kind, "chain": row.chain, "seq": row.seq, "hash": row.hash},
        }
        for row in connection.execute(query.order_by(e.id))
    ]


def phoned() -> ColumnElement[bool]:
    """Whoever missed this delivery was told by phone."""
    return exists().where(e.delivery_id == d.id, e.kind == PHONED)


#: An advance copy refused for good: no release copy follows. A notice that did not or will not arrive.
#: The first two lead by the index of mailouts and states, past all who have it.
_UNREACHED = and_(
    m.kind.in_(("advance", *NOTICES)),
    d.state.in_((*_LOST, *_SILENT)),
    or_(m.kind.in_(NOTICES), d.state.in_(_LOST)),
)
_MISSES = (
    select(rows.delivery, m.release_id, m.kind, m.wave, c.outlet, c.phone, phoned().label("told"))
    .join(rows.mailout, m.id == d.mailout_id)
    .outerjoin(rows.contact, and_(c.publisher_id == d.publisher_id, c.address_key == d.address_key))
    .where(m.release_id == bindparam("release"), _UNREACHED)
    .order_by(m.id, d.position)
)
_LATELY = (
    select(
        r.reference,
        func.count(d.address_key.distinct()).label("number"),
        func.max(d.changed_at).label("at"),
    )
    .join(rows.mailout, m.id == d.mailout_id)
    .join(rows.release, r.id == m.release_id)
    .where(m.publisher_id == bindparam("publisher"), _UNREACHED, ~phoned())
    .where(m.opened_at > bindparam("since", type_=m.opened_at.type))
    .group_by(r.reference)
)


def _whys(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """What the log says last of each mail."""
    query = select(e.delivery_id, e.code, e.text, e.detail).where(e.delivery_id.in_(ids), e.kind != PHONED)
    found = connection.execute(query.order_by(e.id))
    return {row.delivery_id: _why(row) for row in found if row.text or row.detail}


def _why(row: Any) -> str:
    return f"{row.code or ''} {row.text or row.detail}".strip()


def _calls(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    query = select(e.delivery_id, e.actor, e.at, e.text).where(e.delivery_id.in_(ids), e.kind == PHONED)
    return {
        row.delivery_id: {"by": row.actor, "at": row.at, "note": row.text or ""}
        for row in connection.execute(query.order_by(e.id))
    }
