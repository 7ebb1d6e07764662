"""Verbs on doubt: an officer says what became of deliveries that may have gone out unseen."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from distributor.errors import NotFound
from distributor.model.address import Address
from distributor.store import deliveries, log, releases
from distributor.store.database import Store

EVENTS = {"resend": "resend", "sent": "settle", "cancelled": "cancel"}


def settle(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    reference: str,
    address: str | None,
    outcome: Literal["resend", "sent", "cancelled"],
    pseudonym: Callable[[str], str],
) -> int:
    """Settle the doubt of a release, of one address or of all; returns how many. Raises NotFound."""
    with store.write() as connection:
        release = releases.get(connection, publisher_id=publisher_id, reference=reference)
        key = Address.parse(address).key if address else None
        found = deliveries.doubtful(connection, release_id=release.id, address_key=key)
        moved = set(
            deliveries.settle(connection, event=EVENTS[outcome], ids=[row.id for row in found], now=now)
        )
        if not moved:
            raise NotFound(
                "nothing is doubtful" + (f" for {address}" if address else ""),
                where=reference,
                cure="“distributor doubt list” shows what is.",
            )
        log.record(
            connection,
            *[
                log.Event(
                    "settled",
                    now,
                    actor,
                    release_id=release.id,
                    mailout_id=row.mailout_id,
                    delivery_id=row.id,
                    subject=pseudonym(row.address_key),
                    address=row.address,
                    detail=outcome,
                )
                for row in found
                if row.id in moved
            ],
        )
    return len(moved)
