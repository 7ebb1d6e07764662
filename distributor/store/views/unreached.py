"""Who was to have a text in advance, or a notice about it, and was not reached: for the phone. Reads only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from distributor.model.notice import NOTICES
from distributor.store import rows

d, m, c, r, e = rows.delivery.c, rows.mailout.c, rows.contact.c, rows.release.c, rows.log.c

_LOST = ("rejected", "bounced")
_SILENT = ("suppressed", "expired")


def of_release(connection: Connection, *, release_id: int) -> list[dict[str, Any]]:
    """Each person once, with what she missed last: {"address", "name", "outlet", "phone", "what", "why"}."""
    contact = and_(c.publisher_id == d.publisher_id, c.address_key == d.address_key)
    found = connection.execute(
        select(rows.delivery, m.kind, m.wave, c.outlet, c.phone)
        .join(rows.mailout, m.id == d.mailout_id)
        .outerjoin(rows.contact, contact)
        .where(m.release_id == release_id, _unreached())
        .order_by(m.id, d.position)
    ).all()
    found = list({row.address_key: row for row in found}.values())
    whys = _whys(connection, [row.id for row in found])
    return [
        {
            "address": row.address,
            "name": row.name,
            "outlet": row.outlet or "",
            "phone": row.phone or "",
            "what": f"{row.kind} {row.wave}".strip(),
            "why": whys.get(row.id, row.state),
        }
        for row in found
    ]


def lately(connection: Connection, *, publisher_id: str, since: datetime) -> Sequence[Row[Any]]:
    """By release, of mailouts that began since then: (reference, number, at)."""
    return connection.execute(
        select(
            r.reference,
            func.count(d.address_key.distinct()).label("number"),
            func.max(d.changed_at).label("at"),
        )
        .join(rows.mailout, m.id == d.mailout_id)
        .join(rows.release, r.id == m.release_id)
        .where(m.publisher_id == publisher_id, m.opened_at > since, _unreached())
        .group_by(r.reference)
    ).all()


def _unreached() -> ColumnElement[bool]:
    """An advance copy refused for good: no release copy follows. A notice that did not or will not arrive."""
    advance = and_(m.kind == "advance", d.state.in_(_LOST))
    return or_(advance, and_(m.kind.in_(NOTICES), d.state.in_((*_LOST, *_SILENT))))


def _whys(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """What the log says last of each."""
    query = select(e.delivery_id, e.code, e.text, e.detail).where(e.delivery_id.in_(ids)).order_by(e.id)
    return {row.delivery_id: _why(row) for row in connection.execute(query) if row.text or row.detail}


def _why(row: Any) -> str:
    return f"{row.code or ''} {row.text or row.detail}".strip()
