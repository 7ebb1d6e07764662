"""Lists as people look at them: sizes, members, and as files. Changes nothing."""

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select

from distributor.model.address import Address
from distributor.model.candidate import ListFacts
from distributor.model.contact import ContactRow, ListFile, Standing
from distributor.model.listdiff import GRANTED_BY_SYNC, Grant, Person, Present
from distributor.policy.listaccess import criterion
from distributor.policy.listmerge import by_name
from distributor.store import contacts, lists, rows, suppressions, topics

_c, _m, _s, _l = rows.contact.c, rows.membership.c, rows.suppression.c, rows.contact_list.c


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
    found = [_size(row) for row in connection.execute(_SIZES, {"publisher": publisher_id})]
    return sorted(found, key=lambda size: by_name(size.list.name))


def size(connection: Connection, *, publisher_id: str, name: str) -> Size:
    """The list of this name. Raises NotFound."""
    (own,) = lists.require(connection, publisher_id=publisher_id, names=[name])
    return _size(connection.execute(_SIZES_OF_ONE, {"publisher": publisher_id, "name": own}).one())


def _size(row: Row[Any]) -> Size:
    facts = ListFacts(row.name, row.title, tuple(row.topics), row.language, row.embargo_access)
    return Size(facts, row.members, row.silent)


_MEMBERS = select(func.count()).select_from(rows.membership).where(_m.list_id == _l.id)
_OF_THEM_SILENT = (
    _MEMBERS.join(rows.contact, _c.id == _m.contact_id)
    .outerjoin(rows.suppression, and_(_s.publisher_id == _c.publisher_id, _s.address_key == _c.address_key))
    .where(or_(_c.standing != Standing.ACTIVE.value, _s.address_key.is_not(None)))
)
_SIZES = select(
    rows.contact_list,
    _MEMBERS.scalar_subquery().label("members"),
    _OF_THEM_SILENT.scalar_subquery().label("silent"),
).where(_l.publisher_id == bindparam("publisher"))
_SIZES_OF_ONE = _SIZES.where(_l.name == bindparam("name"))


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
    found = size(connection, publisher_id=publisher_id, name=name)
    follows = lists.members(connection, publisher_id=publisher_id).get(found.list.name, {})
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
    return found, people


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
