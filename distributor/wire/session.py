"""One SMTP session: messages one after the other over a connection that is greeted and signed in.

`send` gives every end of a hand-over as a Reply. Where the relay offers PIPELINING (RFC 2920), MAIL, RCPT
and DATA go in one write; else one command at a time. Doubt starts when the write that holds the final dot
starts, and not before. It retries nothing and knows no deliveries.
"""

import asyncio
from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import UTC, datetime

from distributor.model.message import Message, Phase, Reply
from distributor.wire import envelope
from distributor.wire.conversation import Conversation, Lost
from distributor.wire.lines import Answer

_CLOSING = 421
_GO_AHEAD = 354
_KINDS = {Phase.MAIL: (2, 4, 5), Phase.RCPT: (2, 4, 5), Phase.DATA: (3, 4, 5), Phase.DOT: (2, 4, 5)}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `connect` is the whole opening, TCP to AUTH; the others as RFC 5321 §4.5.3.2 has them.

    `polite` is how long we wait for what does not matter: QUIT, and NOOP on an idle connection.
    """

    connect: float = 30.0
    command: float = 300.0
    dot: float = 600.0
    polite: float = 5.0


def utc() -> datetime:
    """The system clock."""
    return datetime.now(UTC)


class Session:
    """`offered`: the relay’s EHLO keywords in lower case. `rests_since`: its owner’s note, 0 when new."""

    def __init__(
        self,
        transport: asyncio.Transport,
        *,
        relay: str,
        offered: Set[str],
        timeouts: Timeouts,
        pipelining: bool = True,
        now: Callable[[], datetime] = utc,
    ) -> None:
        self.relay, self.offered, self._timeouts, self._now = relay, offered, timeouts, now
        self.rests_since = 0.0
        self._pipelining = pipelining and "pipelining" in offered
        self._talk = Conversation(transport)
        self._phase = Phase.MAIL
        self._open_envelope = False

    @property
    def alive(self) -> bool:
        """Whether another message may be tried over it."""
        return self._talk.lost is None

    @property
    def disorderly(self) -> bool:
        """Whether the relay broke the order of turns: speak one command at a time to it."""
        return self._talk.disorderly

    async def send(self, message: Message, *, may_write: Callable[[], bool]) -> Reply:
        """Hand one message over. `may_write` is asked once, just before its content is written."""
        started = self._now()
        refusal = envelope.unfit(message, offered=self.offered)
        if refusal is not None:
            return self._reply(refusal[1], started, phase=refusal[0])
        self._phase = Phase.MAIL
        try:
            return await self._transact(message, may_write, started)
        except Lost as lost:
            return self._reply(Answer(0, None, str(lost)), started)

    async def try_sender(self, sender: str) -> Reply:
        """Ask whether the relay takes mail from `sender`: MAIL, then RSET. Nothing is handed over."""
        started = self._now()
        message = Message(sender=sender, recipient="", content=b"", message_id="")
        refusal = envelope.unfit(message, offered=self.offered)
        if refusal is not None:
            return self._reply(refusal[1], started, phase=refusal[0])
        self._phase, self._open_envelope = Phase.MAIL, True
        try:
            answer = await self._ask(envelope.mail(message, offered=self.offered))
        except Lost as lost:
            return self._reply(Answer(0, None, str(lost)), started)
        await self.check()
        return self._reply(answer, started)

    async def check(self) -> bool:
        """Ask an idle relay whether it is still there (NOOP; RSET when a refused envelope is left)."""
        try:
            self._talk.say(b"RSET\r\n" if self._open_envelope else b"NOOP\r\n")
            answer = await self._talk.answer(within=self._timeouts.polite)
        except Lost:
            return False
        if answer.kind != 2:
            self.drop(f"answered {answer}")
            return False
        self._open_envelope = False
        return True

    async def quit(self) -> None:
        """Take leave (RFC 5321 §4.1.1.10), within the polite limit."""
        try:
            self._talk.say(b"QUIT\r\n")
            await self._talk.answer(within=self._timeouts.polite)
        except Lost:
            return
        finally:
            self.drop("we took leave")

    def drop(self, why: str) -> None:
        """End it at once."""
        self._talk.drop(why)

    async def _transact(self, message: Message, may_write: Callable[[], bool], started: datetime) -> Reply:
        refused = await self._envelope(message)
        if refused is not None:
            return self._reply(refused, started)
        self._talk.check()
        if not may_write():
            self.drop("the message was taken back")
            return self._reply(Answer(0, None, "the message was taken back"), started, written=False)
        self._phase = Phase.DOT
        answer = await self._ask(message.content + envelope.DOT, within=self._timeouts.dot)
        self._open_envelope = False
        return self._reply(answer, started)

    async def _envelope(self, message: Message) -> Answer | None:
        """From MAIL to the relay's 354; the refusal when there was one."""
        steps = [
            (Phase.MAIL, envelope.mail(message, offered=self.offered)),
            (Phase.RCPT, envelope.rcpt(message)),
            (Phase.DATA, envelope.DATA),
        ]
        await self._clear()
        self._open_envelope = True
        if self._pipelining:
            return await self._at_once(steps)
        for phase, command in steps:
            self._phase = phase
            answer = await self._ask(command)
            if answer.kind in (4, 5):
                return answer
        return None

    async def _clear(self) -> None:
        """Leave a refused envelope behind (RSET) before the next one."""
        if self._open_envelope and not await self.check():
            raise Lost(self._talk.lost)

    async def _at_once(self, steps: list[tuple[Phase, bytes]]) -> Answer | None:
        self._talk.say(b"".join(command for _, command in steps), owed=len(steps))
        for rest, (phase, _) in zip((2, 1, 0), steps, strict=True):
            self._phase = phase
            answer = await self._hear(within=self._timeouts.command)
            if answer.kind in (4, 5):
                await self._skip(rest)
                return answer
        return None

    async def _skip(self, rest: int) -> None:
        """Hear what follows a refusal. A 354 all the same gets a lone dot, whose reply says nothing."""
        try:
            answers = [await self._talk.answer(within=self._timeouts.command) for _ in range(rest)]
            if answers and answers[-1].code == _GO_AHEAD:
                if any(answer.kind == 2 for answer in answers):
                    return self._talk.confuse("took a recipient without a sender")
                self._talk.say(envelope.DOT)
                await self._talk.answer(within=self._timeouts.command)
        except Lost:
            return None  # the refusal stands; the session is over
        return None

    async def _ask(self, words: bytes, *, within: float | None = None) -> Answer:
        self._talk.say(words)
        return await self._hear(within=within or self._timeouts.command)

    async def _hear(self, *, within: float) -> Answer:
        """The reply to the present step. Raises Lost when it is of a kind that this step cannot have."""
        answer = await self._talk.answer(within=within)
        if answer.kind not in _KINDS[self._phase] or (answer.kind == 3 and answer.code != _GO_AHEAD):
            self._talk.confuse(f"answered {self._phase.value.upper()} with {answer}")
            raise Lost(self._talk.lost)
        if answer.code == _CLOSING:
            self.drop(f"closed the connection: {answer}")
        return answer

    def _reply(
        self, answer: Answer, started: datetime, *, phase: Phase | None = None, written: bool = True
    ) -> Reply:
        return Reply(
            code=answer.code,
            enhanced=answer.enhanced,
            text=answer.text[:500],
            relay=self.relay,
            phase=phase or self._phase,
            started=started,
            finished=self._now(),
            written=written,
        )
