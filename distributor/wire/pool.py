"""Hands messages to relays: the best relay that can be reached, over sessions that are kept open.

Relays with the lowest `priority` number first; equal ones share the load; the next when none of those
gives a session or takes our mail. A message of which a relay has heard more than MAIL is never repeated
here: that is decided elsewhere, from the Reply.
"""

import asyncio
import random
import ssl
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby

from distributor.model.message import Message, Phase, Reply
from distributor.model.relay import RelayAddress
from distributor.policy.replies import refuses_us
from distributor.policy.retry import RELAY, Backoff
from distributor.wire.gate import Gate, Ways
from distributor.wire.session import Session, Timeouts, utc


class Pool:
    """`backoff`, `jitter` (in [0, 1)), `clock` (monotonic seconds) pace the tries of a relay that failed."""

    def __init__(
        self,
        relays: Sequence[RelayAddress],
        *,
        timeouts: Timeouts | None = None,
        trust: ssl.SSLContext | None = None,
        backoff: Backoff = RELAY,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc,
    ) -> None:
        self._now = now
        ways = Ways(timeouts or Timeouts(), trust, backoff, jitter, clock, now)
        ordered = sorted(relays, key=lambda relay: relay.priority)
        self._tiers = [
            [Gate(relay, ways) for relay in tier] for _, tier in groupby(ordered, key=lambda r: r.priority)
        ]
        self._gates = [gate for tier in self._tiers for gate in tier]

    @property
    def unavailable_reason(self) -> str | None:
        """Why no relay takes our mail, or None. It stays until one works again."""
        if any(gate.reason is None for gate in self._gates):
            return None
        return (
            "; ".join(f"{gate.relay.shown} {gate.reason}" for gate in self._gates) or "no relay is configured"
        )

    async def warm(self) -> int:
        """Open the connections of the best relays that answer; how many are open now (0: send nothing)."""
        for tier in self._tiers:
            opened = sum(await asyncio.gather(*(gate.warm() for gate in tier)))
            if opened:
                return opened
        return 0

    async def hand_over(self, message: Message, *, may_write: Callable[[], bool]) -> Reply:
        """Send one message; how it ended. With no relay in reach: code 0, phase CONNECT, at once.

        `may_write` is asked when a session is free and again just before the content is written.
        """
        started, tried, refusal = self._now(), set[Gate](), None
        while (gate := self._choose(tried)) is not None:
            async with gate.lent() as session:
                if session is None:
                    tried.add(gate)
                    continue
                if not may_write():
                    return self._nothing_done(started, "the message was taken back", written=False)
                reply = await session.send(message, may_write=may_write)
                if not refuses_us(reply):
                    gate.note(session, reply)
                    if _was_dead(session, reply):
                        continue
                    return reply
            gate.bar(reply)
            tried.add(gate)
            refusal = reply
        return refusal or self._nothing_done(started, self.unavailable_reason or "no relay can be used")

    async def close(self) -> None:
        """Take leave of all relays. Afterwards nothing is handed over."""
        await asyncio.gather(*(gate.close() for gate in self._gates))

    def _choose(self, tried: set[Gate]) -> Gate | None:
        for tier in self._tiers:
            usable = [gate for gate in tier if gate.usable and gate not in tried]
            if usable:
                return min(usable, key=lambda gate: gate.load)
        return None

    def _nothing_done(self, started: datetime, text: str, *, written: bool = True) -> Reply:
        return Reply(
            code=0,
            enhanced=None,
            text=text[:500],
            relay="",
            phase=Phase.CONNECT,
            started=started,
            finished=self._now(),
            written=written,
        )


def _was_dead(session: Session, reply: Reply) -> bool:
    """Whether an idle session turned out to be gone: no answer to MAIL, nothing of the message heard."""
    return reply.code == 0 and reply.phase is Phase.MAIL and session.rests_since > 0
