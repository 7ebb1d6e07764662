"""Officers: who may act under a name of her own. One who was removed keeps her row."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from distributor.model.officer import Officer, Role
from distributor.store import rows

_o = rows.officer.c


def everybody(connection: Connection, *, publisher_id: str, removed: bool = False) -> list[Officer]:
    """The publisher's officers by name; with those who were removed when `removed`."""
    asked = select(rows.officer).where(_o.publisher_id == publisher_id).order_by(_o.name)
    found = connection.execute(asked if removed else asked.where(_o.removed_at.is_(None)))
    return [officer(row) for row in found]


def find(connection: Connection, *, publisher_id: str, name: str) -> Officer | None:
    """The officer of this name, removed or not, or None."""
    row = connection.execute(
        select(rows.officer).where(_o.publisher_id == publisher_id, _o.name == name)
    ).first()
    return officer(row) if row else None


def elsewhere(connection: Connection, *, publisher_id: str, name: str) -> list[str]:
    """The other publishers that have an officer of this name."""
    query = select(_o.publisher_id).where(
        _o.name == name, _o.publisher_id != publisher_id, _o.removed_at.is_(None)
    )
    return list(connection.scalars(query.order_by(_o.publisher_id)))


def add(
    connection: Connection,
    *,
    publisher_id: str,
    name: str,
    display: str,
    address: str,
    roles: Collection[Role],
    now: datetime,
    actor: str,
) -> None:
    """A new officer, or one who was removed and comes back."""
    values: dict[str, Any] = {"display": display, "address": address, "roles": _names(roles)}
    values |= {"created_at": now, "created_by": actor, "removed_at": None, "removed_by": None}
    back = update(rows.officer).where(_o.publisher_id == publisher_id, _o.name == name).values(**values)
    if not connection.execute(back).rowcount:
        connection.execute(insert(rows.officer).values(publisher_id=publisher_id, name=name, **values))


def set_roles(connection: Connection, *, publisher_id: str, name: str, roles: Collection[Role]) -> None:
    """From now on she has these roles."""
    where = (_o.publisher_id == publisher_id, _o.name == name)
    connection.execute(update(rows.officer).where(*where).values(roles=_names(roles)))


def remove(connection: Connection, *, publisher_id: str, name: str, now: datetime, actor: str) -> None:
    """She is no officer any more."""
    where = (_o.publisher_id == publisher_id, _o.name == name)
    connection.execute(update(rows.officer).where(*where).values(removed_at=now, removed_by=actor))


def _names(roles: Collection[Role]) -> list[str]:
    return [role.value for role in Role if role in roles]


def officer(row: Row[Any]) -> Officer:
    """She as her row has her."""
    return Officer(
        name=row.name,
        display=row.display,
        address=row.address,
        roles=frozenset(Role(role) for role in row.roles),
        created_at=row.created_at,
        created_by=row.created_by,
        removed_at=row.removed_at,
        removed_by=row.removed_by,
    )
