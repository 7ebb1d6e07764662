"""Lists and who is on them. Names are looked up without regard to capitals."""

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, select, update

from distributor.errors import NotFound
from distributor.model.candidate import ListFacts
from distributor.model.listdiff import Member
from distributor.store import rows

_list, _member, _contact = rows.contact_list.c, rows.membership.c, rows.contact.c


def by_id(connection: Connection, *, publisher_id: str) -> dict[int, ListFacts]:
    """Every list of the publisher."""
    found = connection.execute(_ALL, {"publisher": publisher_id})
    return {
        row.id: ListFacts(row.name, row.title, tuple(row.topics), row.language, row.embargo_access)
        for row in found
    }


_ALL = select(rows.contact_list).where(_list.publisher_id == bindparam("publisher"))


def titles(connection: Connection, *, publisher_id: str) -> dict[str, str]:
    """What people call each list, by its name."""
    return {facts.name: facts.shown for facts in by_id(connection, publisher_id=publisher_id).values()}


def require(
    connection: Connection, *, publisher_id: str, names: Iterable[str], where: str = ""
) -> tuple[str, ...]:
    """The lists' own names for these, each once. Raises NotFound with the likely one."""
    names = tuple(names)
    if not names:
        return ()
    found = connection.scalars(select(_list.name).where(_list.publisher_id == publisher_id))
    known = {name.casefold(): name for name in found}
    return tuple(dict.fromkeys(_named(name, known, where=where) for name in names))


def _named(name: str, known: Mapping[str, str], *, where: str) -> str:
    if name.strip().casefold() in known:
        return known[name.strip().casefold()]
    close = difflib.get_close_matches(name.strip().casefold(), known, n=1)
    empty = "There are no lists yet: “distributor lists sync” takes them in."
    shown = "“distributor lists show” names them all." if known else empty
    cure = f"Did you mean “{known[close[0]]}”?" if close else shown
    raise NotFound(f"there is no list “{name.strip()[:80]}”", where=where, cure=cure)


def save(connection: Connection, *, publisher_id: str, lists: Iterable[ListFacts]) -> None:
    """Make these lists, or change those that are there."""
    ids = _ids(connection, publisher_id)
    for facts in lists:
        values = {
            "title": facts.title,
            "topics": list(facts.topics),
            "language": facts.language,
            "embargo_access": facts.embargo_access,
        }
        if facts.name in ids:
            connection.execute(update(rows.contact_list).where(_list.id == ids[facts.name]).values(**values))
        else:
            connection.execute(
                insert(rows.contact_list).values(publisher_id=publisher_id, name=facts.name, **values)
            )


def remove(connection: Connection, *, publisher_id: str, names: Collection[str]) -> None:
    """End lists that have no members any more."""
    if names:
        connection.execute(
            delete(rows.contact_list).where(_list.publisher_id == publisher_id, _list.name.in_(names))
        )


def members(connection: Connection, *, publisher_id: str) -> dict[str, dict[str, tuple[str, ...]]]:
    """By list name and address key, the topics that narrow the membership."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    statement = (
        select(_list.name, _contact.address_key, _member.topics)
        .join(rows.membership, _member.list_id == _list.id)
        .join(rows.contact, _contact.id == _member.contact_id)
        .where(_list.publisher_id == publisher_id)
        .order_by(_list.id, _contact.id)
    )
    for name, key, topics in connection.execute(statement):
        found.setdefault(name, {})[key] = tuple(topics)
    return found


def add_members(
    connection: Connection,
    *,
    publisher_id: str,
    members: Sequence[Member],
    ids: Mapping[str, int],
    now: datetime,
) -> None:
    """New memberships; `ids` gives the contact for each address key."""
    lists = _ids(connection, publisher_id)
    if members:
        connection.execute(
            insert(rows.membership),
            [
                {"list_id": lists[m.list], "contact_id": ids[m.key], "topics": list(m.topics), "since": now}
                for m in members
            ],
        )


def change_members(
    connection: Connection, *, publisher_id: str, members: Sequence[Member], ids: Mapping[str, int]
) -> None:
    """Other topics of these memberships."""
    statement = update(rows.membership).where(_of_keys()).values(topics=bindparam("follows"))
    keys = _keys(connection, publisher_id, members, ids)
    if members:
        told = [key | {"follows": list(m.topics)} for key, m in zip(keys, members, strict=True)]
        connection.execute(statement, told)


def remove_members(
    connection: Connection, *, publisher_id: str, members: Sequence[Member], ids: Mapping[str, int]
) -> None:
    """End these memberships."""
    if members:
        keys = _keys(connection, publisher_id, members, ids)
        connection.execute(delete(rows.membership).where(_of_keys()), keys)


def _of_keys() -> ColumnElement[bool]:
    return and_(_member.list_id == bindparam("of_list"), _member.contact_id == bindparam("of_contact"))


def _keys(
    connection: Connection, publisher_id: str, members: Sequence[Member], ids: Mapping[str, int]
) -> list[dict[str, object]]:
    lists = _ids(connection, publisher_id)
    return [{"of_list": lists[m.list], "of_contact": ids[m.key]} for m in members]


def _ids(connection: Connection, publisher_id: str) -> dict[str, int]:
    found = connection.execute(select(_list.name, _list.id).where(_list.publisher_id == publisher_id))
    return {row.name: row.id for row in found}
