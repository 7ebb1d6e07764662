"""The way to one relay: its sessions, idle and lent, and whether it is worth trying now.

A relay that cannot be reached is left alone for a while that doubles (`policy.retry.pass_over`); then one
try at a time. It is `barred`, its idle sessions dropped, when it refuses us or when more sessions broke
in a row than it may have. A relay that only refuses *more* connections keeps those it gave. Until its day's
limit lets more out it is passed over.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from distributor.model.message import Phase, Reply
from distributor.model.relay import RelayAddress
from distributor.policy.retry import pass_over
from distributor.wire.aside import Aside
from distributor.wire.connect import RelayUnavailable
from distributor.wire.openings import Openings, Ways
from distributor.wire.ration import Ration
from distributor.wire.session import Session

RESTED = 5.0  # seconds after which an idle session is asked whether it still lives
_CLOSING = 421
_OPEN = float("-inf")


@dataclass(eq=False)
class Gate:
    """`reason`: why it is not used, until it works again. `refusals`: how often it has refused us."""

    relay: RelayAddress
    ways: Ways
    ration: Ration
    reason: str | None = None
    refuses_us: bool = False
    refusals: int = 0
    idle: list[Session] = field(default_factory=list)
    lent_out: int = 0
    seeking: int = 0  # messages that wait for a session
    _opening: int = 0
    _waiting: int = 0
    _closed_until: float = _OPEN
    _failures: int = 0
    _broken: int = 0
    _strikes: int = 0
    _pipelining: bool = True
    _finished: bool = False
    _openings: Openings = field(init=False)
    _sessions: set[Session] = field(default_factory=set)
    _warming: Aside = field(init=False)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._openings = Openings(self.relay, self.ways)
        self._warming = Aside(enough=lambda: self.open_now > 0)

    @property
    def open_now(self) -> int:
        """Sessions, lent or idle."""
        return sum(session.alive for session in self.idle) + self.lent_out

    @property
    def usable(self) -> bool:
        """Whether a message may be given to it: nothing speaks against a try, or some sessions work."""
        if self._finished or (self.ration.until is not None and self.ration.used_up):
            return False
        return self._closed_until == _OPEN or not self._shut or (self._strikes == 0 and self.open_now > 0)

    @property
    def ready(self) -> bool:
        """Whether a message may be given to it now, by its rate too."""
        return self.usable and self.ration.open

    @property
    def why_not(self) -> str | None:
        """Why it takes no mail now, for people; None: it does."""
        return self.ration.used_up or self.failing

    @property
    def failing(self) -> str | None:
        """Why it fails, for people; None: nothing is known against it."""
        return f"{self.relay.shown} {self.reason}" if self.reason else None

    @property
    def finished(self) -> bool:
        """Whether it was closed, or dropped."""
        return self._finished

    @property
    def load(self) -> float:
        """How many messages it has before it for each of its connections."""
        return (self.lent_out + self._opening + self._waiting) / self.relay.connections

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[Session | None]:
        """A session for one message, None when the relay gives none. Waits for a free one."""
        self.seeking += 1
        try:
            session = await self._take()
        finally:
            self.seeking -= 1
        if session is None:
            yield None
            return
        self.lent_out += 1
        try:
            yield session
        finally:
            self.lent_out -= 1
            self._keep(session)

    async def warm(self) -> int:
        """Open what is missing, ask those that rested; returns how many sessions are open (to be used).

        What keeps silent is waited for only while nothing else is open.
        """
        if self.ration.used_up:
            return 0
        rested = [session for session in self.idle if session.alive and self._rested(session)]
        self.idle = [session for session in self.idle if session.alive and session not in rested]
        await self._warming.wait(self._look_at(session) for session in rested)
        if not self.open_now:  # a relay that does not answer is asked once, not `connections` times
            await self._add()
        missing = self.relay.connections - self.open_now - self._opening
        if self.open_now and missing > 0:
            await self._warming.wait(self._add() for _ in range(missing))
        return self.open_now if self.usable else 0

    def note(self, session: Session, reply: Reply) -> None:
        """Learn from how a hand-over ended."""
        self._pipelining = self._pipelining and not session.disorderly
        if not reply.written:
            return
        if reply.code in (0, _CLOSING) and not session.alive:
            self._broken += 1
            if self._broken > self.relay.connections:
                self.bar(reply)
        elif reply.phase in (Phase.DATA, Phase.DOT):  # it went through a transaction: it works
            self._broken = self._strikes = 0
            self.reason, self.refuses_us = None, False

    def bar(self, reply: Reply, *, refuses_us: bool = False) -> None:
        """Do not use it for a while: it refuses us, or all its sessions break."""
        self._strikes += 1
        self._refused(refuses_us)
        self._close(f"at {reply.phase.value.upper()}: {reply.shown}", failures=self._strikes)
        for session in self.idle:
            session.drop("the relay is not used for a while")
        self.idle.clear()

    async def close(self) -> None:
        """Take leave of the idle sessions; those lent are dropped when they come back."""
        self._finished = True
        leaving, self.idle = self.idle, []
        self._wake()
        self._openings.stop()
        await asyncio.gather(self._warming.over(), *(session.quit() for session in leaving))

    def drop(self) -> None:
        """End at once what is lent, idle, or being opened. Afterwards nothing is handed over."""
        self._finished = True
        for session in self._sessions:
            session.drop("we stopped before it answered")
        self._openings.stop()
        self._wake()

    def _refused(self, refuses_us: bool) -> None:
        self.refuses_us = refuses_us
        self.refusals += refuses_us

    @property
    def _shut(self) -> bool:
        return self._closed_until != _OPEN and self.ways.clock() < self._closed_until

    async def _take(self) -> Session | None:
        while self.usable:
            if self.idle:
                session = self.idle.pop()
                if await self._sound(session):
                    return session
            elif self._shut or self.open_now + self._opening >= self.relay.connections:
                await self._wait()
            else:
                opened = await self._open()
                if opened is not None:
                    return opened
        return None

    async def _wait(self) -> None:
        """Until something changes here."""
        self._waiting += 1
        try:
            await self._changed.wait()
        finally:
            self._waiting -= 1

    async def _sound(self, session: Session) -> bool:
        """Whether an idle session may be used. While it is asked it counts as being opened."""
        if not session.alive or not self._rested(session):
            return session.alive
        self._opening += 1
        try:
            return await session.check()
        finally:
            self._opening -= 1
            self._wake()

    def _rested(self, session: Session) -> bool:
        return self.ways.clock() - session.rests_since >= RESTED

    async def _look_at(self, session: Session) -> None:
        if await self._sound(session):
            self._keep(session)

    async def _add(self) -> None:
        if not self._shut and self.open_now + self._opening < self.relay.connections:
            session = await self._open()
            if session is not None:
                self._keep(session)

    async def _open(self) -> Session | None:
        failures = self._failures
        if failures:  # a probe: nobody else tries while this one does
            self._close(self.reason or "", failures=failures)
        self._opening += 1
        try:
            session = await self._openings.open(pipelining=self._pipelining)
        except RelayUnavailable as error:
            if self._failures == failures:  # those that were tried together fail once
                self._failures += 1
                if not self.open_now:
                    self._refused(error.refuses_us)
                self._close(error.reason, failures=self._failures)
            return None
        finally:
            self._opening -= 1
            self._wake()
        self._sessions = {one for one in self._sessions if one.alive} | {session}
        self._failures, self._closed_until = 0, _OPEN
        if not self._strikes:
            self.reason, self.refuses_us = None, False
        return session

    def _close(self, reason: str, *, failures: int) -> None:
        wait = pass_over(failures=failures, jitter=self.ways.jitter(), backoff=self.ways.backoff)
        self._closed_until = self.ways.clock() + wait.total_seconds()
        self.reason = None if self.open_now and not self._strikes else reason
        self._wake()

    def _keep(self, session: Session) -> None:
        if session.alive and (self._finished or (self._strikes and self._shut)):
            session.drop("it is not used any more")
        if session.alive:
            new, session.rests_since = not session.rests_since, self.ways.clock()
            self.idle.insert(0 if new else len(self.idle), session)  # what has proved itself is taken first
        self._wake()

    def _wake(self) -> None:
        if self._waiting:
            self._changed.set()
            self._changed = asyncio.Event()
