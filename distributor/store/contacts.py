"""Contacts: who they are, their standing, their embargo access.

Standing has its own functions; saving what files say never touches it (law 4).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from distributor.model.address import Address
from distributor.model.contact import Standing
from distributor.model.listdiff import GRANTED_BY_SYNC, Grant, Person, PresentContact
from distributor.policy.access import outlet_key
from distributor.store import access, rows

_c, _a = rows.contact.c, rows.access.c
_TEXTS = ("name", "first_name", "last_name", "outlet", "medium", "role", "country", "phone", "source", "note")


def everybody(connection: Connection, *, publisher_id: str) -> dict[str, PresentContact]:
    """Every contact of the publisher by address key."""
    return {row.address_key: _present(row) for row in connection.execute(_all(publisher_id))}


def find(connection: Connection, *, publisher_id: str, address_key: str) -> PresentContact | None:
    """The contact with this address, or None."""
    row = connection.execute(_all(publisher_id).where(_c.address_key == address_key)).first()
    return _present(row) if row else None


def _all(publisher_id: str) -> Any:
    granted = (_a.tier, _a.granted_by, _a.criterion, _a.ended_at)
    joined = rows.contact.outerjoin(rows.access, _a.contact_id == _c.id)
    return (
        select(rows.contact, *granted)
        .select_from(joined)
        .where(_c.publisher_id == publisher_id)
        .order_by(_c.id)
    )


def _present(row: Row[Any]) -> PresentContact:
    person = Person(
        address=row.address,
        languages=tuple(row.languages),
        extra=dict(row.extra),
        **{name: getattr(row, name) for name in _TEXTS},
    )
    ended = row.ended_at is not None
    grant = Grant(row.tier, row.granted_by, row.criterion, ended) if row.tier is not None else None
    return PresentContact(row.id, Standing(row.standing), person, grant)


def ids(connection: Connection, *, publisher_id: str) -> dict[str, int]:
    """Every contact's key by address key."""
    found = connection.execute(select(_c.address_key, _c.id).where(_c.publisher_id == publisher_id))
    return {row.address_key: row.id for row in found}


def add(
    connection: Connection,
    *,
    publisher_id: str,
    people: Sequence[tuple[Address, Person]],
    now: datetime,
) -> None:
    """New contacts, active."""
    common = {
        "publisher_id": publisher_id,
        "standing": Standing.ACTIVE.value,
        "standing_reason": "",
        "created_at": now,
    }
    if people:
        connection.execute(
            insert(rows.contact),
            [common | {"address_key": address.key} | _columns(person) for address, person in people],
        )


def change(
    connection: Connection,
    *,
    publisher_id: str,
    people: Iterable[tuple[str, Person]],
) -> None:
    """What files say now about the contacts with these address keys."""
    told = [{"of_key": key} | {f"new_{n}": v for n, v in _columns(p).items()} for key, p in people]
    if told:
        columns = ("address", "languages", "extra", "outlet_key", *_TEXTS)
        statement = update(rows.contact).where(
            _c.publisher_id == publisher_id, _c.address_key == bindparam("of_key")
        )
        connection.execute(statement.values({name: bindparam(f"new_{name}") for name in columns}), told)


def _columns(person: Person) -> dict[str, Any]:
    return {
        "address": person.address,
        "languages": list(person.languages),
        "extra": dict(person.extra),
        "outlet_key": outlet_key(person.outlet),
        **{name: getattr(person, name) for name in _TEXTS},
    }


def grant(
    connection: Connection, *, grants: Sequence[tuple[str, Grant]], ids: Mapping[str, int], now: datetime
) -> None:
    """Access that list files give to the contacts with these address keys, instead of what files gave."""
    told_ids = [ids[key] for key, _ in grants]
    access.put_by(connection, contact_ids=told_ids, now=now, by=GRANTED_BY_SYNC, reason="files changed")
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(rows.access)
    columns = ("tier", "granted_by", "granted_at", "criterion")
    statement = statement.on_conflict_do_update(
        index_elements=["contact_id"],
        set_={name: statement.excluded[name] for name in columns},
        where=_from_files(),
    )
    told = [
        {
            "contact_id": ids[key],
            "tier": given.tier,
            "granted_by": given.granted_by,
            "granted_at": now,
            "criterion": given.criterion,
        }
        for key, given in grants
    ]
    if told:
        connection.execute(statement, told)


def withdraw(connection: Connection, *, keys: Sequence[str], ids: Mapping[str, int], now: datetime) -> None:
    """End the access that list files gave to the contacts with these address keys."""
    told_ids = [ids[key] for key in keys]
    access.put_by(connection, contact_ids=told_ids, now=now, by=GRANTED_BY_SYNC, reason="no file gives it")
    if told_ids:
        ended = delete(rows.access).where(_a.contact_id == bindparam("of_contact"), _from_files())
        connection.execute(ended, [{"of_contact": id} for id in told_ids])


def _from_files() -> ColumnElement[bool]:
    """What a person granted or took back is hers to change."""
    return and_(_a.granted_by == GRANTED_BY_SYNC, _a.ended_at.is_(None))


def set_standing(
    connection: Connection,
    *,
    publisher_id: str,
    address_key: str,
    to: Standing,
    sources: Sequence[Standing],
    reason: str,
    now: datetime,
) -> bool:
    """Change a contact's standing if it is one of `sources`; False when nothing changed."""
    changed = connection.execute(
        update(rows.contact)
        .where(
            _c.publisher_id == publisher_id,
            _c.address_key == address_key,
            _c.standing.in_([standing.value for standing in sources]),
        )
        .values(standing=to.value, standing_at=now, standing_reason=reason)
    )
    return bool(changed.rowcount)


def address_key(connection: Connection, *, publisher_id: str, contact_id: int) -> str | None:
    """The address key of a contact of this publisher, or None."""
    return connection.scalar(
        select(_c.address_key).where(_c.publisher_id == publisher_id, _c.id == contact_id)
    )
