"""Asks a relay whether it would take our mail: connect, TLS, EHLO, AUTH, MAIL FROM, RSET. Sends nothing."""

import ssl
from dataclasses import dataclass

from distributor.errors import DistributorError
from distributor.model.relay import RelayAddress
from distributor.wire import connect
from distributor.wire.timeouts import Timeouts


@dataclass(frozen=True, slots=True)
class Probed:
    """What the relay offers: its EHLO keywords in lower case (RFC 5321 §4.1.1.1)."""

    extensions: frozenset[str]


class SenderRefused(DistributorError):
    """The relay is there, but takes no mail from this sender."""


async def probe(
    relay: RelayAddress,
    *,
    sender: str,
    timeouts: Timeouts | None = None,
    trust: ssl.SSLContext | None = None,
) -> Probed:
    """Try everything but a recipient. Raises RelayUnavailable or SenderRefused with the relay's own words."""
    session = await connect.open(relay, timeouts=timeouts, trust=trust)
    try:
        reply = await session.try_sender(sender)
    finally:
        await session.quit()
    if not 200 <= reply.code <= 299:
        raise SenderRefused(
            f"takes no mail from {sender} ({reply.shown})",
            where=f"[relays.{relay.name}]",
            cure="Check the publisher’s address, and what the relay lets this account send as.",
        )
    return Probed(extensions=frozenset(session.offered))
