"""One SMTP session: messages one after the other over a connection that is greeted and signed in.

`carry` gives every end of a hand-over as a Reply. Where the relay offers PIPELINING (RFC 2920), MAIL, RCPT
and DATA go in one write, and while it answers quickly those of the next message ride with the final dot:
one round trip a message. Else one command at a time. Doubt starts when the write that holds the final dot
starts, and not before: a message that rides is never in doubt. It retries nothing and knows no deliveries.
"""

import asyncio
from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from distributor.model.message import Load, Message, Phase, Reply
from distributor.policy.replies import refuses_us
from distributor.wire import envelope
from distributor.wire.conversation import Conversation, Lost
from distributor.wire.lines import Answer

_CLOSING = 421
_GO_AHEAD = 354
_REFUSED = 400
_QUICK = 0.1  # seconds: a relay that needs longer for a message would let the riding one grow stale
_STEPS = (Phase.MAIL, Phase.RCPT, Phase.DATA)
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


@dataclass(frozen=True, slots=True)
class Left:
    """A message that may be tried elsewhere: the relay refuses us, or was never seen to hear of it.

    `reply` is how its hand-over ends if nobody else takes it. `beyond`: the relay lacks what it needs (an
    extension), and was not asked.
    """

    message: Message
    reply: Reply
    beyond: bool = False


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
        self._open_envelope = False  # the relay may have a transaction under way
        self._rider: Message | None = None  # its envelope is on the way already
        self._beyond: Message | None = None  # taken to ride, and the relay cannot be asked
        self._quick = False

    @property
    def alive(self) -> bool:
        """Whether another message may be tried over it."""
        return self._talk.lost is None

    @property
    def disorderly(self) -> bool:
        """Whether the relay broke the order of turns: speak one command at a time to it."""
        return self._talk.disorderly

    async def carry(self, message: Message, load: Load) -> Left | None:
        """Hand over `message`, then what `load` gives while both last; `load` hears how each ended.

        `load.may_write` is asked once for each, just before its content is written.
        """
        following: Message | None = message
        while following is not None:
            message, rides = following, following is self._rider
            self._rider = self._beyond = None
            refusal = None if rides else envelope.beyond(message, offered=self.offered)
            if refusal is not None:
                return Left(message, self._reply(refusal[1], self._now(), phase=refusal[0]), beyond=True)
            reply = await self._hand_over(message, load, rides=rides)
            if reply.phase is Phase.MAIL and reply.written and (not reply.code or refuses_us(reply)):
                return Left(message, reply)
            load.done(message, reply)
            following = self._rider or self._beyond or (load.take() if self.alive else None)
        return None

    async def _hand_over(self, message: Message, load: Load, *, rides: bool) -> Reply:
        started = self._now()
        refusal = None if rides else envelope.unfit(message)
        if refusal is not None:
            return self._reply(refusal[1], started, phase=refusal[0])
        self._phase = Phase.MAIL
        try:
            return await self._transact(message, load, started, rides=rides)
        except Lost as lost:
            return self._reply(Answer(0, None, str(lost)), started)

    async def try_sender(self, sender: str) -> Reply:
        """Ask whether the relay takes mail from `sender`: MAIL, then RSET. Nothing is handed over."""
        started = self._now()
        message = Message(sender=sender, recipient="", content=b"", message_id="")
        refusal = envelope.unfit(message) or envelope.beyond(message, offered=self.offered)
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

    async def _transact(self, message: Message, load: Load, started: datetime, *, rides: bool) -> Reply:
        refused = await self._envelope(message, rides=rides)
        if refused is not None:
            return self._reply(refused, started)
        self._talk.check()
        if not load.may_write(message):
            self.drop("the message was taken back")
            return self._reply(Answer(0, None, "the message was taken back"), started, written=False)
        self._phase = Phase.DOT
        answer = await self._content(message, load)
        return self._reply(answer, started)

    async def _content(self, message: Message, load: Load) -> Answer:
        """Write the content with its dot, and the envelope of the next message if that may ride."""
        rider = self._rider = self._next(load) if self._quick else None
        words = [message.content, envelope.DOT, *(self._commands(rider) if rider else ())]
        began = monotonic()
        self._talk.say(b"".join(words), owed=1 + (len(_STEPS) if rider else 0))
        answer = self._judged(await self._talk.answer(within=self._timeouts.dot))
        self._quick = self._pipelining and monotonic() - began < _QUICK
        self._open_envelope = rider is not None
        return answer

    def _next(self, load: Load) -> Message | None:
        message = load.take()
        while message is not None and (refusal := envelope.unfit(message)) is not None:
            load.done(message, self._reply(refusal[1], self._now(), phase=refusal[0]))
            message = load.take()
        if message is not None and envelope.beyond(message, offered=self.offered):
            self._beyond, message = message, None
        return message

    def _commands(self, message: Message) -> list[bytes]:
        return [envelope.mail(message, offered=self.offered), envelope.rcpt(message), envelope.DATA]

    async def _envelope(self, message: Message, *, rides: bool) -> Answer | None:
        """From MAIL to the relay's 354; the refusal when there was one."""
        if not rides and self._open_envelope and not await self.check():
            raise Lost(self._talk.lost)
        self._open_envelope = True
        commands = self._commands(message)
        if self._pipelining:
            if not rides:
                self._talk.say(b"".join(commands), owed=len(commands))
            return await self._heard_at_once()
        for phase, command in zip(_STEPS, commands, strict=True):
            self._phase = phase
            answer = await self._ask(command)
            if answer.code >= _REFUSED:
                return answer
        return None

    async def _heard_at_once(self) -> Answer | None:
        for rest, phase in zip((2, 1, 0), _STEPS, strict=True):
            self._phase = phase
            heard = self._talk.heard()  # what rode was answered with the dot
            answer = self._judged(heard or await self._talk.answer(within=self._timeouts.command))
            if answer.code >= _REFUSED:
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

    async def _ask(self, words: bytes) -> Answer:
        self._talk.say(words)
        return self._judged(await self._talk.answer(within=self._timeouts.command))

    def _judged(self, answer: Answer) -> Answer:
        """The reply to the present step. Raises Lost when it is of a kind that this step cannot have."""
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
