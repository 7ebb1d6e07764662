"""A mail relay of our own, as a process of its own: it outlives the senders that tests kill.

`sink(log, …)` starts it, in a moment (`tests.program`), and hears what happens. Every step of every
conversation is one JSON line in LOG, written and flushed before the answer leaves, and told to the test:

    listening {port} · connected · mail rcpt data content dot {connection, recipient …} · accepted {recipient,
    message_id, sha256, intent} · answered · gone {connection}

It can wait before its answers: `close STAGE` and `open STAGE` shut and open a gate at `data` (before 354) or
`dot` (before the final answer), `pace SECONDS` sets how long each dot takes. With --look it reads the
sender's database at the dot: what it finds there stood there before we took responsibility.
"""

import argparse
import asyncio
import json
import socket
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path
from select import select
from typing import Any, ClassVar, TextIO

from tests.program import CONTEXT

Event = dict[str, Any]


class Heard:
    """A running sink, from the test's side: its port and every event so far.

    Whoever asks hears first what was said by then: what a program learned from the relay, a test knows when
    the program has ended.
    """

    patience: ClassVar[float] = 240  # seconds that `until` waits

    def __init__(self, said: socket.socket, told: TextIO) -> None:
        self._said, self._told = said, told
        self._rest, self._over = b"", False
        self._news = threading.Condition()
        self._events: list[Event] = []
        self._by_kind: defaultdict[str, list[Event]] = defaultdict(list)
        said.setblocking(False)
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    @property
    def port(self) -> int:
        return int(self.events[0]["port"])

    def _listen(self) -> None:
        while not self._over:
            select([self._said], [], [])
            self._hear()

    def _hear(self) -> None:
        """Take what was said by now."""
        with self._news:
            while data := self._received():
                *lines, self._rest = (self._rest + data).split(b"\n")
                for event in map(json.loads, lines):
                    self._events.append(event)
                    self._by_kind[event["event"]].append(event)
                self._news.notify_all()

    def _received(self) -> bytes:
        """Nothing: that is all for now, or for ever."""
        if self._over:
            return b""
        try:
            data = self._said.recv(2**16)
        except BlockingIOError:
            return b""
        except ConnectionError:  # it was killed before it heard what it was told
            data = b""
        self._over = not data
        return data

    def until(self, condition: "Callable[[Heard], object]") -> None:
        """Come back when `condition(self)` is true; it is asked again after every event."""
        assert self.heard(condition, within=self.patience), self.events[-5:]

    def heard(self, condition: "Callable[[Heard], object]", *, within: float) -> bool:
        """Whether it is true before so many seconds are over."""
        with self._news:
            return bool(self._news.wait_for(lambda: self._is(condition), timeout=within))

    def _is(self, condition: "Callable[[Heard], object]") -> bool:
        """Asked again when something was said meanwhile: what it looked at before that may be old."""
        while True:
            known = len(self.events)
            if condition(self):
                return True
            if len(self._events) == known:
                return False

    def to_the_end(self) -> None:
        """Come back when all is heard that it said before it was killed."""
        self._listening.join()

    @property
    def events(self) -> list[Event]:
        self._hear()
        return list(self._events)

    def of(self, kind: str) -> list[Event]:
        self._hear()
        return list(self._by_kind[kind])

    @property
    def accepted(self) -> list[Event]:
        return self.of("accepted")

    def hung_up(self) -> None:
        """Come back when nobody is connected any more: nothing that was on its way is taken after this."""
        self.until(lambda sink: len(sink.of("gone")) == len(sink.of("connected")))

    def gate(self, command: str) -> None:
        """One of `Relay.command`; returns when it is done."""
        before = len(self.of("gate"))
        print(command, file=self._told, flush=True)
        self.until(lambda sink: len(sink.of("gate")) > before)


@contextmanager
def place() -> Iterator[int]:
    """A port at which nobody listens but sinks (`--port`), one after the other: nobody else is given it."""
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        yield int(kept.getsockname()[1])


@contextmanager
def sink(log: Path, *options: str) -> Iterator[Heard]:
    """A sink for the length of the block."""
    (events, its_events), (commands, its_commands) = socket.socketpair(), socket.socketpair()
    program = CONTEXT.Process(target=_run, args=([str(log), *options], its_commands, its_events))
    program.start()
    its_events.close()
    its_commands.close()
    with events, commands, commands.makefile("w") as told:
        heard = Heard(events, told)
        try:
            heard.until(lambda sink: sink.events)
            yield heard
        finally:
            program.kill()
            program.join()
            heard.to_the_end()


class Relay:
    """The program's side: one object for all connections."""

    def __init__(self, options: argparse.Namespace, *told: TextIO) -> None:
        self._options, self._told = options, told
        self._gates = {stage: asyncio.Event() for stage in ("data", "dot")}
        for stage, gate in self._gates.items():
            if stage not in options.closed:
                gate.set()
        self._closing = dict.fromkeys(self._gates, -1)
        self._answers = dict(answer.split("=", 1) for answer in options.answer)
        self._connections = 0
        self._dripping = 0

    def say(self, event: str, **facts: Any) -> None:
        line = json.dumps({"event": event, "at": datetime.now(UTC).isoformat(), **facts})
        for stream in self._told:
            print(line, file=stream, flush=True)

    def command(self, line: str) -> None:
        """close or open data or dot; "close dot 8": when eight more have passed it; "pace SECONDS"."""
        verb, what, *more = line.split()
        if verb == "pace":
            self._options.delay = float(what)
        elif more:
            self._closing[what] = int(more[0])
        else:
            (self._gates[what].set if verb == "open" else self._gates[what].clear)()
        self.say("gate", command=line.strip())

    def comes_to(self, stage: str) -> asyncio.Event:
        """The gate before which another message stands."""
        self._closing[stage] -= 1
        if self._closing[stage] == -1:
            self._gates[stage].clear()
        return self._gates[stage]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        talk = Talk(self, self._connections, reader, writer)
        self.say("connected", connection=talk.number)
        drips = self._dripping < self._options.drip
        self._dripping += drips
        with suppress(ConnectionError, asyncio.IncompleteReadError):  # it hung up in the middle
            await self._talk(talk, drip=self._options.drip_seconds if drips else 0.0)
        self._dripping -= drips
        self.say("gone", connection=talk.number)
        writer.close()

    async def _talk(self, talk: "Talk", *, drip: float) -> None:
        await talk.answer(self._wanted("banner", "") or "220 sink.example.org ESMTP")
        while line := await talk.line():
            verb = line[:4].upper()
            talk.drip = 0.0 if verb in ("EHLO", "QUIT") else drip
            if verb == "QUIT":
                return await talk.answer("221 2.0.0 bye")
            if verb == "DATA":
                await self._data(talk)
            else:
                await talk.answer(self._reply(talk, verb, line))
        return None

    def _reply(self, talk: "Talk", verb: str, line: str) -> str:
        if verb == "EHLO":
            offered = ["sink.example.org", "8BITMIME", "ENHANCEDSTATUSCODES"]
            offered += ["PIPELINING"] if self._options.pipelining else []
            proper = "".join(f"250-{line}\r\n" for line in offered) + "250 SIZE 50000000"
            return self._wanted("ehlo", "") or proper
        if verb == "MAIL":
            talk.note("mail", sender=_address(line))
            return self._wanted("mail", "") or "250 2.1.0 Ok"
        if verb == "RCPT":
            talk.recipient = _address(line)
            talk.note("rcpt")
            return self._wanted("rcpt", talk.recipient) or "250 2.1.5 Ok"
        return "250 2.0.0 Ok"

    def _wanted(self, stage: str, recipient: str) -> str | None:
        """--answer STAGE:ADDRESS="CODE TEXT" , ADDRESS may be *."""
        return self._answers.get(f"{stage}:{recipient}") or self._answers.get(f"{stage}:*")

    async def _data(self, talk: "Talk") -> None:
        talk.note("data")
        await self.comes_to("data").wait()
        await asyncio.sleep(self._options.before_data)
        await talk.answer("354 go on")
        first = await talk.reader.readexactly(1)
        talk.note("content")
        content = (first + await talk.reader.readuntil(b"\r\n.\r\n"))[:-3]
        talk.note("dot")
        await asyncio.sleep(self._options.delay)
        if self._wanted("dot", talk.recipient) == "silence":
            await talk.reader.read()
        refusal = self._wanted("dot", talk.recipient)
        if refusal is None:
            talk.note("accepted", **self._taken(content))
        await self.comes_to("dot").wait()
        talk.note("answered")
        await talk.answer(refusal or "250 2.0.0 Ok: queued")

    def _taken(self, content: bytes) -> Event:
        digest = sha256(content).hexdigest()
        facts: Event = {
            "message_id": message_from_bytes(content)["Message-ID"],
            "sha256": digest,
            "bytes": len(content),
        }
        if self._options.keep:
            (Path(self._options.keep) / f"{digest}.eml").write_bytes(content)
        if self._options.look:
            facts["intent"] = _intent(self._options.look, digest)
        return facts


class Talk:
    """One connection."""

    def __init__(
        self, relay: Relay, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.relay, self.number, self.reader, self.writer = relay, number, reader, writer
        self.recipient = ""
        self.drip = 0.0

    def note(self, event: str, **facts: Any) -> None:
        self.relay.say(event, connection=self.number, recipient=self.recipient, **facts)

    async def line(self) -> str:
        return (await self.reader.readline()).decode()

    async def answer(self, text: str) -> None:
        words = f"{text}\r\n".encode()
        for part in [bytes([byte]) for byte in words] if self.drip else [words]:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(self.drip)


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]


def _intent(database: str, digest: str) -> Event | None:
    """The newest intent with this hash, and the state of its delivery, as another program sees them now."""
    statement = """SELECT log.seq, log.attempt, delivery.state, delivery.address FROM log
                   JOIN delivery ON delivery.id = log.delivery_id
                   WHERE log.kind = 'intent' AND log.bytes_sha256 = ? ORDER BY log.id DESC LIMIT 1"""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found = connection.execute(statement, (digest,)).fetchone()
    return dict(zip(("seq", "attempt", "state", "address"), found, strict=True)) if found else None


def _run(argv: Sequence[str], commands: socket.socket, events: socket.socket) -> None:
    with suppress(ConnectionError):  # the test has gone
        asyncio.run(_serve(_options(argv), commands, events))


async def _serve(options: argparse.Namespace, commands: socket.socket, events: socket.socket) -> None:
    with open(options.log, "a", encoding="utf-8") as log, events.makefile("w") as said:
        relay = Relay(options, log, said)
        server = await asyncio.start_server(relay.serve, options.host, options.port, limit=2**26)
        reader, writer = await asyncio.open_connection(sock=commands)
        relay.say("listening", port=server.sockets[0].getsockname()[1])
        while line := await reader.readline():
            relay.command(line.decode())
        writer.close()


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("log")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0, help="seconds before the dot's answer")
    parser.add_argument("--before-data", type=float, default=0, help="seconds before each 354")
    parser.add_argument("--drip", type=int, default=0, help="so many connections answer byte by byte")
    parser.add_argument("--drip-seconds", type=float, default=1.0, help="between two bytes")
    parser.add_argument("--pipelining", action="store_true", help="offer it")
    parser.add_argument("--answer", action="append", default=[], metavar="STAGE:ADDRESS=ANSWER|silence")
    parser.add_argument("--closed", action="append", default=[], metavar="STAGE")
    parser.add_argument("--keep", help="folder for what was accepted")
    parser.add_argument("--look", metavar="DATABASE", help="the sender's SQLite file")
    return parser.parse_args(argv)
