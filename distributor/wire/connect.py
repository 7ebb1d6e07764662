"""Opens a connection to a relay: TCP, TLS, EHLO, AUTH, by aiosmtplib; then our session takes it over."""

import asyncio
import ssl
from dataclasses import dataclass
from functools import lru_cache

import aiosmtplib

from distributor.errors import DistributorError
from distributor.model.relay import RelayAddress
from distributor.wire.session import Session


class RelayUnavailable(DistributorError):
    """No session with the relay: why, without secrets. `code` is its reply code, 0 when none came."""

    def __init__(self, relay: RelayAddress, reason: str, *, code: int = 0) -> None:
        self.relay, self.reason, self.code = relay, reason, code
        super().__init__(
            f"{relay.host}:{relay.port} does not take mail ({reason})",
            where=f"[relays.{relay.name}]",
            cure="Check host, port, tls and password; “distributor check” tries it.",
        )


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. The defaults of RFC 5321 §4.5.3.2, but 30 s to connect."""

    connect: float = 30.0
    command: float = 300.0
    dot: float = 600.0
    quit: float = 2.0


@lru_cache(maxsize=2)
def _context(verify: bool) -> ssl.SSLContext:
    """One shared context: making one costs 23 ms."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def connect(
    relay: RelayAddress, *, timeouts: Timeouts | None = None, context: ssl.SSLContext | None = None
) -> Session:
    """A session, greeted and signed in. `context` replaces the system's trust. Raises RelayUnavailable."""
    limits = timeouts or Timeouts()
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        timeout=limits.connect,
        use_tls=relay.tls == "implicit",
        start_tls={"required": True, "opportunistic": None}.get(relay.tls, False),
        tls_context=None if relay.tls == "none" else context or _context(relay.tls != "opportunistic"),
        local_hostname=None,
    )
    try:
        async with asyncio.timeout(limits.connect):
            await client.connect()
            if not client.supports_esmtp:
                await client.ehlo()
            if relay.username:
                await client.login(relay.username, relay.password)
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
        client.close()
        raise RelayUnavailable(relay, _reason(error), code=getattr(error, "code", 0)) from None
    extensions = frozenset(name.lower() for name in client.esmtp_extensions)
    return Session.take_over(client, relay=relay.name, extensions=extensions, timeouts=limits)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"[:300]
    return (str(error) or type(error).__name__)[:300]
