"""One worker run's work without end: lease → compose → intents → hand-over → answers, group by group.

Groups are fired by what happens (`Flow.news`), never by a bare clock. It opens no mailout and knows no time
to come: its sender wakes it with `look` when there is something to lease.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from distributor.errors import Busy
from distributor.pipeline.flow import Flow
from distributor.pipeline.group import Answer, Group, Written
from distributor.pipeline.ledger import Ledger
from distributor.pipeline.mailer import Mailer
from distributor.pipeline.passes import Found, Passes
from distributor.pipeline.rations import Rations
from distributor.pipeline.relaywatch import RelayWatch
from distributor.store.batches import Lease
from distributor.store.runs import Run

_FEW = 64  # deliveries that wait: below that another batch is leased
_DATABASE = 0.5  # seconds until a database that did not answer is asked again

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass
class Stream:
    """`connections` sessions of `mailer` hand over what `passes` compose and `ledger` grants."""

    mailer: Mailer
    ledger: Ledger
    passes: Passes
    watch: RelayWatch
    rations: Rations
    now: Callable[[], datetime]
    connections: int
    worker: Run | None = None
    flow: Flow = field(init=False)
    over: bool = False
    _stopping: bool = False
    _given_up: bool = False
    _dry: bool = True
    _ahead: timedelta = timedelta(0)
    _reading: asyncio.Task[None] | None = None  # of the batch that was leased last
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.flow = Flow(connections=self.connections, now=self.now)

    def look(self, *, ahead: timedelta = timedelta(0)) -> None:
        """There may be something to lease, and a relay to hand it over to.

        `ahead`: a batch of what opens so soon may be leased and composed, so that it is ready at its instant.
        """
        self.passes.open(now=self.now())
        self._ahead, self._dry = ahead, False
        self.flow.reachable = True
        self._idle.clear()
        self.flow.wake()

    @property
    def early(self) -> datetime | None:
        """The instant of the batch that was leased early."""
        return self.passes.early.due if self.passes.early else None

    async def idle(self) -> None:
        """Until nothing is under way and nothing more was to be had."""
        await self._idle.wait()

    def stop(self, *, at_once: bool = False) -> None:
        """No new intents; what is in a session's hands ends. `at_once`: nor wait for the database."""
        self._stopping, self._given_up = True, self._given_up or at_once
        self.flow.wake()

    async def run(self) -> None:
        """Work until stopped. Raises Busy when the database does not answer and waiting is of no use."""
        pumps = [asyncio.create_task(self._pump()) for _ in range(self.connections)]
        try:
            while not self.over:
                await self._turn()
        except BaseException:
            self.mailer.drop()  # nobody would write what it is told
            raise
        finally:
            self.over = True
            self.flow.close()
            self._idle.set()
            reading = [self._reading] if self._reading else []
            for one in reading:
                one.cancel()
            await asyncio.gather(*pumps)
            await asyncio.gather(*reading, return_exceptions=True)  # as it was cancelled, or told before

    async def _pump(self) -> None:
        try:
            while await self.flow.more():
                await self.mailer.carry(self.flow)
        except Exception as error:
            self.flow.fail(error)

    async def _turn(self) -> None:
        """Write a group if there is anything to write, then wait for the next."""
        if self.flow.failure is not None:
            raise self.flow.failure
        await self._ration()
        group = self._group()
        if not group.empty:
            await self._take(await self._written(group), group)
        elif not (self.flow.under_way or self._paced or self._reading):
            self._idle.set()
            self.over = self._stopping
        if not self.over and (group.empty or (self._going and self.flow.under_way)):
            await self._news()

    async def _news(self) -> None:
        """Wait for the next; meanwhile what will be asked for is composed."""
        while not self.flow.stirred and self._meanwhile():
            await asyncio.sleep(0)
        await self.flow.news(within=self.rations.wait if self._paced else None)

    async def _ration(self) -> None:
        """What the relays' limits let out is taken before there is an intent for it."""
        if self._going and self.passes.waiting:
            await self.rations.fill(need=len(self.passes.waiting))
            self.flow.reachable = self.mailer.room != 0 or bool(self.mailer.rations)

    async def _take(self, written: Written, group: Group) -> None:
        """Go on from what was written."""
        self.flow.renew(group.late, granted=written.renewed, intended=written.intended)
        self.flow.grant(written.granted, intended=written.intended)
        for batch_id in group.closing:
            _log.info("batch %d is done; so far %s", batch_id, told(self.ledger.tally))
        await self._heard(group.answers)
        self._dry = self._dry or (group.lease and written.lease is None)
        if written.lease is not None:
            self._reading = asyncio.create_task(self._begin(written.lease))
            self._reading.add_done_callback(self._begun)
        elif group.lease or group.hopeless:
            self.flow.wake()  # more may be written at once

    async def _begin(self, lease: Lease) -> None:
        """What was leased before goes on meanwhile: a database far away takes its time."""
        self.passes.begin(await self._patiently(partial(self._read, lease)), now=self.now())
        if self.passes.early is not None:
            await asyncio.to_thread(self.passes.compose_ahead)

    def _begun(self, reading: asyncio.Task[None]) -> None:
        self._reading = None
        if not reading.cancelled() and (error := reading.exception()) is not None:
            self.flow.fail(error)
        self.flow.wake()

    async def _read(self, lease: Lease) -> Found:
        """As the ledger writes: SQLite is asked in the loop, which costs less than another thread."""
        if self.passes.store.is_sqlite:
            return self.passes.read(lease)
        return await asyncio.to_thread(self.passes.read, lease)

    @property
    def _going(self) -> bool:
        asleep = self.worker is not None and self.worker.asleep
        return self.flow.reachable and not self._stopping and not asleep

    @property
    def _paced(self) -> bool:
        """What waits waits for a relay's rate."""
        return self._going and bool(self.passes.waiting) and self.mailer.room == 0

    @property
    def _room(self) -> int:
        """How many intents may be written now: for each there is a place in a session and in a rate."""
        let_out = self.mailer.room
        return self.flow.room if let_out is None else max(0, min(self.flow.room, let_out - self.flow.ready))

    def _group(self) -> Group:
        """What is to be written now."""
        if not self._going:
            self.flow.take_back()
        answers = self.flow.answers()
        for answer in answers:
            self.passes.ended(answer.candidate.delivery)
        if not self._going:
            freeing = [] if self.flow.under_way or self._reading else self.passes.unfinished()
            return Group(answers=answers, closing=self.passes.over(), freeing=freeing)
        candidates, hopeless = self.passes.compose(self._room)
        for delivery, _ in hopeless:
            self.passes.ended(delivery)
        return Group(
            answers=answers,
            late=self.flow.late(),
            candidates=candidates,
            hopeless=hopeless,
            closing=self.passes.over(),
            lease=not (self._dry or self._reading) and len(self.passes.waiting) < _FEW,
            ahead=self._ahead if self.passes.early is None else timedelta(0),
        )

    async def _written(self, group: Group) -> Written:
        """Write it. While the database does not answer nothing is handed over, and the answers are kept."""
        write = partial(self.ledger.write, group, meanwhile=self._meanwhile)
        written = await self._patiently(lambda: write(now=self.now()), keep=group.answers)
        if len(written.granted) < len(group.candidates):
            granted = {candidate.delivery.id for candidate in written.granted}
            for candidate in group.candidates:
                if candidate.delivery.id not in granted:
                    self.passes.ended(candidate.delivery)
        return written

    def _meanwhile(self) -> bool:
        """While something is waited for: compose what is next. Whether it may go is asked later."""
        return self.flow.reachable and not self._stopping and self.passes.compose_some()

    async def _patiently(self, ask: Callable[[], Awaitable[T]], *, keep: Sequence[Answer] = ()) -> T:
        while True:
            try:
                return await ask()
            except Busy:
                if self._given_up or (self._stopping and not (keep or self.flow.under_way)):
                    raise
                await asyncio.sleep(_DATABASE)

    async def _heard(self, answers: Sequence[Answer]) -> None:
        by_mailout: dict[int, list[Answer]] = {}
        for answer in answers:
            by_mailout.setdefault(answer.candidate.delivery.mailout_id, []).append(answer)
        for mailout_id, some in by_mailout.items():
            await self.watch.heard(mailout_id, some)


def told(tally: dict[str, int]) -> str:
    """ "12 accept, 1 defer"."""
    return ", ".join(f"{number} {event}" for event, number in sorted(tally.items())) or "nothing"
