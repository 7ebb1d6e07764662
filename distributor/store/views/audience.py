"""Who would get a release, read from the database as it is now. Changes nothing.

Contacts are read in chunks by key, each with its memberships, so that a big publisher costs memory for
the answer only; `recipients` is a stream and costs none. What decides is policy.audience.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Label, Text, and_, bindparam, cast, exists, select

from distributor.model.address import Address
from distributor.model.audience import Audience, Excluded, Recipient
from distributor.model.candidate import Candidate, ListFacts, Membership
from distributor.model.contact import Standing
from distributor.model.publisher import Publisher
from distributor.model.release import Choice
from distributor.policy.audience import Asking, chosen, decide, judge, silence
from distributor.policy.topics import resolve
from distributor.store import access, lists, rows, topics

_CHUNK = 5000
_STANDINGS = {standing.value: standing for standing in Standing}
_c, _m, _s, _a = rows.contact.c, rows.membership.c, rows.suppression.c, rows.access.c


def audience(
    connection: Connection,
    *,
    publisher: Publisher,
    topics: Sequence[str],
    lists: Sequence[str],
    exclude: Sequence[str],
    also: Sequence[str],
    languages: Sequence[str],
    now: datetime,
    people: Sequence[Choice] = (),
) -> Audience:
    """The audience of a release on `topics`; `languages` of its versions, the original first.

    Tiers are those of who has embargo access at `now`.

    Raises NotFound for an unknown topic or list, AddressError for an address of `also`.
    """
    asking = wish_of(connection, publisher, topics, lists, exclude, also, languages, people)
    everybody = candidates(connection, publisher_id=publisher.id, now=now)
    strangers = _strangers(connection, publisher_id=publisher.id, addresses=asking.strangers)
    return decide(
        chain(everybody, strangers),
        topics=asking.topics,
        lists=asking.lists,
        exclude=asking.exclude,
        also=asking.also,
        languages=asking.languages,
        tree=asking.tree,
        publisher_language=asking.publisher_language,
        people=people,
    )


def recipients(
    connection: Connection,
    *,
    publisher: Publisher,
    topics: Sequence[str],
    lists: Sequence[str],
    exclude: Sequence[str],
    also: Sequence[str],
    languages: Sequence[str],
    now: datetime,
    people: Sequence[Choice] = (),
) -> Iterator[Recipient]:
    """The recipients of the same audience, as a stream in no particular order. Raises as `audience`."""
    asking = wish_of(connection, publisher, topics, lists, exclude, also, languages, people)
    return chosen(_asked(connection, asking, publisher_id=publisher.id, now=now), asking)


def _asked(
    connection: Connection, asking: Asking, *, publisher_id: str, now: datetime
) -> Iterator[Candidate]:
    """Everybody who might get it: members of the lists it reaches, and whom it names."""
    known = lists.by_id(connection, publisher_id=publisher_id)
    reached = [id for id, a_list in known.items() if asking.reaches(a_list)]
    if reached:
        yield from candidates(connection, publisher_id=publisher_id, now=now, of_lists=reached)
    if asking.named:
        yield from candidates(connection, publisher_id=publisher_id, now=now, keys=asking.named)
        yield from _strangers(connection, publisher_id=publisher_id, addresses=asking.strangers)


def contact_reason(
    connection: Connection,
    *,
    publisher: Publisher,
    address: Address,
    topics: Sequence[str],
    lists: Sequence[str],
    exclude: Sequence[str],
    also: Sequence[str],
    languages: Sequence[str],
    now: datetime,
    people: Sequence[Choice] = (),
) -> Recipient | Excluded:
    """The side that one address is on; that somebody is unknown is a reason too. Raises as `audience`."""
    asking = wish_of(connection, publisher, topics, lists, exclude, also, languages, people)
    mine = [named for named in asking.strangers if named.key == address.key]
    known = candidates(connection, publisher_id=publisher.id, now=now, keys=[address.key])
    strangers = _strangers(connection, publisher_id=publisher.id, addresses=mine)
    for candidate in chain(known, strangers):
        return judge(candidate, asking)
    return Excluded(address.text, "not a contact")


def verdicts(
    connection: Connection, asking: Asking, *, publisher_id: str, addresses: Sequence[Address], now: datetime
) -> dict[str, tuple[Recipient | Excluded, str | None]]:
    """By address key the side of each that we know, with why she must not be mailed, if so."""
    keys = [address.key for address in addresses]
    mine = [address for address in addresses if address.key in asking.named]
    known = candidates(connection, publisher_id=publisher_id, now=now, keys=keys)
    strangers = _strangers(connection, publisher_id=publisher_id, addresses=mine)
    found: dict[str, tuple[Recipient | Excluded, str | None]] = {}
    for candidate in chain(known, strangers):
        found.setdefault(candidate.address_key, (judge(candidate, asking), silence(candidate)))
    return found


def wish_of(
    connection: Connection,
    publisher: Publisher,
    named_topics: Sequence[str],
    named_lists: Sequence[str],
    exclude: Sequence[str],
    also: Sequence[str],
    languages: Sequence[str],
    people: Sequence[Choice] = (),
) -> Asking:
    """What a release asks for, with everything it names looked up. Raises as `audience`."""
    tree = topics.tree(connection)
    return Asking(
        topics=tuple(dict.fromkeys(resolve(name, tree=tree) for name in named_topics)),
        lists=lists.require(connection, publisher_id=publisher.id, names=named_lists, where="lists"),
        exclude=lists.require(connection, publisher_id=publisher.id, names=exclude, where="exclude"),
        also=tuple(Address.parse(text, where="also") for text in also),
        languages=languages,
        publisher_language=publisher.language,
        tree=tree,
        people=people,
    )


def candidates(
    connection: Connection,
    *,
    publisher_id: str,
    now: datetime,
    keys: Collection[str] | None = None,
    of_lists: Collection[int] | None = None,
) -> Iterator[Candidate]:
    """Every contact of the publisher in the order of entry, or only those with these address keys, or on
    one of these lists.
    """
    known = lists.by_id(connection, publisher_id=publisher_id)
    stopped = access.suspensions_now(connection, publisher_id=publisher_id, now=now)
    asked: dict[str, Any] = {"publisher": publisher_id, "now": now, "last": 0}
    asked |= {"contacts": list(stopped.contacts), "outlets": list(stopped.outlets)}
    wanted = _CONTACTS
    if keys is not None:
        wanted, asked["keys"] = _NAMED, list(keys)
    elif of_lists is not None:
        wanted, asked["lists"] = _ON_LISTS, list(of_lists)
    while found := connection.execute(wanted, asked).all():
        memberships = _memberships(connection, known, first=found[0].id, last=found[-1].id)
        for row in found:
            yield _candidate(row, tuple(memberships.get(row[0], ())))
        asked["last"] = found[-1].id


def _text(column: Column[Any]) -> Label[str]:
    return cast(column, Text).label(column.name)


def _among(column: Column[Any], name: str) -> ColumnElement[bool]:
    return column.in_(bindparam(name, expanding=True))


_SUPPRESSED = and_(_s.publisher_id == _c.publisher_id, _s.address_key == _c.address_key)
#: Whose grant gives her a tier: in force, and neither she nor her outlet suspended (they are few).
_TRUSTED = and_(
    _a.contact_id == _c.id,
    access.holds(bindparam("now", type_=_a.until.type)),
    ~_among(_c.id, "contacts"),
    ~_among(_c.outlet_key, "outlets"),
)
_FACTS = (_c.id, _c.address, _c.address_key, _c.name, _c.outlet, _text(_c.languages))
_STANDING = (_c.standing, _c.standing_at, _c.standing_reason, _s.reason.label("suppression"), _a.tier)
_CONTACTS = (
    select(*_FACTS, *_STANDING)
    .select_from(rows.contact.outerjoin(rows.suppression, _SUPPRESSED).outerjoin(rows.access, _TRUSTED))
    .where(_c.publisher_id == bindparam("publisher"), _c.id > bindparam("last"))
    .order_by(_c.id)
    .limit(_CHUNK)
)
_NAMED = _CONTACTS.where(_among(_c.address_key, "keys"))
_ON_LISTS = _CONTACTS.where(exists().where(_among(_m.list_id, "lists"), _m.contact_id == _c.id))


def _memberships(
    connection: Connection, known: Mapping[int, ListFacts], *, first: int, last: int
) -> dict[int, list[Membership]]:
    """By contact, in the order of the lists' names. Equal memberships are one object."""
    found: dict[int, list[Membership]] = {}
    same: dict[tuple[int, tuple[str, ...]], Membership] = {}
    for contact_id, list_id, follows in connection.execute(_MEMBERSHIPS, {"first": first, "last": last}):
        if list_id in known:
            kind = (list_id, _words(follows))
            membership = same.setdefault(kind, Membership(known[list_id], kind[1]))
            found.setdefault(contact_id, []).append(membership)
    for memberships in found.values():
        memberships.sort(key=lambda one: (one.list.name.casefold(), one.list.name))
    return found


_MEMBERSHIPS = select(_m.contact_id, _m.list_id, _text(_m.topics)).where(
    _m.contact_id.between(bindparam("first"), bindparam("last"))
)


def _candidate(row: Any, memberships: tuple[Membership, ...]) -> Candidate:
    """The columns of `_CONTACTS`, in the order of Candidate's fields but for the key."""
    id, address, key, name, outlet, languages, standing, at, reason, suppression, tier = row
    return Candidate(
        address, key, id, name, outlet, _words(languages), _STANDINGS[standing], at, reason, suppression,
        tier, memberships,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    """A JSON list; there are few different ones, and reading each anew would be a third of the work."""
    return tuple(json.loads(text))


def _strangers(
    connection: Connection, *, publisher_id: str, addresses: Sequence[Address]
) -> Iterator[Candidate]:
    """Addresses that a release names, as candidates without a contact: some may be suppressed."""
    statement = select(_s.address_key, _s.reason).where(_s.publisher_id == publisher_id)
    waiting = iter([address.key for address in addresses])
    silent: dict[str, str] = {}
    while chunk := list(islice(waiting, 500)):
        found = connection.execute(statement.where(_s.address_key.in_(chunk)))
        silent.update({row.address_key: row.reason for row in found})
    for address in addresses:
        yield Candidate(address.text, address.key, suppression=silent.get(address.key))
