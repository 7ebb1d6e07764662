"""A relay on a free port that keeps to SMTP except where it is told not to.

`faults` maps a step to what it does there instead of answering properly. It notes every command, every
whole message and every message that it answered with 250.
"""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import trustme

from distributor.model.relay import RelayAddress

AUTHORITY = trustme.CA()
KEYWORDS = ("PIPELINING", "SIZE 20000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")

PROPER = {
    "banner": "220 rigged.test ESMTP",
    "ehlo": "250",
    "ehlo2": "250",
    "starttls": "220 2.0.0 go ahead",
    "auth": "235 2.7.0 welcome",
    "mail": "250 2.1.0 ok",
    "rcpt": "250 2.1.5 ok",
    "data": "354 go ahead",
    "body": "250 2.0.0 queued",
    "dot": "250 2.0.0 queued",
    "rset": "250 2.0.0 ok",
    "noop": "250 2.0.0 ok",
    "quit": "221 2.0.0 bye",
}


def trust() -> ssl.SSLContext:
    """What a client needs to believe this relay."""
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


def identity(name: str = "127.0.0.1") -> ssl.SSLContext:
    """A certificate for `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


class Gone(Exception):
    """The conversation is over."""


@dataclass
class Rigged:
    """Use as `async with Rigged(...) as relay`. `faults` may be changed while it runs."""

    faults: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    keywords: tuple[str, ...] = KEYWORDS
    mechanisms: str = "PLAIN LOGIN"
    refused: Mapping[str, str] = field(default_factory=dict)  # recipient → reply to its RCPT
    data_without_recipient: str = "554 5.5.1 no valid recipients"
    lenient: bool = False  # takes recipients although it refused the sender
    limit: int = 1000  # connections at the same time
    visit: "type[Visit] | None" = None  # one that misbehaves in more ways

    commands: list[str] = field(default_factory=list)
    messages: list[tuple[str, str, bytes]] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    connections: int = 0
    encrypted: bool = False

    async def __aenter__(self) -> "Rigged":
        self._tasks: set[asyncio.Task] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server = await asyncio.start_server(
            self._meet, "127.0.0.1", 0, ssl=self.tls if self.implicit else None, limit=2**22
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.hang_up()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hang_up(self) -> None:
        """Close every connection at once."""
        for writer in self._writers:
            writer.transport.abort()

    def address(self, **fields) -> RelayAddress:
        tls = "none" if self.tls is None else "implicit" if self.implicit else "required"
        values = {"name": "rigged", "host": "127.0.0.1", "port": self.port, "tls": tls} | fields
        return RelayAddress(**values)

    def sent(self, verb: str) -> int:
        """How often the client said `verb`."""
        return sum(command.upper().startswith(verb) for command in self.commands)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        self.connections += 1
        over = (Gone, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError)
        with suppress(*over):
            await (self.visit or Visit)(self, reader, writer).run()
        writer.transport.abort()
        self._writers.discard(writer)


class Visit:
    """One connection."""

    def __init__(self, relay: Rigged, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.relay, self.reader, self.writer = relay, reader, writer
        self.encrypted = relay.implicit
        self.sender = self.recipient = ""
        self.heard: list[bytes] = []

    async def run(self) -> None:
        if len(self.relay._writers) > self.relay.limit:
            await self._write("421 4.7.0 too many connections")
            return
        await self._answer("banner")
        while True:
            line = (
                (self.heard.pop(0) if self.heard else await self.reader.readuntil(b"\r\n")).decode().strip()
            )
            self.relay.commands.append(line)
            verb = line.split(" ")[0].split(":")[0].lower()
            await getattr(self, f"_{verb}")(line)

    async def _ehlo(self, _: str) -> None:
        words = ["rigged.test", *self.relay.keywords]
        if self.relay.tls and not self.encrypted:
            words.append("STARTTLS")
        else:
            words.append(f"AUTH {self.relay.mechanisms}")
        proper = "\r\n".join([f"250-{word}" for word in words[:-1]] + [f"250 {words[-1]}"])
        await self._answer("ehlo2" if self.encrypted and not self.relay.implicit else "ehlo", proper)

    async def _starttls(self, _: str) -> None:
        await self._answer("starttls")
        await self.writer.start_tls(self.relay.tls)
        self.encrypted = self.relay.encrypted = True

    async def _auth(self, line: str) -> None:
        if line.upper().startswith("AUTH LOGIN"):
            await self._write("334 UGFzc3dvcmQ6")
            self.relay.commands.append((await self.reader.readuntil(b"\r\n")).decode().strip())
        await self._answer("auth", echo=line)

    async def _mail(self, line: str) -> None:
        if self.sender:
            await self._write("503 5.5.1 nested MAIL")
        elif await self._answer("mail") or self.relay.lenient:
            self.sender = line

    async def _rcpt(self, line: str) -> None:
        address = line.partition("<")[2].partition(">")[0]
        if not self.sender:
            await self._write("503 5.5.1 need MAIL")
        elif address in self.relay.refused:
            await self._write(self.relay.refused[address])
        elif await self._answer("rcpt"):
            self.recipient = address

    async def _data(self, _: str) -> None:
        if not self.recipient and not self.relay.data_without_recipient.startswith("354"):
            await self._write(self.relay.data_without_recipient)
        elif await self._answer("data"):
            await self._content()

    async def _content(self) -> None:
        lines: list[bytes] = []
        answered: bool | None = None  # with the proper answer, before the dot
        while (line := await self.reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line)
            if "body" in self.relay.faults and answered is None:
                answered = await self._answer("body")
        if self.recipient:
            self.relay.messages.append((self.sender, self.recipient, b"".join(lines)))
            if answered or (answered is None and await self._answer("dot")):
                self.relay.accepted.append(self.recipient)
        else:
            await self._write("554 5.5.1 no valid recipients")
        self.sender = self.recipient = ""

    async def _rset(self, _: str) -> None:
        if await self._answer("rset"):
            self.sender = self.recipient = ""

    async def _noop(self, _: str) -> None:
        await self._answer("noop")

    async def _quit(self, _: str) -> None:
        await self._answer("quit")
        raise Gone

    async def _answer(self, step: str, proper: str = "", *, echo: str = "") -> bool:
        """Answer a step, or misbehave; True when the answer was the proper one."""
        proper = proper or PROPER[step]
        fault = self.relay.faults.get(step)
        if fault is None:
            await self._write(proper)
            return True
        if fault[:3].isdigit():
            await self._write(fault.replace("ECHO", echo))
            if fault.startswith("421"):
                raise Gone
            return False
        return await getattr(self, f"_be_{fault}")(proper)

    async def _write(self, text: str) -> None:
        self.writer.write(text.encode() + b"\r\n")
        await self.writer.drain()

    async def _be_hanging(self, _: str) -> bool:
        await asyncio.Event().wait()
        return False

    async def _be_listening(self, proper: str) -> bool:
        """Answers only when two more commands are there."""
        self.heard = [await self.reader.readuntil(b"\r\n") for _ in range(2)]
        await self._write(proper)
        return True

    async def _be_reset(self, _: str) -> bool:
        self.writer.transport.abort()
        raise Gone

    async def _be_garbage(self, _: str) -> bool:
        self.writer.write(b"\x00\xff<html>what?\r\n")
        return False

    async def _be_endless(self, _: str) -> bool:
        while True:
            await self._write("\r\n".join(["250-and so on"] * 5000))

    async def _be_long(self, _: str) -> bool:
        await self._write("250 " + "x" * 65536)
        return False

    async def _be_dripping(self, proper: str) -> bool:
        for byte in proper.encode() + b"\r\n":
            self.writer.write(bytes([byte]))
            await asyncio.sleep(0.5)  # the fault itself
        return False

    async def _be_half(self, proper: str) -> bool:
        """Begins another reply before its time."""
        self.writer.write(f"{proper}\r\n250 2.0".encode())
        return True

    async def _be_early(self, proper: str) -> bool:
        await self._write(f"{proper}\r\n250 2.0.0 unasked")
        return True
