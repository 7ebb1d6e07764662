"""One contact as she stands, and whether a release goes to her and why. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from distributor.model.access import AccessRecord
from distributor.model.address import Address
from distributor.model.audience import Excluded, Recipient
from distributor.model.candidate import Membership
from distributor.model.listdiff import PresentContact
from distributor.model.publisher import Publisher
from distributor.model.release import Release, Revision
from distributor.policy.access import outlet_key, why_not
from distributor.policy.listmerge import by_name
from distributor.store import access, contacts, lists, releases, rows, suppressions
from distributor.store.access import Whose
from distributor.store.suppressions import Suppression
from distributor.store.views.audience import contact_reason

_c, _m = rows.contact.c, rows.membership.c


@dataclass(frozen=True, slots=True)
class Card:
    """All that is kept about an address: `contact` None when only a suppression is."""

    address: str
    contact: PresentContact | None
    standing_at: datetime | None
    standing_reason: str
    memberships: tuple[Membership, ...]
    suppression: Suppression | None
    access: AccessRecord | None = None


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mailout that goes, or went, to her. `state` is her delivery's, None when there is none yet."""

    kind: str
    wave: str
    due: datetime | None
    state: str | None


@dataclass(frozen=True, slots=True)
class Why:
    """`verdict` as of now, by `revision`; `mailings` with deliveries as made, else as the release says.

    `no_advance`: why she gets no advance copy of a release that has them; None when there are none.
    """

    reference: str
    revision: int
    verdict: Recipient | Excluded
    mailings: tuple[Mailing, ...]
    no_advance: str | None = None


def card(connection: Connection, *, publisher_id: str, address: Address) -> Card | None:
    """What is kept about this address; None when nothing is."""
    contact = contacts.find(connection, publisher_id=publisher_id, address_key=address.key)
    suppression = suppressions.find(connection, publisher_id=publisher_id, address_key=address.key)
    if contact is None:
        return Card(suppression.address, None, None, "", (), suppression) if suppression else None
    stands = connection.execute(select(_c.standing_at, _c.standing_reason).where(_c.id == contact.id)).one()
    memberships = _memberships(connection, publisher_id=publisher_id, contact_id=contact.id)
    return Card(
        address=contact.person.address,
        contact=contact,
        standing_at=stands.standing_at,
        standing_reason=stands.standing_reason,
        memberships=memberships,
        suppression=suppression,
        access=record_of(connection, contact, publisher_id=publisher_id),
    )


def record_of(connection: Connection, contact: PresentContact, *, publisher_id: str) -> AccessRecord:
    """Her embargo access with its history, and what concerns the outlet she works for now."""
    key = outlet_key(contact.person.outlet)
    return access.record(connection, Whose(publisher_id, contact_id=contact.id, outlet_key=key))


def _memberships(connection: Connection, *, publisher_id: str, contact_id: int) -> tuple[Membership, ...]:
    known = lists.by_id(connection, publisher_id=publisher_id)
    found = connection.execute(select(_m.list_id, _m.topics).where(_m.contact_id == contact_id))
    memberships = [Membership(known[row.list_id], tuple(row.topics)) for row in found]
    return tuple(sorted(memberships, key=lambda one: by_name(one.list.name)))


def why(
    connection: Connection,
    *,
    publisher: Publisher,
    address: Address,
    reference: str,
    now: datetime,
    zone: str,
) -> Why:
    """Whether this release goes to this address: by the revision in force, else by the latest.

    Raises NotFound for an unknown release, or for a topic or list it names that is gone.
    """
    release = releases.get(connection, publisher_id=publisher.id, reference=reference)
    revision = release.in_force or release.latest
    sending = revision.sending
    verdict = contact_reason(
        connection,
        publisher=publisher,
        address=address,
        topics=sending.topics,
        lists=sending.lists,
        exclude=sending.exclude,
        also=sending.also,
        languages=revision.languages,
        people=sending.people,
        now=now,
    )
    made = _made(connection, release=release, address=address)
    mailings = made or _foreseen(revision, verdict)
    no_advance = _no_advance(connection, publisher, verdict, now=now, zone=zone) if sending.waves else None
    return Why(release.reference, revision.number, verdict, mailings, no_advance)


def _no_advance(
    connection: Connection, publisher: Publisher, verdict: Recipient | Excluded, *, now: datetime, zone: str
) -> str | None:
    if isinstance(verdict, Excluded):
        return None
    contact = contacts.find(connection, publisher_id=publisher.id, address_key=verdict.address_key)
    if contact is None:
        return "no embargo access"
    hers = record_of(connection, contact, publisher_id=publisher.id)
    return why_not(hers.now, hers.suspensions, now=now, zone=zone)


def _made(connection: Connection, *, release: Release, address: Address) -> tuple[Mailing, ...]:
    m, d = rows.mailout.c, rows.delivery.c
    found = connection.execute(
        select(m.kind, m.wave, m.due, d.state)
        .join(rows.delivery, d.mailout_id == m.id)
        .where(m.release_id == release.id, d.address_key == address.key)
        .order_by(m.due, m.id)
    )
    return tuple(Mailing(row.kind, row.wave, row.due, row.state) for row in found)


def _foreseen(revision: Revision, verdict: Recipient | Excluded) -> tuple[Mailing, ...]:
    if isinstance(verdict, Excluded):
        return ()
    embargo = revision.sending.embargo
    waves: Sequence[Mailing] = [
        Mailing("advance", wave.tier, wave.instant(embargo), None)
        for wave in revision.sending.waves
        if wave.tier == verdict.tier
    ]
    return (*waves, Mailing("release", "", embargo.instant or revision.sending.send_at, None))
