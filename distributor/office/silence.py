"""Verbs: suppress, unsuppress, unsubscribe. Who is silenced stays so, whatever the list files say.

A suppression is the office's word about an address; unsubscribing is the person's own, and no officer
takes it back. Suppress and unsubscribe return when no hand-over to the address can start any more.
"""

import time
from collections.abc import Callable
from datetime import datetime

from distributor.errors import NotFound, Refused
from distributor.model.address import Address
from distributor.model.contact import Standing
from distributor.model.headertext import one_line
from distributor.office.settling import Pause, settled
from distributor.store import contacts, log, suppressions, underway
from distributor.store.database import Connection, Store

#: The actor of what a person does herself, by the link in her mail.
CONTACT = "contact"
Pseudonym = Callable[[str], str]
#: What a verb of this module turns into a standing; every other stays as it is.
_FROM = {
    Standing.SUPPRESSED: [Standing.ACTIVE],
    Standing.ACTIVE: [Standing.SUPPRESSED],
    Standing.UNSUBSCRIBED: [Standing.ACTIVE, Standing.PAUSED, Standing.SUPPRESSED],
}


def suppress(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    address: str,
    reason: str,
    pseudonym: Pseudonym,
    pause: Pause = time.sleep,
) -> bool:
    """This address is not mailed any more, be it a contact or not. False when it was suppressed already.

    `pseudonym` names an address key in the log. Raises AddressError, Refused without a reason.
    """
    silenced, why = Address.parse(address, where="suppress"), _reason(reason)
    with store.write() as connection:
        if not suppressions.add(
            connection, publisher_id=publisher_id, address=silenced, reason=why, now=now, by=actor
        ):
            return False
        _stand(connection, silenced, Standing.SUPPRESSED, why, publisher_id=publisher_id, now=now)
        _record(
            connection,
            "suppressed",
            silenced,
            actor=actor,
            now=now,
            detail=why,
            pseudonym=pseudonym,
            publisher_id=publisher_id,
        )
    _let_go(store, silenced, publisher_id=publisher_id, pause=pause)
    return True


def unsuppress(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    address: str,
    reason: str,
    pseudonym: Pseudonym,
) -> Standing | None:
    """End a suppression; returns the contact's standing after it, None for somebody who is no contact.

    Who unsubscribed or paused herself stays so. Raises AddressError, NotFound when nothing is suppressed,
    Refused when it was she who unsubscribed.
    """
    meant, why = Address.parse(address, where="unsuppress"), _reason(reason)
    with store.write() as connection:
        check_unsuppress(connection, meant, publisher_id=publisher_id)
        suppressions.remove(connection, publisher_id=publisher_id, address_key=meant.key)
        _stand(connection, meant, Standing.ACTIVE, why, publisher_id=publisher_id, now=now)
        _record(
            connection,
            "unsuppressed",
            meant,
            actor=actor,
            now=now,
            detail=why,
            pseudonym=pseudonym,
            publisher_id=publisher_id,
        )
        contact = contacts.find(connection, publisher_id=publisher_id, address_key=meant.key)
    return contact.standing if contact else None


def check_unsuppress(connection: Connection, address: Address, *, publisher_id: str) -> None:
    """Raises NotFound, Refused where `unsuppress` would."""
    found = suppressions.find(connection, publisher_id=publisher_id, address_key=address.key)
    contact = contacts.find(connection, publisher_id=publisher_id, address_key=address.key)
    left = contact is not None and contact.standing is Standing.UNSUBSCRIBED
    if (found and found.by == CONTACT) or (found is None and left):
        raise Refused(
            "unsubscribed herself, and only she can take that back",
            where=address.text,
            cure="Ask her to subscribe again.",
        )
    if found is None and (contact is None or contact.standing is not Standing.SUPPRESSED):
        raise NotFound(
            "is not suppressed", where=address.text, cure="“distributor contacts show” says how it is."
        )


def unsubscribe(
    store: Store,
    *,
    now: datetime,
    publisher_id: str,
    address: Address,
    reason: str,
    pseudonym: Pseudonym,
    pause: Pause = time.sleep,
) -> bool:
    """She leaves everything of this publisher. False when she had left already: a second click is no event.

    Somebody who is no contact (a release named her) is silenced by her address.
    """
    with store.write() as connection:
        left = _leave(connection, address, publisher_id=publisher_id, reason=reason, now=now)
        if left:
            _record(
                connection,
                "unsubscribed",
                address,
                actor=CONTACT,
                now=now,
                detail=reason,
                pseudonym=pseudonym,
                publisher_id=publisher_id,
            )
    _let_go(store, address, publisher_id=publisher_id, pause=pause)
    return left


def _leave(
    connection: Connection, address: Address, *, publisher_id: str, reason: str, now: datetime
) -> bool:
    if contacts.find(connection, publisher_id=publisher_id, address_key=address.key) is None:
        return suppressions.add(
            connection, publisher_id=publisher_id, address=address, reason=reason, now=now, by=CONTACT
        )
    return _stand(connection, address, Standing.UNSUBSCRIBED, reason, publisher_id=publisher_id, now=now)


def _stand(
    connection: Connection, address: Address, to: Standing, why: str, *, publisher_id: str, now: datetime
) -> bool:
    """The contact at this address stands so from now on, if there is one and she may."""
    return contacts.set_standing(
        connection,
        publisher_id=publisher_id,
        address_key=address.key,
        to=to,
        sources=_FROM[to],
        reason=why,
        now=now,
    )


def _let_go(store: Store, address: Address, *, publisher_id: str, pause: Pause) -> None:
    """What had its intent before is over, or past its dot."""

    def under_way(connection: Connection) -> int:
        return underway.handing_over_to(connection, publisher_id=publisher_id, address_key=address.key)

    settled(store, under_way, pause=pause)


def _reason(text: str) -> str:
    reason = one_line(text, where="--reason")
    if not reason:
        raise Refused("a reason is needed", cure="Say --reason “…”: people will ask.")
    return reason


def _record(
    connection: Connection,
    kind: str,
    address: Address,
    *,
    actor: str,
    now: datetime,
    detail: str,
    pseudonym: Pseudonym,
    publisher_id: str,
) -> None:
    subject, name = pseudonym(address.key), address.text
    event = log.Event(
        kind, now, actor, subject=subject, detail=detail, address=name, publisher_id=publisher_id
    )
    log.record(connection, event)
