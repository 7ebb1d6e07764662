"""A connection as turns: we say something that owes a number of replies, then wait for each of them.

It takes over the transport that aiosmtplib opened. Whoever speaks out of turn, sends what is no reply,
stays silent too long or hangs up ends the conversation: `lost` says why, for ever. It knows no SMTP
command.
"""

import asyncio
import math
from collections import deque

from distributor.wire.lines import Answer, Garbled, Reading


class Lost(Exception):
    """The conversation is over; `str()` says why."""


class Conversation(asyncio.Protocol):
    """`lost`: why it is over, or None. `disorderly`: the other side broke the order of turns."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.lost: str | None = None
        self.disorderly = False
        self._transport = transport
        self._reading = Reading()
        self._answers: deque[Answer] = deque()
        self._owed = 0
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[None] | None = None
        self._until = math.inf
        self._limit = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        transport.set_protocol(self)

    def check(self) -> None:
        """Raise Lost unless it is our turn."""
        if self._transport.is_closing():
            self.drop("closed the connection")
        if self.lost is None and (self._owed or self._answers or not self._reading.empty):
            self.confuse("spoke out of turn")
        if self.lost is not None:
            raise Lost(self.lost)

    def say(self, words: bytes, *, owed: int = 1) -> None:
        """Write in one go what `owed` replies answer. Raises Lost, and then nothing was written."""
        self.check()
        self._owed += owed
        self._transport.write(words)

    async def answer(self, *, within: float) -> Answer:
        """The next reply. Raises Lost when there will be none; cancelled, it ends the conversation."""
        while not self._answers and self.lost is None:
            await self._news(within)
        answer = self.heard()
        if answer is None:
            raise Lost(self.lost)
        return answer

    def heard(self) -> Answer | None:
        """The next reply, if it is here."""
        return self._answers.popleft() if self._answers else None

    async def _news(self, within: float) -> None:
        self._limit, self._until = within, self._loop.time() + within
        if self._alarm is None or self._alarm.when() > self._until:
            self._set_alarm()
        self._waiting = self._loop.create_future()
        try:
            await self._waiting
        except asyncio.CancelledError:
            self.drop("given up")
            raise
        finally:
            self._waiting, self._until = None, math.inf

    def _set_alarm(self) -> None:
        """One timer that looks when it is due how long we wait, not a timer for each reply."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(self._until, self._alarmed)

    def _alarmed(self) -> None:
        self._alarm = None
        if self._loop.time() >= self._until:
            self.drop(f"gave no answer within {self._limit:g} s")
        elif self._waiting is not None:
            self._set_alarm()

    def drop(self, why: str) -> None:
        """End it at once, without a word."""
        self.lost = self.lost or why
        self._transport.abort()
        if self._alarm is not None:
            self._alarm.cancel()
        self._tell()

    def confuse(self, why: str) -> None:
        """End it because the other side does not keep to the protocol."""
        self.disorderly = True
        self.drop(why)

    def data_received(self, data: bytes) -> None:
        if self.lost is not None:
            return
        try:
            for answer in self._reading.feed(data):
                self._heard(answer)
        except Garbled as error:
            self.confuse(str(error))

    def _heard(self, answer: Answer) -> None:
        if self._owed:
            self._owed -= 1
            self._answers.append(answer)
            self._tell()
        elif answer.code == 421:  # the one reply a relay may give unasked (RFC 5321 §3.8)
            self.drop(f"closed the connection: {answer}")
        else:
            self.confuse(f"spoke out of turn: {answer}")

    def _tell(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        self.drop("closed the connection" if error is None else f"connection lost ({_words(error)})")


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
