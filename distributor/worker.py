"""One worker run, from its lock to its end: `serve` until stopped, or `send_due` and return."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from distributor.pipeline.send import Sender
from distributor.store import runs
from distributor.system import System

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def serve(system: System, *, parent: int | None = None) -> Counter[str]:
    """Send until SIGTERM or SIGINT, or until `parent` (a process id) is gone; returns the tally of events."""
    async with _sender(system) as sender:
        watching = asyncio.create_task(_stop_with_parent(sender, parent))
        await sender.serve(open_due=system.open_due)
        watching.cancel()
    return sender.tally


async def serve_until(system: System, *, done: Callable[[], bool], every: float = 0.1) -> Counter[str]:
    """Send until `done()` says so, asked `every` so many seconds; returns the tally of events."""
    async with _sender(system) as sender:
        serving = asyncio.create_task(sender.serve(open_due=system.open_due))
        while not serving.done() and not await asyncio.to_thread(done):
            await asyncio.sleep(every)
        sender.stop()
        await serving
    return sender.tally


async def send_due(system: System) -> Counter[str]:
    """Do all that is due now: stages, then send; waits for nothing that is not due."""
    opened = 0
    for stage in system.stages:
        count = stage()
        opened += count if stage == system.open_due else 0
    async with _sender(system) as sender:
        await sender.drain()
        while not sender.stopping and system.gather():
            before = sender.tally.total()
            await sender.drain()
            if sender.tally.total() == before:
                break
    system.finish()
    return sender.tally + Counter({"opened": opened})


@asynccontextmanager
async def _sender(system: System) -> AsyncIterator[Sender]:
    """A sender with a run and a mailer of its own, both ended properly; signals stop it gently."""
    mailer = system.mailer()
    loop = asyncio.get_running_loop()
    try:
        with runs.started(system.store, now=system.now()) as run:
            sender = system.sender(run=run, mailer=mailer)
            for number in _SIGNALS:
                loop.add_signal_handler(number, sender.stop)
            try:
                yield sender
            finally:
                for number in _SIGNALS:
                    loop.remove_signal_handler(number)
            with system.store.write() as connection:
                if not runs.has_work(connection, id=run.id):
                    runs.ended(connection, id=run.id, now=system.now())
    finally:
        await mailer.close()


async def _stop_with_parent(sender: Sender, parent: int | None) -> None:
    while parent is not None:
        if os.getppid() != parent:
            sender.stop()
            return
        await asyncio.sleep(1)
