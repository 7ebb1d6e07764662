"""A worker from its start to its end: `serve` until stopped, `send_due` and return.

A run ends with its lock; while the database is away there is none, and when it answers again a new one
begins. A stop has limits: hand-overs under way get GRACE seconds, the whole process LIMIT.
"""

import asyncio
import logging
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from distributor.errors import Busy
from distributor.pipeline.send import AWAY, Sender
from distributor.store import batches, runs
from distributor.system import System

GRACE = 5.0  # seconds from a stop until the connections of what is under way are dropped
LIMIT = 15.0  # seconds from a stop until the process ends although something hangs
LOOK = 0.2  # seconds between two looks of somebody who watches
AGAIN = 1.0  # seconds until a database that did not answer is asked again

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_HUNG = "ended although something still hung"
_AT_ONCE = "ends at once"
_DOUBT = "“distributor doubt list” names what was under way"

_log = logging.getLogger(__name__)

Watch = Callable[[Counter[str], int], None]


@dataclass
class Stop:
    """The end of this process, asked for by a signal or by its parent's death. Asked twice: at once."""

    sender: Sender | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self) -> None:
        loop = asyncio.get_running_loop()
        if self.asked.is_set():
            print(f"distributor: {_AT_ONCE}; {_DOUBT}", file=sys.stderr, flush=True)
            self._end()
            loop.call_later(AGAIN, _leave)
            return
        self.asked.set()
        if self.sender is not None:
            self.sender.stop()
        loop.call_later(GRACE, self._end)
        loop.call_later(LIMIT, _leave)

    def _end(self) -> None:
        if self.sender is not None:
            self.sender.end()


async def serve(system: System, *, parent: int | None = None) -> Counter[str]:
    """Send until SIGTERM or SIGINT, or until `parent` (a process id) is gone; returns the tally of events.

    Raises Busy when the database does not answer at the end.
    """
    tally: Counter[str] = Counter()
    away: Busy | None = None
    async with _stopping() as stop:
        watching = asyncio.create_task(_stop_with_parent(stop, parent))
        while not stop.asked.is_set():
            away = await _one_run(system, stop, tally, after=away)
            if away is not None:
                await _wait(stop, AGAIN)
        watching.cancel()
    if away is not None:
        raise away
    return tally


async def _one_run(system: System, stop: Stop, tally: Counter[str], *, after: Busy | None) -> Busy | None:
    """One run to its end; why it ended unasked. `after`: why the last one did: told once."""
    away: Busy | None
    told = after is not None
    try:
        async with _sender(system, stop) as sender:
            if told:
                _log.info("the database answers again: run %d", sender.run.id)
            told = False
            try:
                await sender.serve(open_due=system.open_due, rehearse=system.rehearse)
            finally:
                told = sender.lost is not None  # the sender said it: what it knows may keep it a while
        tally.update(sender.tally)
        away = sender.lost
    except Busy as error:
        away = error
    if away is not None and not told:
        _log.warning(AWAY, away)
    return away


async def serve_until(system: System, *, done: Callable[[], bool], every: float = 0.1) -> Counter[str]:
    """Send until `done()` says so, asked `every` so many seconds; returns the tally of events."""
    async with _stopping() as stop, _sender(system, stop) as sender:
        serving = asyncio.create_task(sender.serve(open_due=system.open_due, rehearse=system.rehearse))
        while not serving.done() and not await asyncio.to_thread(done):
            await asyncio.sleep(every)
        sender.stop()
        await serving
    return sender.tally


async def send_due(system: System, *, watch: Watch | None = None) -> Counter[str]:
    """Do all that is due now: stages, then send; waits for nothing that is not due.

    `watch` is told the tally and how many there are, a few times a second.
    """
    opened = 0
    system.hold_what_was_left()
    for stage in system.stages:
        count = stage()
        opened += count if stage == system.open_due else 0
    async with _stopping() as stop, _sender(system, stop) as sender, _watched(system, sender, watch):
        await sender.drain()
        while not sender.stopping and (system.gather() or _ready(system)):
            before = sender.tally.total()
            await sender.drain()
            if sender.tally.total() == before:
                break
        system.finish()
        system.tell()
        await sender.drain_post()
        while not sender.stopping and await asyncio.to_thread(system.post) > 0:
            continue
    return sender.tally + Counter({"opened": opened})


@asynccontextmanager
async def _watched(system: System, sender: Sender, watch: Watch | None) -> AsyncIterator[None]:
    """Somebody looks on for the length of the block."""
    if watch is None:
        yield
        return
    total = _ready(system)
    looking = asyncio.create_task(_look_on(sender, watch, total))
    try:
        yield
    finally:
        looking.cancel()
        watch(sender.tally, total)


def _ready(system: System) -> int:
    """How many deliveries may go now: an officer's notice may have come while others went."""
    with system.store.read() as connection:
        return batches.ready(connection, now=system.now())


async def _look_on(sender: Sender, watch: Watch, total: int) -> None:
    while True:
        watch(sender.tally, total)
        await asyncio.sleep(LOOK)


@asynccontextmanager
async def _stopping() -> AsyncIterator[Stop]:
    """Signals ask for a stop for the length of the block."""
    stop, loop = Stop(), asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.ask)
    try:
        yield stop
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


@asynccontextmanager
async def _sender(system: System, stop: Stop) -> AsyncIterator[Sender]:
    """A sender with a run and a mailer of its own, both ended properly."""
    mailer = system.mailer()
    try:
        system.hold_what_was_left()
        asleep, machine = system.rules.shortest_limit, system.machine
        with runs.started(system.store, now=system.now(), asleep=asleep, machine=machine) as run:
            sender = stop.sender = system.sender(run=run, mailer=mailer)
            if stop.asked.is_set():
                sender.stop()
            try:
                yield sender
            finally:
                stop.sender = None
            with system.store.write() as connection:
                if not runs.has_work(connection, id=run.id):
                    runs.ended(connection, id=run.id, now=system.now())
    finally:
        await mailer.close()
        mailer.drop()  # what an error left under way


async def _stop_with_parent(stop: Stop, parent: int | None) -> None:
    while parent is not None and os.getppid() == parent:
        await asyncio.sleep(1)
    if parent is not None:
        stop.ask()


async def _wait(stop: Stop, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.asked.wait(), seconds)
    except TimeoutError:
        return


def _leave() -> None:
    print(f"distributor: {_HUNG}; {_DOUBT}", file=sys.stderr, flush=True)
    os._exit(1)
