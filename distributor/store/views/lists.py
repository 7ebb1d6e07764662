"""Lists as people look at them: sizes, members, and as files. Changes nothing."""

from dataclasses import dataclass, fields

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
    everybody = _counts(connection, silent=False)
    silent = _counts(connection, silent=True)
    found = [Size(facts, everybody.get(id, 0), silent.get(id, 0)) for id, facts in known.items()]
    return sorted(found, key=lambda size: by_name(size.list.name))


def _counts(connection: Connection, *, silent: bool) -> dict[int, int]:
    s = rows.suppression.c
    statement = (
        select(_m.list_id, func.count()).join(rows.contact, _c.id == _m.contact_id).group_by(_m.list_id)
    )
    if silent:
        suppressed = (
            select(s.address_key)
            .where(s.publisher_id == _c.publisher_id, s.address_key == _c.address_key)
            .exists()
        )
        statement = statement.where((_c.standing != Standing.ACTIVE.value) | suppressed)
    return {row[0]: row[1] for row in connection.execute(statement)}


@dataclass(frozen=True, slots=True)
class Listed:
    """A member. `topics` narrow the list's; `standing` says “suppressed” for a suppressed address too."""

    address: str
    name: str
    outlet: str
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    standing: str
    tier: str | None


def members(connection: Connection, *, publisher_id: str, name: str) -> tuple[Size, list[Listed]]:
    """One list and who is on it, by address. Raises NotFound."""
    (own,) = lists.require(connection, publisher_id=publisher_id, names=[name])
    size = next(one for one in sizes(connection, publisher_id=publisher_id) if one.list.name == own)
    follows = lists.members(connection, publisher_id=publisher_id).get(own, {})
    everybody = contacts.everybody(connection, publisher_id=publisher_id)
    suppressed = suppressions.keys(connection, publisher_id=publisher_id)
    people = []
    for key, topics_of in sorted(follows.items()):
        contact = everybody[key]
        active = contact.standing is Standing.ACTIVE
        people.append(
            Listed(
                address=contact.person.address,
                name=contact.person.name,
                outlet=contact.person.outlet,
                languages=contact.person.languages,
                topics=topics_of,
                standing=(Standing.SUPPRESSED if active and key in suppressed else contact.standing).value,
                tier=contact.access.tier if contact.access and not contact.access.ended else None,
            )
        )
    return size, people


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
    tier = None
    if (
        access
        and not access.ended
        and (access.granted_by, access.criterion) == (GRANTED_BY_SYNC, criterion(of.name))
    ):
        tier = access.tier if access.tier != of.embargo_access else None
    said = {field.name: getattr(person, field.name) for field in fields(person) if field.name != "address"}
    address = Address(person.address, key)
    return ContactRow(address=address, line=0, topics=follows, embargo_access=tier, **said)
