"""One SMTP session: messages one after the other over a connection that is greeted and signed in.

`carry` gives every end of a hand-over as a Reply. Where the relay offers PIPELINING (RFC 2920), MAIL, RCPT
and DATA go in one write, and while it answers quickly those of the next message ride with the final dot:
one round trip a message. Else one command at a time. Doubt starts when the write that holds the final dot
starts, and not before: a message that rides is never in doubt. It retries nothing and knows no deliveries.

It goes on as replies come, not as a task that waits for each: what is said names how each reply is heard and
what is done `then`, when all of them are here and it is our turn.
"""

import asyncio
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from distributor.model.message import Load, Message, Phase, Reply
from distributor.policy.replies import refuses_us
from distributor.wire import envelope
from distributor.wire.conversation import Conversation, Hear, Lost
from distributor.wire.lines import SmtpReply
from distributor.wire.timeouts import Timeouts, utc

_TAKEN = 250
_CLOSING = 421
_GO_AHEAD = 354
_REFUSED = 400
_QUICK = 0.1  # seconds: a relay that needs longer for a message would let the riding one grow stale
_RESET, _NOTHING = b"RSET\r\n", b"NOOP\r\n"
_TAKEN_BACK = "the message was taken back"
_AFTER = {Phase.MAIL: Phase.RCPT, Phase.RCPT: Phase.DATA, Phase.DATA: Phase.DATA}
_USUAL = {Phase.MAIL: _TAKEN, Phase.RCPT: _TAKEN, Phase.DATA: _GO_AHEAD}
_KINDS = {Phase.MAIL: (2, 4, 5), Phase.RCPT: (2, 4, 5), Phase.DATA: (3, 4, 5), Phase.DOT: (2, 4, 5)}


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
        self._open_envelope = False  # the relay may have a transaction under way
        self._quick = False
        self._began = 0.0  # when the last content was written
        self._dot: list[Hear] = [self._dotted]
        self._three: list[Hear] = [self._commanded] * len(_AFTER)
        self._four = self._dot + self._three
        self._under_way = False
        self._message: Message
        self._load: Load
        self._started: datetime
        self._phase: Phase
        self._refusal: SmtpReply | None
        self._after: list[SmtpReply]  # what followed the refusal
        self._rider: Message | None  # its envelope is on the way already
        self._beyond: Message | None  # taken to ride, and the relay cannot be asked
        self._over: asyncio.Future[Left | None]

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

        `load.may_write` is looked at just before a content is written; when it may not be, `load` is asked.
        """
        self._load, self._rider, self._beyond = load, None, None
        self._over, self._talk.hearer = asyncio.get_running_loop().create_future(), self
        self._talk.tell(lambda: self._begin(self._fit(message)))
        try:
            return await self._over
        except asyncio.CancelledError:
            self.drop("given up")
            raise
        finally:
            self._talk.hearer, self._under_way = None, False

    # As the conversation goes

    def ended(self) -> None:
        """What is under way ends with it: who rides was never heard of."""
        if self._over.done():
            return
        if self._under_way:
            self._tell(self._refusal or self._nothing)
        if self._rider is not None:
            self._start(self._rider, at=self._now())
            self._tell(self._nothing)
        self._leave(self._lacking(self._beyond) if self._beyond else None)

    def failed(self, error: Exception) -> None:
        if not self._over.done():
            self._over.set_exception(error)
        self.drop("we failed")

    def _say(
        self,
        words: bytes,
        *replies: Hear,
        then: Callable[[], None],
        within: float | None = None,
    ) -> None:
        self._talk.say(words, replies, then=then, within=within or self._timeouts.command)

    # One message after the other

    def _go_on(self) -> None:
        """With the next message, if there is one."""
        if not self._over.done():
            self._begin(self._beyond or (self._fit(self._load.take()) if self.alive else None))

    def _begin(self, message: Message | None) -> None:
        if message is None:
            return self._leave(None)
        self._beyond = None
        if envelope.beyond(message, offered=self.offered):
            return self._leave(self._lacking(message))
        self._start(message, at=self._now())
        if self._open_envelope:
            return self._say(_RESET, self._cleared, then=self._envelope, within=self._timeouts.polite)
        return self._envelope()

    def _start(self, message: Message, *, at: datetime) -> None:
        """Its replies are those that come now."""
        self._message, self._under_way, self._started, self._rider = message, True, at, None
        self._phase, self._refusal, self._after = Phase.MAIL, None, []

    def _cleared(self, answer: SmtpReply) -> None:
        if answer.kind != 2:
            self.drop(f"answered {answer}")
        self._open_envelope = False

    def _envelope(self) -> None:
        self._open_envelope = True
        commands = envelope.commands(self._message, offered=self.offered)
        if self._pipelining:
            self._say(b"".join(commands), *self._three, then=self._decide)
        else:
            self._ask(commands)

    def _ask(self, commands: Sequence[bytes]) -> None:
        """One command at a time, until one is refused."""
        if self._refusal is not None or not commands:
            return self._decide()
        return self._say(commands[0], self._commanded, then=lambda: self._ask(commands[1:]))

    def _commanded(self, answer: SmtpReply) -> None:
        """The reply to MAIL, RCPT or DATA."""
        if answer.code == _USUAL[self._phase] and self._refusal is None:
            self._phase = _AFTER[self._phase]
        elif self._refusal is not None:
            self._after.append(answer)
        elif self._fits(answer):
            if answer.code >= _REFUSED:
                self._refusal = answer
            else:  # such as 251 (RFC 5321 §3.4)
                self._phase = _AFTER[self._phase]

    def _decide(self) -> None:
        """The envelope is answered. A 354 after a refusal gets a lone dot, whose reply says nothing."""
        if self._refusal is None:
            self._content()
        elif not self._after or self._after[-1].code != _GO_AHEAD:
            self._refused()
        elif any(answer.kind == 2 for answer in self._after):
            self._talk.confuse("took a recipient without a sender")
        else:
            self._say(envelope.DOT, self._after.append, then=self._refused)

    def _refused(self) -> None:
        self._tell(self._refusal or self._nothing)
        self._go_on()

    def _content(self) -> None:
        """The 354 is here. If it came late, the relay waits until the load has said whether to go on."""
        self._talk.check()
        if self._load.may_write(self._message):
            self._write()
        else:
            self._load.ask(self._message, self._told)

    def _told(self, goes_on: bool) -> None:
        self._talk.tell(self._content if goes_on else self._take_back)

    def _take_back(self) -> None:
        self.drop(_TAKEN_BACK)
        self._tell(SmtpReply(0, None, _TAKEN_BACK), written=False)

    def _write(self) -> None:
        """Write the content with its dot, and the envelope of the next message if that may ride."""
        self._phase, self._rider = Phase.DOT, self._fit(self._load.take()) if self._quick else None
        if self._rider is not None and envelope.beyond(self._rider, offered=self.offered):
            self._beyond, self._rider = self._rider, None
        words, replies, then = [*self._message.pieces, envelope.DOT], self._dot, self._go_on
        if self._rider is not None:
            words += envelope.commands(self._rider, offered=self.offered)
            replies, then = self._four, self._decide
        self._began = monotonic()
        self._talk.write(b"".join(words), replies, then=then, within=self._timeouts.dot)

    def _dotted(self, answer: SmtpReply) -> None:
        """The reply to the dot; what follows is for the message that rides."""
        if answer.code != _TAKEN and not self._fits(answer):
            return
        now, rider = self._now(), self._rider
        self._quick = self._pipelining and monotonic() - self._began < _QUICK
        self._open_envelope, self._talk.within = rider is not None, self._timeouts.command
        self._tell(answer, at=now)
        if rider is not None and self.alive:
            self._start(rider, at=now)

    def _fit(self, message: Message | None) -> Message | None:
        """It, or the next one of which a relay can be asked."""
        while message is not None and (refusal := envelope.unfit(message)) is not None:
            self._load.done(message, self._reply(refusal[1], self._now(), phase=refusal[0]))
            message = self._load.take()
        return message

    def _fits(self, answer: SmtpReply) -> bool:
        """Whether the reply is of a kind that the present step can have. If not, the session is over."""
        if answer.kind not in _KINDS[self._phase] or (answer.kind == 3 and answer.code != _GO_AHEAD):
            self._talk.confuse(f"answered {self._phase.value.upper()} with {answer}")
            return False
        if answer.code == _CLOSING:
            self.drop(f"closed the connection: {answer}")
        return True

    # How it ends

    def _tell(self, answer: SmtpReply, *, at: datetime | None = None, written: bool = True) -> None:
        """How the hand-over of the present message ended."""
        message, self._under_way = self._message, False
        reply = self._reply(answer, self._started, at=at, phase=self._phase, written=written)
        if reply.phase is Phase.MAIL and written and (not reply.code or refuses_us(reply)):
            self._leave(Left(message, reply))
        else:
            self._load.done(message, reply)

    def _leave(self, left: Left | None) -> None:
        if not self._over.done():
            self._over.set_result(left)

    def _lacking(self, message: Message) -> Left:
        """The relay lacks what it needs."""
        phase, answer = envelope.beyond(message, offered=self.offered) or (Phase.MAIL, self._nothing)
        return Left(message, self._reply(answer, self._now(), phase=phase), beyond=True)

    @property
    def _nothing(self) -> SmtpReply:
        return SmtpReply(0, None, self._talk.lost or "")

    # While no message is under way

    async def try_sender(self, sender: str) -> Reply:
        """Ask whether the relay takes mail from `sender`: MAIL, then RSET. Nothing is handed over."""
        started, self._phase = self._now(), Phase.MAIL
        message = Message(sender=sender, recipient="", pieces=(), message_id="")
        refusal = envelope.unfit(message) or envelope.beyond(message, offered=self.offered)
        if refusal is not None:
            return self._reply(refusal[1], started, phase=refusal[0])
        self._open_envelope = True
        try:
            mail = envelope.mail(message, offered=self.offered)
            answer = await self._talk.ask(mail, within=self._timeouts.command)
        except Lost:
            return self._reply(self._nothing, started, phase=Phase.MAIL)
        if not self._fits(answer):
            return self._reply(self._nothing, started, phase=Phase.MAIL)
        await self.check()
        return self._reply(answer, started, phase=Phase.MAIL)

    async def check(self) -> bool:
        """Ask an idle relay whether it is still there (NOOP; RSET when a refused envelope is left)."""
        try:
            words = _RESET if self._open_envelope else _NOTHING
            self._cleared(await self._talk.ask(words, within=self._timeouts.polite))
        except Lost:
            return False
        return self.alive

    async def quit(self) -> None:
        """Take leave (RFC 5321 §4.1.1.10), within the polite limit."""
        try:
            await self._talk.ask(b"QUIT\r\n", within=self._timeouts.polite)
        except Lost:
            return
        finally:
            self.drop("we took leave")

    def drop(self, why: str) -> None:
        """End it at once."""
        self._talk.drop(why)

    def _reply(
        self,
        answer: SmtpReply,
        started: datetime,
        *,
        phase: Phase,
        at: datetime | None = None,
        written: bool = True,
    ) -> Reply:
        code, enhanced, text = answer
        return Reply(code, enhanced, text[:500], self.relay, phase, started, at or self._now(), written)
