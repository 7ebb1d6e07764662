"""Verb: send a test copy of a release, marked TEST, to a few named addresses.

Before publication only to [publisher] test_addresses and to contacts with embargo access (law 1); never
to the silent (law 4), never from an unconfirmed copy of the database (law 8). It is no mailout and counts
for nothing: its unsubscribe token belongs to no delivery. Intent and answer stand in the office's log.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from distributor.errors import Refused
from distributor.mail import merge, reasons
from distributor.mail.dkim import Signer
from distributor.mail.render import Renderer
from distributor.mail.tokens import Tokens
from distributor.model.address import Address
from distributor.model.contact import Standing
from distributor.model.draft import Version
from distributor.model.letter import Fields
from distributor.model.message import Message, Reply
from distributor.model.publisher import Publisher
from distributor.model.release import Release, Revision
from distributor.model.rules import Rules
from distributor.office import proof
from distributor.policy import recipients
from distributor.policy.replies import Outcome, classify
from distributor.store import access, contacts, installation, log, suppressions, topics
from distributor.store.database import Connection, Store

_NO_DELIVERY = 0


class Mailer(Protocol):
    """What hands messages over."""

    async def hand_over(self, message: Message, *, may_write: Callable[[], bool]) -> Reply: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Copy:
    """What became of one test copy."""

    address: str
    language: str
    accepted: bool
    reply: Reply


@dataclass(frozen=True, slots=True)
class House:
    """Who sends, with what, by which rules."""

    rules: Rules
    publisher: Publisher
    renderer: Renderer
    tokens: Tokens
    signer: Signer


def send(
    store: Store,
    *,
    actor: str,
    now: Callable[[], datetime],
    release: Release,
    revision: Revision,
    addresses: Sequence[Address],
    language: str | None,
    house: House,
    mailer: Mailer,
) -> list[Copy]:
    """Send the version in `language` (default: the original) to each address, one after the other.

    `release` may be one that is not stored (id 0). Raises Refused when one of the addresses may not have
    it; then nothing is sent. Raises TemplateError, HeaderError.
    """
    version = _version(revision, language, reference=release.reference)
    with store.read() as connection:
        _check(connection, release, revision, addresses, house=house, now=now())
        tree = topics.tree(connection)
    form = "advance" if revision.sending.embargo.in_force(now()) else "release"
    letter = proof.letter(
        release,
        revision,
        version,
        form=form,
        publisher=house.publisher,
        tree=tree,
        zones=house.rules.show_zones,
        test=True,
    )
    template = merge.load(house.renderer.render(letter).template)
    messages = [_message(template, version, address, house=house, now=now()) for address in addresses]
    return asyncio.run(_hand_over_all(store, mailer, messages, release, version, actor, now, house.tokens))


def _version(revision: Revision, language: str | None, *, reference: str) -> Version:
    named = language or revision.versions[0].language
    for version in revision.versions:
        if version.language == named:
            return version
    raise Refused(
        f"there is no version in “{named}”",
        where=reference,
        cure=f"There is {', '.join(revision.languages)}.",
    )


def _check(
    connection: Connection,
    release: Release,
    revision: Revision,
    addresses: Sequence[Address],
    *,
    house: House,
    now: datetime,
) -> None:
    copied = installation.copied(connection)
    if copied is not None:
        raise Refused(f"nothing is sent: {copied}", cure="“distributor check --confirm-copy” says it may.")
    if release.state == "withdrawn":
        raise Refused("it was withdrawn", where=release.reference)
    public = (
        release.state == "published" and revision.state == "approved" and not release.embargo.in_force(now)
    )
    for address in addresses:
        _may_have_it(connection, address, public=public, now=now, house=house)


def _may_have_it(
    connection: Connection, address: Address, *, public: bool, now: datetime, house: House
) -> None:
    publisher, rules = house.publisher, house.rules
    if rules.allow_recipients and not recipients.matches(address.key, rules.allow_recipients):
        raise Refused("it is not in [sending] allow_recipients", where=address.text)
    suppressed = suppressions.find(connection, publisher_id=publisher.id, address_key=address.key)
    contact = contacts.find(connection, publisher_id=publisher.id, address_key=address.key)
    if suppressed or (contact and contact.standing is not Standing.ACTIVE):
        standing = "suppressed" if suppressed or not contact else contact.standing.value
        raise Refused(f"it is {standing}: nothing is sent to it", where=address.text)
    ours = {Address.parse(text).key for text in publisher.test_addresses}
    trusted = contact and access.tier_now(connection, contact_id=contact.id, now=now)
    if not (public or address.key in ours or trusted):
        raise Refused(
            "it may not have the text before publication",
            where=address.text,
            cure="Name it in [publisher] test_addresses, or give the contact embargo access.",
        )


def _message(
    template: merge.MergeTemplate, version: Version, address: Address, *, house: House, now: datetime
) -> Message:
    """Every test copy has a Message-ID of its own, so that a second one is not taken for the first."""
    publisher, tokens = house.publisher, house.tokens
    message_id = tokens.message_id(
        mailout_id=_NO_DELIVERY,
        address_key=f"test {now.isoformat()} {address.key}",
        domain=publisher.domain,
    )
    fields = Fields(
        name="",
        address=address.text,
        message_id=message_id,
        date=now,
        token=tokens.unsubscribe(_NO_DELIVERY),
        reason=reasons.sentence((), language=version.language, lists={}, topics={}),
    )
    return Message(
        sender=publisher.address,
        recipient=address.text,
        pieces=house.signer.signed(template.pieces(fields)),
        message_id=message_id,
    )


async def _hand_over_all(
    store: Store,
    mailer: Mailer,
    messages: Sequence[Message],
    release: Release,
    version: Version,
    actor: str,
    now: Callable[[], datetime],
    tokens: Tokens,
) -> list[Copy]:
    copies = []
    try:
        for message in messages:
            event = _event(message, release, actor=actor, tokens=tokens)
            _record(store, event("intent", now()))
            reply = await mailer.hand_over(message, may_write=lambda: True)
            _record(store, event("answer", reply.finished, reply))
            accepted = classify(reply) is Outcome.ACCEPT
            copies.append(Copy(message.recipient, version.language, accepted, reply))
    finally:
        await mailer.close()
    return copies


def _record(store: Store, event: log.Event) -> None:
    with store.write() as connection:
        log.record(connection, event)


def _event(message: Message, release: Release, *, actor: str, tokens: Tokens) -> Callable[..., log.Event]:
    def event(kind: str, at: datetime, reply: Reply | None = None) -> log.Event:
        return log.Event(
            kind,
            at,
            actor,
            release_id=release.id or None,
            publisher_id=None if release.id else release.publisher_id,
            subject=tokens.pseudonym(Address.parse(message.recipient).key),
            attempt=1,
            relay=reply.relay if reply else None,
            code=(reply.code or None) if reply else None,
            enhanced=reply.enhanced if reply else None,
            text=reply.text if reply else None,
            bytes_sha256=sha256(message.content).hexdigest(),
            detail="test copy",
            address=message.recipient,
        )

    return event
