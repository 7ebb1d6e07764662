"""Sessions with the relays: opened ahead, lent for one message each, replaced when they break.

The relay with the lowest priority number that can be reached is used. While none can be reached, each is
tried at most once in ten seconds. It retries no message.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from distributor.model.message import Message, Phase, Reply
from distributor.model.relay import RelayAddress
from distributor.wire.connect import RelayUnavailable, Timeouts, connect
from distributor.wire.session import Session

PROBE = 10.0  # seconds between two tries of a relay that did not answer
IDLE = 30.0  # seconds after which a session is asked whether it lives


class Pool:
    """Up to `connections` sessions with each relay, best relay first."""

    def __init__(self, relays: Sequence[RelayAddress], *, timeouts: Timeouts | None = None) -> None:
        self._relays = sorted(relays, key=lambda relay: relay.priority)
        self._timeouts = timeouts or Timeouts()
        self._idle: dict[str, list[Session]] = {relay.name: [] for relay in relays}
        self._lent: dict[str, int] = dict.fromkeys(self._idle, 0)
        self._closed_until: dict[str, float] = dict.fromkeys(self._idle, float("-inf"))
        self._reasons: dict[str, str] = {}
        self._freed = asyncio.Condition()

    @property
    def unavailable_reason(self) -> str | None:
        """Why no relay can be reached now, or None."""
        if any(not self._shut(relay) for relay in self._relays):
            return None
        return "; ".join(f"{name}: {reason}" for name, reason in self._reasons.items())

    async def warm(self) -> int:
        """Open what is missing of the best relay that answers; returns how many sessions are open."""
        for relay in self._relays:
            missing = relay.connections - len(self._idle[relay.name]) - self._lent[relay.name]
            if not self._shut(relay) and missing > 0:
                await asyncio.gather(*(self._add(relay) for _ in range(missing)))
            opened = len(self._idle[relay.name]) + self._lent[relay.name]
            if opened:
                return opened
        return 0

    async def hand_over(self, message: Message, *, may_write: Callable[[], bool]) -> Reply:
        """Send one message over a free session; with no relay in reach a Reply that says so."""
        started = datetime.now(UTC)
        relay, session = await self._borrow()
        if session is None:
            return Reply(
                code=0,
                enhanced=None,
                text=self.unavailable_reason or "no relay answers",
                relay="",
                phase=Phase.CONNECT,
                started=started,
                finished=datetime.now(UTC),
            )
        try:
            return await session.hand_over(message, may_write=may_write)
        finally:
            await self._return(relay, session)

    async def close(self) -> None:
        """Say goodbye to all idle sessions."""
        sessions = [session for idle in self._idle.values() for session in idle]
        for idle in self._idle.values():
            idle.clear()
        await asyncio.gather(*(session.close() for session in sessions))

    def _shut(self, relay: RelayAddress) -> bool:
        return asyncio.get_running_loop().time() < self._closed_until[relay.name]

    async def _add(self, relay: RelayAddress) -> None:
        session = await self._open(relay)
        if session is not None:
            self._idle[relay.name].append(session)

    async def _open(self, relay: RelayAddress) -> Session | None:
        try:
            session = await connect(relay, timeouts=self._timeouts)
        except RelayUnavailable as error:
            self._reasons[relay.name] = error.reason
            if not (self._idle[relay.name] or self._lent[relay.name]):
                self._closed_until[relay.name] = asyncio.get_running_loop().time() + PROBE
            return None
        self._reasons.pop(relay.name, None)
        self._closed_until[relay.name] = float("-inf")
        return session

    async def _borrow(self) -> tuple[RelayAddress, Session | None]:
        for relay in self._relays:
            session = await self._from(relay)
            if session is not None:
                return relay, session
        return self._relays[0], None

    async def _from(self, relay: RelayAddress) -> Session | None:
        async with self._freed:
            while self._lent[relay.name] >= relay.connections:
                await self._freed.wait()
            self._lent[relay.name] += 1
        session = await self._fresh(relay)
        if session is None:
            await self._release(relay)
        return session

    async def _fresh(self, relay: RelayAddress) -> Session | None:
        while self._idle[relay.name]:
            session = self._idle[relay.name].pop()
            rested = asyncio.get_running_loop().time() - session.used_at
            if session.usable and (rested < IDLE or await session.alive()):
                return session
            await session.close()
        return None if self._shut(relay) else await self._open(relay)

    async def _return(self, relay: RelayAddress, session: Session) -> None:
        if session.usable:
            self._idle[relay.name].append(session)
        await self._release(relay)

    async def _release(self, relay: RelayAddress) -> None:
        async with self._freed:
            self._lent[relay.name] -= 1
            self._freed.notify()
