"""Opens a session with a relay: TCP, TLS, EHLO and AUTH by aiosmtplib; then our session takes it over.

What goes wrong is one `RelayUnavailable` that names the step. The password is in no text of it, not even
when the relay repeats it.
"""

import asyncio
import os
import socket
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import cast

import aiosmtplib

from distributor.errors import DistributorError
from distributor.model.relay import RelayAddress
from distributor.policy.replies import refuses_entry
from distributor.wire.lines import SmtpReply, joined, printable
from distributor.wire.session import Session
from distributor.wire.timeouts import Timeouts, utc


class Step(StrEnum):
    """How far an opening had come."""

    CONNECT = "connect"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"


_CURES = {
    Step.CONNECT: "Check host, port and tls, and that it lets this machine connect.",
    Step.EHLO: "Check host and port, and that it lets this machine connect.",
    Step.STARTTLS: "Check tls, and that its certificate is valid for this host name, from a known authority.",
    Step.AUTH: "Check username and password.",
}
_NO_AUTH = "Take a port and tls with which it offers AUTH, or leave username away."


class RelayUnavailable(DistributorError):
    """There is no session with the relay: at which step, and its reply or else the reason.

    `refuses_us`: it will not take our mail until somebody has changed something, here or there.
    """

    def __init__(
        self,
        relay: RelayAddress,
        step: Step,
        *,
        reply: SmtpReply | None = None,
        reason: str = "",
        cure: str = "",
    ) -> None:
        self.relay, self.step, self.reply = relay, step, reply
        self.reason = f"at {step}: {reply or reason}"
        self.refuses_us = reply is not None and refuses_entry(reply.code, reply.enhanced)
        super().__init__(
            f"{relay.host}:{relay.port} does not take mail ({self.reason})",
            where=f"[relays.{relay.name}]",
            cure=cure or _CURES[step],
        )


async def open(
    relay: RelayAddress,
    *,
    timeouts: Timeouts | None = None,
    trust: ssl.SSLContext | None = None,
    pipelining: bool = True,
    now: Callable[[], datetime] = utc,
) -> Session:
    """A session, ready for its first message. Raises RelayUnavailable.

    `trust` replaces the system's certificate authorities. `pipelining=False`: one command at a time even
    if the relay offers more.
    """
    limits = timeouts or Timeouts()
    client = _client(relay, trust=trust, limit=limits.connect)
    opening = _Opening(relay, client)
    try:
        async with asyncio.timeout(limits.connect):
            await opening.run()
        return Session(
            opening.transport(),
            relay=relay.name,
            offered=frozenset(client.esmtp_extensions),
            timeouts=limits,
            pipelining=pipelining,
            now=now,
        )
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        _hang_up(client)
        raise _unavailable(relay, opening.step, error, limit=limits.connect) from None
    except BaseException:
        _hang_up(client)
        raise


class _Opening:
    """The steps, one after the other; `step` is the one under way."""

    def __init__(self, relay: RelayAddress, client: aiosmtplib.SMTP) -> None:
        self.step = Step.CONNECT
        self._relay, self._client = relay, client

    async def run(self) -> None:
        self._client.local_hostname = await asyncio.to_thread(_our_name)
        await self._do(Step.CONNECT, self._client.connect())
        await self._do(Step.EHLO, self._client.ehlo())
        encrypted = self._relay.tls == "implicit" or await self._starttls()
        if self._relay.username:
            await self._auth(encrypted=encrypted)

    def transport(self) -> asyncio.Transport:
        """What the session takes over. Raises when the relay said more than it was asked."""
        protocol = self._client.protocol
        if protocol is None or protocol.transport is None or protocol.transport.is_closing():
            raise aiosmtplib.SMTPServerDisconnected("it closed the connection")
        if protocol._buffer:
            raise aiosmtplib.SMTPServerDisconnected("it spoke out of turn")
        return cast(asyncio.Transport, protocol.transport)

    async def _do(self, step: Step, doing: Awaitable[object]) -> None:
        """One step. Python 3.11’s `wait_for` inside aiosmtplib may swallow a cancellation: here it counts."""
        self.step = step
        task = asyncio.current_task()
        cancelling = task.cancelling() if task else 0
        await doing
        if task and task.cancelling() > cancelling:
            raise asyncio.CancelledError

    async def _starttls(self) -> bool:
        """Whether the connection is encrypted now (RFC 3207)."""
        if self._relay.tls == "none":
            return False
        self.step = Step.STARTTLS
        offered = self._client.supports_extension("starttls")
        if not offered and self._relay.tls == "opportunistic":
            return False
        try:
            await self._do(Step.STARTTLS, self._client.starttls())
        except aiosmtplib.SMTPResponseException as error:
            if self._relay.tls != "opportunistic" or not self._client.is_connected or error.code < 400:
                raise
            return False
        await self._do(Step.EHLO, self._client.ehlo())
        return True

    async def _auth(self, *, encrypted: bool) -> None:
        """PLAIN or LOGIN (RFC 4954); in clear only where the operator said tls = "none"."""
        self.step = Step.AUTH
        if not encrypted and self._relay.tls != "none":
            raise aiosmtplib.SMTPNotSupported("TLS is not offered, and the password does not go in clear")
        offered = self._client.server_auth_methods
        for name, method in (("plain", self._client.auth_plain), ("login", self._client.auth_login)):
            if name in offered:
                await self._do(Step.AUTH, method(self._relay.username, self._relay.password))
                return
        raise aiosmtplib.SMTPNotSupported("it offers neither AUTH PLAIN nor AUTH LOGIN")


def _client(relay: RelayAddress, *, trust: ssl.SSLContext | None, limit: float) -> aiosmtplib.SMTP:
    verify = relay.tls != "opportunistic"
    return aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        timeout=limit,
        use_tls=relay.tls == "implicit",
        start_tls=False,
        tls_context=None if relay.tls == "none" else (trust if trust and verify else _trust(verify)),
    )


def _hang_up(client: aiosmtplib.SMTP) -> None:
    """At once: a closing TLS connection would wait for the other side."""
    transport = client.transport
    client.close()
    if isinstance(transport, asyncio.Transport):
        transport.abort()


@cache
def _trust(verify: bool) -> ssl.SSLContext:
    """One shared context: building one costs 23 ms."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@cache
def _our_name() -> str:
    """What we call ourselves in EHLO; asked of the resolver once, which may take seconds."""
    return socket.getfqdn()


def _unavailable(relay: RelayAddress, step: Step, error: Exception, *, limit: float) -> RelayUnavailable:
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code > 0:
        lines = [(error.code, printable(line.encode())) for line in error.message.split("\n")]
        answer = joined(lines)
        text = _without_secrets(relay, answer.text)
        return RelayUnavailable(relay, step, reply=SmtpReply(answer.code, answer.enhanced, text))
    reason = _without_secrets(relay, _reason(error, limit=limit))
    return RelayUnavailable(relay, step, reason=reason, cure=_cure(step, error))


def _cure(step: Step, error: Exception) -> str:
    """For what the step alone does not tell."""
    if isinstance(_cause(error), ssl.SSLError):
        return _CURES[Step.STARTTLS]
    return _NO_AUTH if step is Step.AUTH and isinstance(error, aiosmtplib.SMTPNotSupported) else ""


def _cause(error: Exception) -> Exception:
    return error.__cause__ if isinstance(error.__cause__, OSError) else error


def _reason(error: Exception, *, limit: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {limit:g} s"
    cause = _cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not to be trusted ({cause.verify_message})"
    if isinstance(cause, ssl.SSLError):
        return f"TLS failed ({cause.reason or 'no reason given'})"
    words = _said(cause) or getattr(cause, "message", None) or str(cause)
    return printable(str(words).encode("utf-8", "replace"))[:300] or type(cause).__name__


def _said(error: Exception) -> str | None:
    """The system's own words: asyncio puts “Connect call failed ('192.0.2.1', 25)” in their place."""
    if not isinstance(error, OSError) or error.errno is None:
        return None
    named = error.errno > 0 and not isinstance(error, socket.gaierror)
    return os.strerror(error.errno) if named else error.strerror


def _without_secrets(relay: RelayAddress, text: str) -> str:
    """Some relays repeat the command that they refuse."""
    if relay.password:
        user, password = relay.username.encode(), relay.password.encode()
        for secret in (b"\0" + user + b"\0" + password, password):
            text = text.replace(b64encode(secret).decode(), "•••")
        text = text.replace(relay.password, "•••")
    return text
