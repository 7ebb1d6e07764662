"""What officers, journalists and the clockwork did, newest first, a page at a time. Reads only.

Not what became of single deliveries (`views.mails`), nor the seals of the log. It goes on before a key.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
)

from distributor.store import rows

e, r, p = rows.log.c, rows.release.c, rows.publisher.c

_SEALED: ColumnElement[str] = literal_column("'sealed'")  # as the index has it


#: What the machine did concerns every publisher.
_MACHINE = ("clock_jumped", "clock_confirmed", "copy_confirmed", "relay_fails", "relay_well")


def of_publisher(publisher_id: str | BindParameter[str]) -> ColumnElement[bool]:
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
    asked = {"release": release_id, "subject": subject, "before": before}
    asked = {name: value for name, value in asked.items() if value is not None}
    found = connection.execute(_page(*asked), asked | {"publisher": publisher_id, "limit": limit + 1})
    return [dict(row._mapping) for row in found]


@cache
def _page(*asked: str) -> Select[Any]:
    """Each way to ask is put together once."""
    query = (
        select(
            *(e.id, e.at, e.kind, e.actor, r.reference, e.detail, e.address, e.text),
            e.bytes_sha256.label("hash"),
        )
        .outerjoin(rows.release, r.id == e.release_id)
        .where(e.delivery_id.is_(None), e.kind != _SEALED, of_publisher(bindparam("publisher")))
    )
    return query.where(*(_ASKED[name] for name in asked)).order_by(e.id.desc()).limit(bindparam("limit"))


_ASKED = {
    "release": e.release_id == bindparam("release"),
    "subject": e.subject == bindparam("subject"),
    "before": e.id < bindparam("before"),
}
