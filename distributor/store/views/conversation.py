"""One delivery from its first intent to its end: every row of the log about it, in order. Reads only."""

from typing import Any

from sqlalchemy import Connection, select

from distributor.store import rows

d, m, r, e = rows.delivery.c, rows.mailout.c, rows.release.c, rows.log.c

_FACTS = (
    *(d.id, d.mailout_id, d.contact_id, d.address, d.address_key, d.name, d.language, d.state, d.reason),
    *(d.attempts, d.failures, d.next_at, d.changed_at, m.kind, m.wave, m.due, r.reference),
)
_SAID = (
    *(e.id, e.chain, e.seq, e.kind, e.at, e.actor, e.attempt, e.relay, e.code, e.enhanced, e.text, e.detail),
    *(e.bytes_sha256, e.hash),
)


def document(connection: Connection, *, publisher_id: str, delivery_id: int) -> dict[str, Any] | None:
    """The delivery with its rows as "said"; None when the publisher has none of this number."""
    row = connection.execute(
        select(*_FACTS)
        .select_from(rows.delivery)
        .join(rows.mailout, m.id == d.mailout_id)
        .join(rows.release, r.id == m.release_id)
        .where(d.id == delivery_id, d.publisher_id == publisher_id)
    ).first()
    if row is None:
        return None
    found = connection.execute(select(*_SAID).where(e.delivery_id == delivery_id).order_by(e.id))
    return dict(row._mapping) | {"said": [dict(one._mapping) for one in found]}
