"""Asks a relay whether it would take our mail: connect, TLS, EHLO, AUTH, MAIL FROM, RSET. Sends nothing."""

from dataclasses import dataclass

from distributor.model.relay import RelayAddress
from distributor.wire.connect import RelayUnavailable, Timeouts, connect
from distributor.wire.session import Lost


@dataclass(frozen=True, slots=True)
class Probed:
    """What the relay offers: its EHLO keywords in lower case (RFC 5321 §4.1.1.1)."""

    extensions: frozenset[str]


async def probe(relay: RelayAddress, *, sender: str, timeouts: Timeouts | None = None) -> Probed:
    """Try everything but a recipient. Raises RelayUnavailable with the relay's own words."""
    session = await connect(relay, timeouts=timeouts)
    try:
        answer = await session._command(f"MAIL FROM:<{sender}>\r\n".encode())
        if answer.code // 100 != 2:
            reason = f"{answer.code} {answer.text} to mail from {sender}"
            raise RelayUnavailable(relay, reason, code=answer.code)
        await session._command(b"RSET\r\n")
    except Lost:
        raise RelayUnavailable(relay, f"connection lost at mail from {sender}") from None
    finally:
        await session.close()
    return Probed(session.extensions)
