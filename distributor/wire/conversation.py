"""A connection as turns: we say something that owes a number of replies, then hear each of them.

It takes over the transport that aiosmtplib opened. Whoever speaks out of turn, sends what is no reply,
stays silent too long or hangs up ends the conversation: `lost` says why, for ever. What is said names who
hears each reply and what is done `then`, without a task or a future for each; `ask` waits for one. It knows
no SMTP command.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from distributor.wire.lines import Garbled, Reading, SmtpReply


class Lost(Exception):
    """The conversation is over; `str()` says why."""


Hear = Callable[[SmtpReply], None]


class Hearer(Protocol):
    """`ended`: there will be no more replies. `failed`: whoever heard one, or went on, has."""

    def ended(self) -> None: ...
    def failed(self, error: Exception) -> None: ...


class Conversation(asyncio.Protocol):
    """`lost`: why it is over, or None. `disorderly`: the other side broke the order of turns.

    `within`: seconds that each reply may take.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.lost: str | None = None
        self.disorderly = False
        self.within = math.inf
        self.hearer: Hearer | None = None
        self._transport = transport
        self._reading = Reading()
        self._owed: deque[Hear] = deque()  # who hears each reply
        self._then: Callable[[], None] = _nothing
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[None] | None = None
        self._until = math.inf
        self._alarm: asyncio.TimerHandle | None = None
        self._rings = math.inf  # when it does
        transport.set_protocol(self)

    def check(self) -> None:
        """Raise Lost unless it is our turn."""
        if self._transport.is_closing():
            self.drop("closed the connection")
        if self.lost is None and (self._owed or not self._reading.empty):
            self.confuse("spoke out of turn")
        if self.lost is not None:
            raise Lost(self.lost)

    def say(self, words: bytes, hear: Sequence[Hear], *, then: Callable[[], None], within: float) -> None:
        """Write in one go what is answered as `hear` has it. Raises Lost, and then nothing was written."""
        self.check()
        self.write(words, hear, then=then, within=within)

    def write(self, words: bytes, hear: Sequence[Hear], *, then: Callable[[], None], within: float) -> None:
        """The same, just after a `check`."""
        self._owed.extend(hear)
        self._then, self.within = then, within
        self._until = self._loop.time() + within
        if self._until < self._rings:
            self._set_alarm()
        self._transport.write(words)

    async def ask(self, words: bytes, *, within: float) -> SmtpReply:
        """Say it and wait for the reply. Raises Lost when there is none; cancelled, it ends all."""
        answers: list[SmtpReply] = []
        self.say(words, [answers.append], then=self._wake, within=within)
        self._waiting = self._loop.create_future()
        try:
            await self._waiting
        except asyncio.CancelledError:
            self.drop("given up")
            raise
        if not answers:
            raise Lost(self.lost)
        return answers[0]

    def _set_alarm(self) -> None:
        """One timer that looks when it is due how long we wait, not a timer for each reply."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._rings, self._alarm = self._until, self._loop.call_at(self._until, self._alarmed)

    def _alarmed(self) -> None:
        self._rings, self._alarm = math.inf, None
        if self._loop.time() >= self._until:
            self.drop(f"gave no answer within {self.within:g} s")
        elif self._owed:
            self._set_alarm()

    def drop(self, why: str) -> None:
        """End it at once, without a word."""
        if self.lost is None and self.hearer is not None:
            self._loop.call_soon(self._end)
        self.lost = self.lost or why
        self._transport.abort()
        if self._alarm is not None:
            self._alarm.cancel()
        self._wake()

    def _end(self) -> None:
        if self.hearer is not None:
            self.tell(self.hearer.ended)

    def confuse(self, why: str) -> None:
        """End it because the other side does not keep to the protocol."""
        self.disorderly = True
        self.drop(why)

    def data_received(self, data: bytes) -> None:
        try:
            self._received(data)
        except Exception as error:
            self._stopped(error)

    def _received(self, data: bytes) -> None:
        owed = len(self._owed)
        try:
            for answer in self._reading.feed(data):
                if self._owed and self.lost is None:
                    self._owed.popleft()(answer)
                else:
                    self._unasked(answer)
        except Garbled as error:
            self.confuse(str(error))
        if not owed or self.lost is not None:
            return
        if not self._owed:
            self._until = math.inf
            self._then()
        elif len(self._owed) < owed:
            self._until = self._loop.time() + self.within

    def _unasked(self, answer: SmtpReply) -> None:
        if self.lost is not None:
            return
        if answer.code == 421:  # the one reply a relay may give unasked (RFC 5321 §3.8)
            self.drop(f"closed the connection: {answer}")
        else:
            self.confuse(f"spoke out of turn: {answer}")

    def tell(self, what: Callable[[], None]) -> None:
        """Go on with what the hearer has a part in: it may be that it cannot."""
        try:
            what()
        except Exception as error:
            self._stopped(error)

    def _stopped(self, error: Exception) -> None:
        if isinstance(error, Lost):
            if self.hearer is not None:
                self.hearer.ended()
        elif self.hearer is not None:
            self.hearer.failed(error)
        else:
            raise error

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        self.drop("closed the connection" if error is None else f"connection lost ({_words(error)})")


def _nothing() -> None:
    """Nobody goes on."""


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
