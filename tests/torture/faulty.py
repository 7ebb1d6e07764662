"""A relay that breaks SMTP at one step in one way: for everybody, or once, on one of its connections.

It adds to tests.wire.rigged what needs more than an answer: a door that closes, silence that notes what went
on meanwhile, bytes where TLS should be.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Any

from tests.wire import rigged
from tests.wire.rigged import Gone, Rigged, identity, trust

IDENTITY, TRUST = identity(), trust()
OPENING = ("connect", "banner", "ehlo", "starttls", "ehlo2", "auth")
STEPS = (*OPENING, "mail", "rcpt", "data", "body", "dot", "rset", "quit")
FAULTS = (
    "refused", "hanging", "reset", "421", "4xx", "5xx", "garbage", "endless", "long", "dripping", "early",
    "plaintext",
)  # fmt: skip
SLOW = ("hanging", "dripping")
_CODES = {"421": "421 4.3.2 closing", "4xx": "451 4.3.0 later", "5xx": "550 5.1.1 no"}


class Once(dict[str, str]):
    """Faults that happen the second time that their step is reached, and never again."""

    def __init__(self, step: str, fault: str) -> None:
        super().__init__({step: fault})
        self._left = 1

    def get(self, step: str, otherwise: Any = None) -> Any:
        if step not in self:
            return otherwise
        if self._left:
            self._left -= 1
            return otherwise
        return self.pop(step)


@dataclass
class Faulty(Rigged):
    """`meanwhile`: how many messages were accepted when a sender's patience with a silent step ended."""

    meanwhile: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.visit = _Visit


def faulty(step: str, fault: str, *, once: bool, pipelining: bool) -> Faulty:
    """A relay with this fault; one of its recipients does not exist when the step is RSET."""
    how = _CODES.get(fault, fault)
    keywords = ("8BITMIME", "ENHANCEDSTATUSCODES", *(["PIPELINING"] if pipelining else []))
    encrypted = step in OPENING or fault == "plaintext"
    return Faulty(
        faults=Once(step, how) if once else {step: how},
        keywords=keywords,
        tls=IDENTITY if encrypted else None,
    )


class _Visit(rigged.Visit):
    relay: Faulty

    async def _answer(self, step: str, proper: str = "", *, echo: str = "") -> bool:
        """What meets the sender at the door stands in for the banner."""
        proper = proper or rigged.PROPER[step]
        name = "connect" if step == "banner" and "connect" in self.relay.faults else step
        return await super()._answer(name, proper, echo=echo)

    async def _be_refused(self, _: str) -> bool:
        """Hangs up in order, and lets nobody else in."""
        self.relay._server.close()
        self.writer.close()
        raise Gone

    async def _be_hanging(self, _: str) -> bool:
        await self._outlast()
        return False

    async def _be_dripping(self, proper: str) -> bool:
        for byte in proper.encode() + b"\r\n":
            if self.writer.transport.is_closing():
                break
            self.writer.write(bytes([byte]))
            await asyncio.sleep(0.5)  # the fault itself
        await self._outlast()
        return False

    async def _outlast(self) -> None:
        """Silence until the sender hangs up."""
        try:
            while await self.reader.read(65536):
                continue
        except (ConnectionError, ssl.SSLError):
            pass
        self.relay.meanwhile.append(len(self.relay.accepted))
        raise Gone

    async def _be_plaintext(self, proper: str) -> bool:
        """Bytes outside TLS: before it begins together with the answer, afterwards beneath it."""
        wire = self.writer.transport
        below = getattr(wire, "_ssl_protocol", None)
        if below is None:
            await self._write(f"{proper}\r\n250 2.0.0 injected")
            return True
        below._transport.write(b"250 2.0.0 injected\r\n")
        return False
