"""What officers, journalists and the clockwork did, newest first, a page at a time. Reads only.

Not what became of single deliveries (`views.mails`), nor the seals of the log. It goes on before a key.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, literal_column, or_, select

from distributor.store import rows

e, r, p = rows.log.c, rows.release.c, rows.publisher.c

_SEALED: ColumnElement[str] = literal_column("'sealed'")  # as the index has it


#: What the machine did concerns every publisher.
_MACHINE = ("clock_jumped", "clock_confirmed", "copy_confirmed", "relay_fails", "relay_well")


def of_publisher(publisher_id: str) -> ColumnElement[bool]:
    """SQL: a row of the log, joined with its release, that this publisher's officers may see.

    What says no publisher was written when there was one: it is the first one's.
    """
    first = exists().where(p.id == publisher_id, p.first)
    nobodys = and_(e.publisher_id.is_(None), or_(e.kind.in_(_MACHINE), first))
    return or_(
        r.publisher_id == publisher_id,
        and_(e.release_id.is_(None), or_(e.publisher_id == publisher_id, nobodys)),
    )


def page(
    connection: Connection,
    *,
    publisher_id: str,
    release_id: int | None = None,
    subject: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """{"id", "at", "kind", "actor", "reference", "detail", "hash", "address", "text"}, one more than `limit`.

    `subject`: the pseudonym of a person.
    """
    query = (
        select(
            *(e.id, e.at, e.kind, e.actor, r.reference, e.detail, e.address, e.text),
            e.bytes_sha256.label("hash"),
        )
        .outerjoin(rows.release, r.id == e.release_id)
        .where(e.delivery_id.is_(None), e.kind != _SEALED)
        .where(of_publisher(publisher_id))
    )
    if release_id is not None:
        query = query.where(e.release_id == release_id)
    if subject is not None:
        query = query.where(e.subject == subject)
    if before is not None:
        query = query.where(e.id < before)
    found = connection.execute(query.order_by(e.id.desc()).limit(limit + 1))
    return [dict(row._mapping) for row in found]
