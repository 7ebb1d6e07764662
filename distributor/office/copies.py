"""Verb: send the real thing to a few more, after its audience was taken: to addresses, or to all added since.

Before the embargo only to contacts with embargo access, and only when the advance copies of their tier have
begun to go (law 1); never to the silent (law 4); to nobody who has it. It is a mailout of its own (`extra`),
so whoever gets a copy is a holder like everybody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from distributor.errors import Refused
from distributor.mail.reasons import wording
from distributor.model.address import Address
from distributor.model.audience import Audience, Recipient
from distributor.model.release import Release, Revision
from distributor.office import remains
from distributor.office.notices import House, draw_seed
from distributor.policy import changes, order, recipients
from distributor.policy.lifecycle import MailoutState
from distributor.policy.plan import ADVANCE, RELEASE, Planned
from distributor.store import (
    batches,
    deliveries,
    holders,
    lists,
    log,
    mailouts,
    queueing,
    releases,
    sorting,
    topics,
)
from distributor.store.database import Connection, Store
from distributor.store.mailouts import Mailout
from distributor.store.views.revision import audience_of

_BEGUN = (MailoutState.SENDING, MailoutState.FINISHED)
_GROWS = "Until it goes, whoever is added to its lists gets it by itself."


@dataclass(frozen=True, slots=True)
class Copied:
    """Who gets a copy: addresses, in the order of sending."""

    reference: str
    addresses: tuple[str, ...]


def send(
    store: Store, *, actor: str, now: datetime, reference: str, addresses: Sequence[Address], house: House
) -> Copied:
    """A copy to each address. Raises NotFound, Refused when one may not have it: then nobody gets one."""
    with store.read() as connection:  # an audience takes longer than a write may
        release, revision = _ready(connection, reference, house)
        wanted = revision.sending
        named = replace(wanted, also=(*wanted.also, *(address.text for address in addresses)))
        audience = _audience(connection, replace(revision, sending=named), house, now=now)
        people = [_recipient(address, audience) for address in addresses]
    return _queued(store, release, revision, people, actor=actor, now=now, house=house)


def send_added(store: Store, *, actor: str, now: datetime, reference: str, house: House) -> Copied:
    """A copy to everybody whom the release would reach today and who came after its audience was taken."""
    with store.read() as connection:
        release, revision = _ready(connection, reference, house)
        people = _added(connection, release, revision, now=now, house=house)
    if not people:
        raise Refused("nobody was added since", where=reference)
    return _queued(store, release, revision, people, actor=actor, now=now, house=house)


def added(store: Store, *, now: datetime, reference: str, house: House) -> list[Recipient]:
    """Whom `send_added` would reach. Raises NotFound, Refused."""
    with store.read() as connection:
        release, revision = _ready(connection, reference, house)
        return _added(connection, release, revision, now=now, house=house)


def _ready(connection: Connection, reference: str, house: House) -> tuple[Release, Revision]:
    release = releases.get(connection, publisher_id=house.publisher.id, reference=reference)
    revision = changes.approved(release)
    if release.held:
        raise Refused(
            f"it is held by {release.held.by}: {release.held.reason}",
            where=reference,
            cure=f"“distributor release resume {reference}” lets it go on.",
        )
    remains.require_somebody(connection, release)
    return release, revision


def _audience(connection: Connection, revision: Revision, house: House, *, now: datetime) -> Audience:
    found = audience_of(connection, publisher=house.publisher, revision=revision, now=now)
    return recipients.allowed(found, patterns=house.rules.allow_recipients)


def _recipient(address: Address, audience: Audience) -> Recipient:
    for person in audience.recipients:
        if person.address_key == address.key:
            return person
    reasons = [one.reason for one in audience.excluded if Address.parse(one.address).key == address.key]
    raise Refused(f"nothing is sent to it: {', '.join(reasons) or 'not in the audience'}", where=address.text)


def _added(
    connection: Connection, release: Release, revision: Revision, *, now: datetime, house: House
) -> list[Recipient]:
    """Of the waves that have begun, who is in none of their deliveries and has no copy from elsewhere.

    Raises Refused when none has begun: its audience may still grow by itself.
    """
    begun = _begun(connection, release, now=now)
    if not begun:
        what = "no advance copy of it" if release.embargo.in_force(now) else "nothing of it"
        raise Refused(f"{what} has gone out yet", where=release.reference, cure=_GROWS)
    inside = holders.keys(connection, release_id=release.id, refused=True)
    for mailout in begun.values():
        inside |= deliveries.keys(connection, mailout_id=mailout.id)
    audience = _audience(connection, revision, house, now=now)
    embargoed = release.embargo.in_force(now)
    return [
        person
        for person in audience.recipients
        if person.address_key not in inside and (person.tier if embargoed else "") in begun
    ]


def _begun(connection: Connection, release: Release, *, now: datetime) -> dict[str | None, Mailout]:
    """By tier the advance mailouts that have begun to go; after the embargo the release mailout, by ""."""
    kind = ADVANCE if release.embargo.in_force(now) else RELEASE
    stored = mailouts.of_release(connection, release_id=release.id)
    return {m.wave: m for m in stored if m.kind == kind and not m.extra and m.state in _BEGUN}


def _queued(
    store: Store,
    release: Release,
    revision: Revision,
    people: Sequence[Recipient],
    *,
    actor: str,
    now: datetime,
    house: House,
) -> Copied:
    with store.write() as connection:
        releases.lock(connection, release_id=release.id)
        if releases.by_id(connection, id=release.id) != release:
            raise Refused("it changed this very moment", where=release.reference, cure="Say it again.")
        _refuse_holders(connection, release, people)
        events, sent = [], []
        for planned, some in _waves(connection, release, people, now=now, house=house):
            id, fair = _mailout(connection, release, revision, planned, some, now=now)
            detail = f"{planned.kind} {planned.wave}".strip() + f" to {len(fair)} more"
            events.append(
                log.Event("copied", now, actor, release_id=release.id, mailout_id=id, detail=detail)
            )
            sent += [person.address for person in fair]
        log.record(connection, *events)
    return Copied(release.reference, tuple(sent))


def _refuse_holders(connection: Connection, release: Release, people: Sequence[Recipient]) -> None:
    had = holders.keys(connection, release_id=release.id)
    for person in people:
        if person.address_key in had:
            cure = f"“distributor log {release.reference}” says since when."
            raise Refused("it has it already", where=person.address, cure=cure)


def _waves(
    connection: Connection, release: Release, people: Sequence[Recipient], *, now: datetime, house: House
) -> list[tuple[Planned, list[Recipient]]]:
    """The mailouts that it takes, each with its people. Raises Refused when it is too early for somebody."""
    begun = _begun(connection, release, now=now)
    embargoed = release.embargo.in_force(now)
    by_wave: dict[str, list[Recipient]] = {}
    for person in people:
        wave = person.tier if embargoed else ""
        if wave not in begun:
            raise _too_early(release, person, embargoed=embargoed)
        by_wave.setdefault(wave or "", []).append(person)
    return [
        (_planned(release, wave, embargoed=embargoed, now=now, house=house), some)
        for wave, some in by_wave.items()
    ]


def _too_early(release: Release, person: Recipient, *, embargoed: bool) -> Refused:
    if not embargoed:
        return Refused("it has not gone out yet", where=release.reference, cure=_name_her(release, person))
    if person.tier is None:
        return Refused(
            "it may not have the text before the embargo",
            where=person.address,
            cure="Give the contact embargo access, or send it a copy afterwards.",
        )
    return Refused(
        f"no advance copy for {person.tier} has gone yet",
        where=person.address,
        cure=_name_her(release, person),
    )


def _name_her(release: Release, person: Recipient) -> str:
    add = f"distributor release audience {release.reference} --add {person.address}"
    return f"{_GROWS} To name somebody: {add}"


def _planned(release: Release, wave: str, *, embargoed: bool, now: datetime, house: House) -> Planned:
    ends = now + house.rules.expire_release
    if not embargoed:
        return Planned(RELEASE, "", now, ends)
    return Planned(ADVANCE, wave, now, release.embargo.instant or ends)


def _mailout(
    connection: Connection,
    release: Release,
    revision: Revision,
    planned: Planned,
    people: Sequence[Recipient],
    *,
    now: datetime,
) -> tuple[int, list[Recipient]]:
    """Queued and open."""
    seed = draw_seed()
    id = mailouts.add(
        connection,
        publisher_id=release.publisher_id,
        release_id=release.id,
        revision_id=revision.id,
        planned=planned,
        seed=seed,
        expected_size=len(people),
        now=now,
        extra=True,
    )
    assert id is not None  # there may be many
    fair = list(order.fair(people, seed=seed, in_order=sorting.in_order))
    titles = lists.titles(connection, publisher_id=release.publisher_id)
    reason = wording(lists=titles, tree=topics.tree(connection))
    for start in range(0, len(fair), batches.SIZE):
        some = list(enumerate(fair))[start : start + batches.SIZE]
        batch_id = batches.add(
            connection, mailout_id=id, priority=planned.priority, not_before=now, size=len(some)
        )
        queueing.add(
            connection,
            mailout_id=id,
            publisher_id=release.publisher_id,
            batch_id=batch_id,
            recipients=some,
            reason=reason,
            now=now,
        )
    mailouts.prepared(connection, id=id)
    mailouts.opened(connection, id=id, now=now)
    return id, fair
