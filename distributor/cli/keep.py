"""Keeps the sender processes of `run` at work, and ends them in time.

One that ends is named with its exit code and started again after a pause. It sends nothing itself.
"""

import asyncio
import logging
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

PARENT = "DISTRIBUTOR_PARENT"
PATIENCE = 20.0  # seconds a sender may take to end: more than it allows itself

_SHORT = 5.0  # seconds: a sender that ends sooner has something wrong with it
_LONGEST_PAUSE = 30.0

_log = logging.getLogger(__name__)


@dataclass
class Senders:
    """Senders started by `command`, each in a session of its own: a terminal's Ctrl-C reaches only us."""

    command: Sequence[str]
    patience: float = PATIENCE
    _kept: list["asyncio.Task[None]"] = field(default_factory=list)
    _alive: set[asyncio.subprocess.Process] = field(default_factory=set)
    _ending: "asyncio.Task[None] | None" = None

    def start(self, number: int) -> None:
        """Keep so many at work."""
        self._kept += [asyncio.create_task(self._keep()) for _ in range(number)]

    def stop(self) -> "asyncio.Task[None]":
        """End them gently, those that do not end within `patience` by force; done when all have ended."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())
        return self._ending

    def kill(self) -> None:
        """End them at once; what they had under way is doubtful."""
        for sender in self._alive:
            with suppress(ProcessLookupError):
                sender.kill()

    async def _end(self) -> None:
        for kept in self._kept:
            kept.cancel()
        await asyncio.gather(*self._kept, return_exceptions=True)

    async def _keep(self) -> None:
        pause = 0.0
        while True:
            began = time.monotonic()
            code = await self._one()
            pause = _pause(pause, lived=time.monotonic() - began)
            _log.warning("a sender ended with exit code %d; it is started again in %.0f s", code, pause)
            await asyncio.sleep(pause)

    async def _one(self) -> int:
        """Run a sender to its end, which a cancellation brings about; returns its exit code."""
        environment = os.environ | {PARENT: str(os.getpid())}
        sender = await asyncio.create_subprocess_exec(*self.command, env=environment, start_new_session=True)
        self._alive.add(sender)
        try:
            return await sender.wait()
        except asyncio.CancelledError:
            await self._ended(sender)
            raise
        finally:
            self._alive.discard(sender)

    async def _ended(self, sender: asyncio.subprocess.Process) -> None:
        with suppress(ProcessLookupError):
            sender.terminate()
        try:
            await asyncio.wait_for(sender.wait(), self.patience)
        except TimeoutError:
            _log.error("a sender did not end within %.0f s and was killed", self.patience)
            self.kill()
            await sender.wait()


def _pause(before: float, *, lived: float) -> float:
    """Seconds until the next start: 1, and twice as long as `before` each time a sender hardly lived."""
    return min(max(1.0, before * 2), _LONGEST_PAUSE) if lived < _SHORT else 1.0
