"""One SMTP session, message by message, over a connection that aiosmtplib opened.

Each step's reply is a value; nothing here knows deliveries or retries. Doubt starts when the write that
holds the final dot starts, and not before. After anything that does not fit the protocol the connection
is dropped.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from distributor.model.message import Message, Phase, Reply

if TYPE_CHECKING:
    from distributor.wire.connect import Timeouts

_LINE = re.compile(rb"(\d{3})([ -]?)(.*)", re.DOTALL)
_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: |$)")
_MOST_LINE = 4096  # bytes; RFC 5321 §4.5.3.1.5 says 512
_MOST_LINES = 100
_MOST_TEXT = 500


class Lost(Exception):
    """The connection is of no use any more."""


@dataclass(frozen=True, slots=True)
class Line:
    """A whole reply of the relay, its lines joined."""

    code: int
    text: str


class Session(asyncio.Protocol):
    """Hands over one message at a time. `usable` is False once the connection is gone."""

    def __init__(self, *, relay: str, extensions: frozenset[str], timeouts: "Timeouts") -> None:
        self.relay, self.extensions, self._timeouts = relay, extensions, timeouts
        self.usable = True
        self.used_at = 0.0
        self._buffer = b""
        self._texts: list[str] = []
        self._replies: deque[Line] = deque()
        self._arrived = asyncio.Event()
        self._why = ""

    @classmethod
    def take_over(
        cls, client: Any, *, relay: str, extensions: frozenset[str], timeouts: "Timeouts"
    ) -> "Session":
        """The session goes on where the client's EHLO and AUTH ended."""
        session = cls(relay=relay, extensions=extensions, timeouts=timeouts)
        session._client = client  # keeps the client and its stream alive
        session._transport = cast(asyncio.Transport, client.transport)
        session._transport.set_protocol(session)
        session.used_at = asyncio.get_running_loop().time()
        return session

    _client: Any
    _transport: asyncio.Transport

    # what the event loop calls

    def data_received(self, data: bytes) -> None:
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        if len(self._buffer) > _MOST_LINE:
            return self._drop("a reply line without end")
        for line in lines:
            if self.usable:
                self._line(line.rstrip(b"\r"))
        return None

    def connection_lost(self, error: Exception | None) -> None:
        self._drop(str(error) if error else "the relay closed the connection")

    def _line(self, line: bytes) -> None:
        found = _LINE.fullmatch(line)
        if found is None or len(line) > _MOST_LINE or len(self._texts) >= _MOST_LINES:
            return self._drop(f"not a reply: {_words(line)}")
        self._texts.append(_words(found[3]))
        if found[2] != b"-":
            self._replies.append(Line(int(found[1]), " ".join(self._texts)[:_MOST_TEXT]))
            self._texts = []
            self._arrived.set()
        return None

    def _drop(self, why: str) -> None:
        self._why = self._why or why
        self.usable = False
        self._transport.abort()
        self._arrived.set()

    # what the pool calls

    async def hand_over(self, message: Message, *, may_write: Callable[[], bool]) -> Reply:
        """Send one message; any end of it is a Reply."""
        started = datetime.now(UTC)
        phase = Phase.MAIL
        try:
            self._nothing_unasked()
            if not self._fits(message):
                return self._reply(Line(553, "5.6.7 the relay does not offer SMTPUTF8"), Phase.RCPT, started)
            mail, rcpt = self._envelope(message)
            for phase, command in ((Phase.MAIL, mail), (Phase.RCPT, rcpt), (Phase.DATA, b"DATA\r\n")):
                answer = await self._command(command)
                if answer.code // 100 != (3 if phase is Phase.DATA else 2):
                    return await self._refused(answer, phase, started)
            if not may_write():
                self._drop("taken back")
                return self._reply(Line(0, "taken back"), Phase.DATA, started, written=False)
            phase = Phase.DOT
            answer = await self._command(message.content + b".\r\n", wait=self._timeouts.dot)
            return self._reply(answer, phase, started)
        except Lost:
            return self._reply(Line(0, self._why), phase, started)
        finally:
            self.used_at = asyncio.get_running_loop().time()

    async def alive(self) -> bool:
        """Ask the relay whether it is still there (NOOP)."""
        try:
            self._nothing_unasked()
            return (await self._command(b"NOOP\r\n", wait=self._timeouts.connect)).code // 100 == 2
        except Lost:
            return False

    async def close(self) -> None:
        """Say QUIT, wait a little, close."""
        if self.usable:
            try:
                await self._command(b"QUIT\r\n", wait=self._timeouts.quit)
            except Lost:
                return
        self._transport.close()

    def _fits(self, message: Message) -> bool:
        return "smtputf8" in self.extensions or (message.recipient + message.sender).isascii()

    def _envelope(self, message: Message) -> tuple[bytes, bytes]:
        utf8 = "" if (message.recipient + message.sender).isascii() else " SMTPUTF8"
        size = f" SIZE={len(message.content)}" if "size" in self.extensions else ""
        mail = f"MAIL FROM:<{message.sender}>{size}{utf8}\r\n"
        return mail.encode(), f"RCPT TO:<{message.recipient}>\r\n".encode()

    async def _command(self, command: bytes, *, wait: float | None = None) -> Line:
        if not self.usable:
            raise Lost
        self._transport.write(command)
        return await self._next(wait or self._timeouts.command)

    async def _next(self, wait: float) -> Line:
        try:
            async with asyncio.timeout(wait):
                while not self._replies:
                    if not self.usable:
                        raise Lost
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            self._drop("no answer in time")
            raise Lost from None
        reply = self._replies.popleft()
        if self._replies:
            self._drop("a reply that nothing asked for")
        return reply

    def _nothing_unasked(self) -> None:
        if self._replies or self._buffer:
            self._drop(self._replies[0].text if self._replies else "a reply that nothing asked for")
        if not self.usable:
            raise Lost

    async def _refused(self, answer: Line, phase: Phase, started: datetime) -> Reply:
        """Clean up so that the next message may follow: RSET, or nothing when the relay hangs up."""
        if answer.code == 421 or answer.code // 100 not in (4, 5):
            self._drop(answer.text)
        if self.usable:
            try:
                reset = await self._command(b"RSET\r\n")
            except Lost:
                reset = Line(0, "")
            if self.usable and reset.code // 100 != 2:
                self._drop("no RSET")
        return self._reply(answer, phase, started)

    def _reply(self, answer: Line, phase: Phase, started: datetime, *, written: bool = True) -> Reply:
        status = _STATUS.match(answer.text)
        fits = status is not None and status[1][0] == str(answer.code)[0]
        return Reply(
            code=answer.code,
            enhanced=status[1] if status is not None and fits else None,
            text=answer.text[:_MOST_TEXT],
            relay=self.relay,
            phase=phase,
            started=started,
            finished=datetime.now(UTC),
            written=written,
        )


def _words(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    return "".join(character if character.isprintable() else " " for character in text).strip()[:_MOST_TEXT]
