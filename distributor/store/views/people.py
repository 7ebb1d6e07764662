"""People as they are looked for: over everything, and page by page on one list. Reads only.

Pages go on after an address, not after so many: what is added meanwhile moves nobody.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, or_, select

from distributor.model.contact import Standing
from distributor.store import rows

_c, _m, _l, _a, _s = (
    rows.contact.c,
    rows.membership.c,
    rows.contact_list.c,
    rows.access.c,
    rows.suppression.c,
)
FILTERS = ("", "silent", "access")


def search(connection: Connection, *, publisher_id: str, find: str, limit: int) -> list[dict[str, Any]]:
    """Contacts with this in their name, address or outlet, by address."""
    query = _PEOPLE.where(_finds(find)).order_by(_c.address_key).limit(limit)
    return [_person(row) for row in connection.execute(query, {"publisher": publisher_id})]


def strangers(connection: Connection, *, publisher_id: str, find: str, limit: int) -> list[dict[str, Any]]:
    """Suppressed addresses of no contact."""
    known = select(_c.id).where(_c.publisher_id == publisher_id, _c.address_key == _s.address_key).exists()
    query = (
        select(_s.address, _s.reason, _s.at, _s.by)
        .where(_s.publisher_id == publisher_id, _s.address_key.icontains(find, autoescape=True), ~known)
        .order_by(_s.address_key)
        .limit(limit)
    )
    return [dict(row._mapping) for row in connection.execute(query)]


def lists(connection: Connection, *, publisher_id: str, find: str, limit: int) -> list[dict[str, Any]]:
    """Lists with this in their name or title."""
    named = or_(_l.name.icontains(find, autoescape=True), _l.title.icontains(find, autoescape=True))
    query = select(_l.name, _l.title).where(_l.publisher_id == publisher_id, named)
    return [dict(row._mapping) for row in connection.execute(query.order_by(_l.name).limit(limit))]


def members(
    connection: Connection,
    *,
    publisher_id: str,
    name: str,
    find: str = "",
    only: str = "",
    after: str = "",
    limit: int,
) -> list[dict[str, Any]]:
    """Who is on the list and comes after this address; `only` is one of FILTERS."""
    query = _MEMBERS
    if find:
        query = query.where(_finds(find))
    if only == "silent":
        query = query.where(or_(_c.standing != Standing.ACTIVE.value, _s.address_key.is_not(None)))
    if only == "access":
        query = query.where(_a.contact_id.is_not(None))
    asked = {"publisher": publisher_id, "list": name, "after": after, "limit": limit}
    return [_person(row) | {"topics": list(row.topics)} for row in connection.execute(query, asked)]


_PEOPLE: Select[Any] = (
    select(
        *(_c.id, _c.address, _c.address_key, _c.name, _c.outlet, _c.languages, _c.standing),
        *(_a.tier, _s.address_key.label("suppressed")),
    )
    .select_from(rows.contact)
    .outerjoin(rows.access, and_(_a.contact_id == _c.id, _a.ended_at.is_(None)))
    .outerjoin(rows.suppression, and_(_s.publisher_id == _c.publisher_id, _s.address_key == _c.address_key))
    .where(_c.publisher_id == bindparam("publisher"))
)
_MEMBERS = (
    _PEOPLE.add_columns(_m.topics)
    .join(rows.membership, _m.contact_id == _c.id)
    .join(rows.contact_list, _l.id == _m.list_id)
    .where(_l.publisher_id == bindparam("publisher"), _l.name == bindparam("list"))
    .where(_c.address_key > bindparam("after"))
    .order_by(_c.address_key)
    .limit(bindparam("limit"))
)


def _finds(find: str) -> ColumnElement[bool]:
    return or_(*(column.icontains(find, autoescape=True) for column in (_c.name, _c.address_key, _c.outlet)))


def _person(row: Any) -> dict[str, Any]:
    silenced = row.standing == Standing.ACTIVE.value and row.suppressed
    return {
        "id": row.id,
        "address": row.address,
        "key": row.address_key,
        "name": row.name,
        "outlet": row.outlet,
        "languages": list(row.languages),
        "standing": Standing.SUPPRESSED.value if silenced else row.standing,
        "tier": row.tier,
    }
