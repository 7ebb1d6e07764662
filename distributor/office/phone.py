"""Verb: told. Somebody who could not be reached by mail was told by phone; her name leaves `todo`.

For the terminal (`release unreached REF --told ADDRESS`) and the console alike; who may do it stands in
`policy.rights` as “release unreached told”. The log has who said so, when, and the note: it is that row
which `store.views.unreached` asks for. It says nothing of mail: no delivery changes its state.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from distributor.errors import NotFound, Refused
from distributor.model.address import Address
from distributor.model.headertext import one_line
from distributor.store import log, releases
from distributor.store.database import Store
from distributor.store.views import unreached

Pseudonym = Callable[[str], str]


def told(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    reference: str,
    addresses: Sequence[str],
    pseudonym: Pseudonym,
    note: str = "",
) -> int:
    """They were told of all that they missed until now; returns how many people. All of them or none.

    Raises AddressError, HeaderError (the note), NotFound for somebody who is not to be phoned, Refused for
    nobody, or for one who has been told already.
    """
    note = one_line(note, where="--note") if note.strip() else ""
    people = {one.key: one for one in (Address.parse(text, where="--told") for text in addresses)}
    if not people:
        raise Refused("nobody is named who was told", where=reference, cure="Name an address.")
    with store.write() as connection:
        release = releases.get(connection, publisher_id=publisher_id, reference=reference)
        releases.lock(connection, release_id=release.id)
        missed = unreached.misses(connection, release_id=release.id)
        log.record(
            connection,
            *[
                _event(row, actor=actor, now=now, pseudonym=pseudonym, note=note)
                for one in people.values()
                for row in _still(one, missed, reference=reference)
            ],
        )
    return len(people)


def _still(address: Address, missed: Sequence[Any], *, reference: str) -> list[Any]:
    """What she missed and has not been told of."""
    mine = [row for row in missed if row.address_key == address.key]
    cure = f"“distributor release unreached {reference}” lists who is to be phoned."
    if not mine:
        raise NotFound(f"{address.text} is not to be phoned", where=reference, cure=cure)
    left = [row for row in mine if not row.told]
    if not left:
        raise Refused(f"{address.text} has been told already", where=reference, cure=cure)
    return left


def _event(row: Any, *, actor: str, now: datetime, pseudonym: Pseudonym, note: str) -> log.Event:
    return log.of_delivery(
        unreached.PHONED,
        row,
        at=now,
        actor=actor,
        pseudonym=pseudonym,
        detail=f"{row.kind} {row.wave}".strip(),
        release_id=row.release_id,
        text=note or None,
    )
