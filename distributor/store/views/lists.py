"""Lists as people look at them: sizes, members, and as files. Changes nothing."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from distributor.model.address import Address
from distributor.model.candidate import ListFacts
from distributor.model.contact import ContactRow, ListFile, Standing
from distributor.model.listdiff import GRANTED_BY_SYNC, Grant, Person, Present
from distributor.policy.listaccess import criterion
from distributor.policy.listmerge import by_name
from distributor.store import contacts, lists, rows, suppressions, topics

_c, _m = rows.contact.c, rows.membership.c


@dataclass(frozen=True, slots=True)
class Size:
    """A list and how many are on it; `silent` of them get nothing."""

    list: ListFacts
    members: int
    silent: int


def present(connection: Connection, *, publisher_id: str) -> Present:
    """All that a sync compares its files with."""
    return Present(
        topics=topics.tree(connection),
        lists={facts.name: facts for facts in lists.by_id(connection, publisher_id=publisher_id).values()},
        contacts=contacts.everybody(connection, publisher_id=publisher_id),
        members=lists.members(connection, publisher_id=publisher_id),
        suppressed=suppressions.keys(connection, publisher_id=publisher_id),
    )


def sizes(connection: Connection, *, publisher_id: str) -> list[Size]:
    """Every list by name."""
    known = lists.by_id(connection, publisher_id=publisher_id)
    everybody = _counts(connection, known.keys(), silent=False)
    silent = _counts(connection, known.keys(), silent=True)
    found = [Size(facts, everybody.get(id, 0), silent.get(id, 0)) for id, facts in known.items()]
    return sorted(found, key=lambda size: by_name(size.list.name))


def _counts(connection: Connection, ids: object, *, silent: bool) -> dict[int, int]:
    s = rows.suppression.c
    statement = (
        select(_m.list_id, func.count())
        .join(rows.contact, _c.id == _m.contact_id)
        .group_by(_m.list_id)
    )
    if silent:
        suppressed = (
            select(s.address_key)
            .where(s.publisher_id == _c.publisher_id, s.address_key == _c.address_key)
            .exists()
        )
        statement = statement.where((_c.standing != Standing.ACTIVE.value) | suppressed)
    return {row[0]: row[1] for row in connection.execute(statement)}


def files(connection: Connection, *, publisher_id: str) -> list[ListFile]:
    """Every list as the file that would sync to it, by name; members by address."""
    known = lists.by_id(connection, publisher_id=publisher_id).values()
    everybody = contacts.everybody(connection, publisher_id=publisher_id)
    members = lists.members(connection, publisher_id=publisher_id)
    found = []
    for facts in sorted(known, key=lambda one: by_name(one.name)):
        rows_of = sorted(members.get(facts.name, {}).items())
        people = [
            _row(key, everybody[key].person, everybody[key].access, follows, of=facts)
            for key, follows in rows_of
        ]
        found.append(
            ListFile(
                name=facts.name,
                title=facts.title,
                topics=facts.topics,
                language=facts.language,
                embargo_access=facts.embargo_access,
                rows=tuple(people),
                refused=(),
            )
        )
    return found


def _row(
    key: str, person: Person, access: Grant | None, follows: tuple[str, ...], *, of: ListFacts
) -> ContactRow:
    """Her row. Access goes in where it says more than the list's own."""
    ours = access is not None and access.granted_by == GRANTED_BY_SYNC and access.criterion == criterion(of.name)
    tier = access.tier if access is not None and ours and access.tier != of.embargo_access else None
    said = {name: getattr(person, name) for name in person.__dataclass_fields__ if name != "address"}
    return ContactRow(address=Address(person.address, key), line=0, topics=follows, embargo_access=tier, **said)
