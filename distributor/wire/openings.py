"""New sessions of one relay, each opened in a task of its own, so that a stop can end it."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from distributor.model.relay import RelayAddress
from distributor.policy.retry import Backoff
from distributor.wire import connect
from distributor.wire.connect import RelayUnavailable
from distributor.wire.session import Session
from distributor.wire.timeouts import Timeouts


@dataclass(frozen=True, slots=True)
class Ways:
    """How sessions are opened and failures paced; the same for all relays of a pool. `jitter()` in [0, 1)."""

    timeouts: Timeouts
    trust: ssl.SSLContext | None
    backoff: Backoff
    jitter: Callable[[], float]
    clock: Callable[[], float]
    now: Callable[[], datetime]


@dataclass(eq=False)
class Openings:
    """What is being opened."""

    relay: RelayAddress
    ways: Ways
    _under_way: set["asyncio.Task[Session]"] = field(default_factory=set)
    _stopped: bool = False

    async def open(self, *, pipelining: bool) -> Session:
        """A new session. Raises RelayUnavailable."""
        opening = asyncio.create_task(
            connect.open(
                self.relay,
                timeouts=self.ways.timeouts,
                trust=self.ways.trust,
                pipelining=pipelining,
                now=self.ways.now,
            )
        )
        self._under_way.add(opening)
        try:
            return await opening
        except asyncio.CancelledError:
            if not self._stopped or (task := asyncio.current_task()) is None or task.cancelling():
                opening.cancel()
                raise
            raise RelayUnavailable(self.relay, connect.Step.CONNECT, reason="we stopped") from None
        finally:
            self._under_way.discard(opening)

    def stop(self) -> None:
        """End what is being opened."""
        self._stopped = True
        for opening in self._under_way:
            opening.cancel()
