"""Hands messages to relays: the best relay that can be reached, over sessions that are kept open.

Relays with the lowest `priority` number first; equal ones share the load; the next when none of those
gives a session, takes our mail, or has anything left of its day. A rate is waited for (`rations`). A message
of which a relay has heard more than MAIL is never repeated here: that is decided elsewhere, from the Reply.
"""

import asyncio
import random
import re
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from distributor.model.message import Load, Message, Phase, Reply, Single, Told
from distributor.model.pacing import Limits
from distributor.model.relay import RelayAddress
from distributor.policy.replies import refuses_us
from distributor.policy.retry import RELAY, Backoff
from distributor.wire.gate import Gate
from distributor.wire.openings import Ways
from distributor.wire.ration import Ration
from distributor.wire.session import Session
from distributor.wire.timeouts import Timeouts, utc

_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")  # relays like to repeat the one they refuse


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
            [Gate(relay, ways, _ration(relay, now)) for relay in tier]
            for _, tier in groupby(ordered, key=lambda r: r.priority)
        ]
        self._gates = [gate for tier in self._tiers for gate in tier]

    @property
    def unavailable_reason(self) -> str | None:
        """Why no relay takes our mail, or None. It stays until one works again. No address is in it."""
        said = [gate.why_not for gate in self._gates]
        if None in said:
            return None
        return "; ".join(_ADDRESS.sub("…", one or "") for one in said) or "no relay is configured"

    @property
    def health(self) -> dict[str, str | None]:
        """Of each relay that was tried: why it fails, or None where it works. Nothing once it is all over."""
        if any(gate.finished for gate in self._gates):
            return {}
        tried = (gate for gate in self._gates if gate.reason or gate.open_now)
        return {gate.relay.name: _ADDRESS.sub("…", gate.failing or "") or None for gate in tried}

    @property
    def refusals(self) -> int:
        """How often relays have refused us for good, while every one of them does; else 0.

        It grows with each new try that is refused. Such a refusal concerns all our mail, and no recipient.
        """
        if not self._gates or not all(gate.refuses_us for gate in self._gates):
            return 0
        return sum(gate.refusals for gate in self._gates)

    @property
    def rations(self) -> list[Ration]:
        """Those of the relays to be used now that have limits: whoever hands over fills them."""
        return [gate.ration for gate in self._in_use() if gate.ration.limits]

    @property
    def room(self) -> int | None:
        """How many more messages may be begun now by the relays' limits; None: any number."""
        if self._gates and all(gate.ration.used_up for gate in self._gates):
            return 0
        gates = self._in_use()
        if not gates or not all(gate.ration.limits for gate in gates):
            return None
        return max(0, sum(gate.ration.left for gate in gates) - sum(gate.seeking for gate in self._gates))

    @property
    def unused(self) -> list[Ration]:
        """The rations of which something is left."""
        return [gate.ration for gate in self._gates if gate.ration.left]

    async def warm(self) -> int:
        """Open the connections of the best relays that answer; how many are open now (0: send nothing)."""
        for tier in self._tiers:
            opened = sum(await asyncio.gather(*(gate.warm() for gate in tier)))
            if opened:
                return opened
        return 0

    async def mend(self) -> None:
        """Try again the relays that fail, as far as their pauses let us."""
        await asyncio.gather(*(gate.warm() for gate in self._gates if gate.reason))

    async def carry(self, load: Load) -> None:
        """Hand over what `load` gives, over one session at a time, until it gives no more.

        Call it once for each connection that shall be used. With no relay in reach a message ends with code
        0, phase CONNECT, at once. `load.may_write` is asked when a session is free and again just before
        the content is written.
        """
        while (message := load.take()) is not None:
            await self._carry(message, load)

    async def hand_over(self, message: Message, *, may_write: Callable[[], bool]) -> Reply:
        """Send one message, whatever the limits; how it ended, as `carry` says."""
        one = Single(message, may_write)
        for gate in self._gates:
            gate.ration.allow(1)
        await self.carry(one)
        for gate in self._gates:
            gate.ration.take()
        return one.reply or self._nothing_done(self._now(), "no relay can be used")

    async def _carry(self, message: Message, load: Load) -> None:
        """Find a session for `message`; it goes on with what `load` gives after it."""
        started, tried, reply, lacking = self._now(), set[Gate](), None, set[Gate]()
        while (gate := self._choose(tried)) is not None:
            async with gate.lent() as session:
                if session is None or not gate.ration.take():
                    tried.add(gate)
                    continue
                if not load.may_write(message):
                    gate.ration.put_back()
                    taken_back = self._nothing_done(started, "the message was taken back", written=False)
                    return load.done(message, taken_back)
                first, rested = message, session.rests_since > 0
                left = await session.carry(message, _Noted(load, gate, session, self._better(gate)))
            if left is None:
                return None
            if left.message is not message:  # what the one before it could not use, it may
                tried -= lacking
                lacking.clear()
            message, reply = left.message, left.reply
            if left.beyond:
                gate.ration.put_back()
                lacking.add(gate)
                tried.add(gate)
                continue
            if refuses_us(reply):
                gate.bar(reply, refuses_us=True)
                tried.add(gate)
                continue
            if message is first:  # of a rider's broken session its relay has heard already
                gate.note(session, reply)
            if message is first and not rested:
                break  # a new session broke at its first message: it may be this message that breaks it
            reply = None
        return load.done(message, self._end(reply, started, lacking))

    def _end(self, reply: Reply | None, started: datetime, lacking: set[Gate]) -> Reply:
        """How it ends when no relay has taken the message."""
        if reply is not None and lacking and lacking < set(self._gates):
            words = f"{reply.text}; those that may offer it cannot be reached now"
            return reply._replace(code=451, enhanced="4.6.7", text=words)
        if reply is not None:
            return reply
        if any(gate.usable and not gate.ration.open for gate in self._gates):
            return self._nothing_done(started, "the relay’s rate lets no more out now", written=False)
        return self._nothing_done(started, self.unavailable_reason or "no relay can be used")

    async def close(self) -> None:
        """Take leave of all relays. Afterwards nothing is handed over."""
        await asyncio.gather(*(gate.close() for gate in self._gates))

    def drop(self) -> None:
        """End all conversations at once: what has its dot written stays in doubt, the rest is handed back."""
        for gate in self._gates:
            gate.drop()

    def _choose(self, tried: set[Gate]) -> Gate | None:
        for tier in self._tiers:
            usable = [gate for gate in tier if gate.ready and gate not in tried]
            if usable:
                return min(usable, key=lambda gate: gate.load)
        return None

    def _in_use(self) -> list[Gate]:
        """The best relays that are usable, whatever their rate lets out."""
        tiers = ([gate for gate in tier if gate.usable] for tier in self._tiers)
        return next((tier for tier in tiers if tier), [])

    def _better(self, gate: Gate) -> list[Gate]:
        """The relays that are to be used rather than this one, when they can be."""
        return [one for tier in self._tiers for one in tier if one.relay.priority < gate.relay.priority]

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


def _ration(relay: RelayAddress, now: Callable[[], datetime]) -> Ration:
    return Ration(Limits(relay.name, relay.rate, relay.daily), now)


@dataclass
class _Noted:
    """A load on its way through one session: its relay learns from each end, and gets no more than it can."""

    load: Load
    gate: Gate
    session: Session
    better: Sequence[Gate]
    may_write: Callable[[Message], bool] = field(init=False)
    ask: Callable[[Message, Told], None] = field(init=False)

    def __post_init__(self) -> None:
        self.may_write, self.ask = self.load.may_write, self.load.ask

    def take(self) -> Message | None:
        if not self.gate.ready or (self.better and any(gate.ready for gate in self.better)):
            return None
        message = self.load.take()
        if message is not None:
            self.gate.ration.take()
        return message

    def done(self, message: Message, reply: Reply) -> None:
        self.gate.note(self.session, reply)
        self.load.done(message, reply)
