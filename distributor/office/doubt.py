"""Verbs on doubt: an officer says what became of deliveries that may have gone out unseen."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal

from distributor.errors import NotFound, Refused
from distributor.model.address import Address
from distributor.store import doubts, log, releases
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
    """Settle the doubt of a release, of one address or of all; returns how many.

    Raises NotFound, Refused for a `resend` within a mailout that is cancelled: nobody would send it.
    """
    with store.write() as connection:
        release = releases.get(connection, publisher_id=publisher_id, reference=reference)
        key = Address.parse(address).key if address else None
        found = doubts.doubtful(connection, release_id=release.id, address_key=key)
        if outcome == "resend":
            _still_sending(found, reference=reference)
        moved = set(doubts.settle(connection, event=EVENTS[outcome], ids=[row.id for row in found], now=now))
        if not moved:
            raise NotFound(
                "nothing is doubtful" + (f" for {address}" if address else ""),
                where=reference,
                cure="“distributor doubt list” shows what is.",
            )
        log.record(
            connection,
            *[
                log.of_delivery(
                    "settled",
                    row,
                    at=now,
                    actor=actor,
                    pseudonym=pseudonym,
                    detail=outcome,
                    release_id=release.id,
                )
                for row in found
                if row.id in moved
            ],
        )
    return len(moved)


def _still_sending(found: Sequence[Any], *, reference: str) -> None:
    if any(row.mailout_state != "sending" for row in found):
        raise Refused(
            "its sending was cancelled, so nothing can be sent again",
            where=reference,
            cure="Say --sent or --cancelled with “distributor doubt settle”.",
        )
