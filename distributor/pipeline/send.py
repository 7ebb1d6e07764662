"""Stage: a worker run, from its first look to its stop. It says when; its stream does the work.

It opens no mailout itself and decides nothing about states.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from distributor.errors import Busy
from distributor.mail.tokens import Tokens
from distributor.model.message import Envelope
from distributor.pipeline.compose import House
from distributor.pipeline.ledger import Ledger
from distributor.pipeline.mailer import Mailer
from distributor.pipeline.passes import Passes
from distributor.pipeline.rations import Rations
from distributor.pipeline.relaywatch import RelayWatch
from distributor.pipeline.servicemail import ServicePost
from distributor.pipeline.stream import Stream
from distributor.store import agenda, batches, log
from distributor.store.database import Store
from distributor.store.runs import Lost, Run

WARM_AHEAD = timedelta(seconds=30)
_IN_TIME = timedelta(seconds=2)
_FIRST = timedelta(milliseconds=50)  # that what opens at its instant has for itself
AWAY = "%s Until the database answers nothing is sent."

_log = logging.getLogger(__name__)


@dataclass
class Sender:
    """One worker run at work for the publishers of `houses`, by id. `connections` hand over at once.

    `stop()` lets it end after what it began.

    `zone` is the one in which people are told times.

    `lost`: why the run may not go on although nobody stopped it.
    """

    store: Store
    run: Run
    mailer: Mailer
    houses: Mapping[str, House]
    tokens: Tokens
    now: Callable[[], datetime]
    connections: int
    envelope: Envelope = "verp"
    allow_recipients: Sequence[str] = ()
    zone: str = "UTC"
    stopping: bool = False
    lost: Lost | None = None
    watch: RelayWatch = field(init=False)
    post: ServicePost = field(init=False)
    _ledger: Ledger = field(init=False)
    _stream: Stream | None = None
    _opens: datetime | None = None  # a mailout for which all is ready
    _rehearsed: bool = False
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.watch = RelayWatch(self.store, self.run.id, self.mailer, self.now)
        chain = log.Chain(f"run:{self.run.id}")
        self._ledger = Ledger(self.store, self.run.id, self.tokens.pseudonym, chain)
        self.post = ServicePost(
            self.store,
            self.run.id,
            self.mailer,
            self.houses,
            self.tokens,
            self.allow_recipients,
            self.now,
            Rations(self.store, self.mailer, self.now, self.zone),
        )

    @property
    def tally(self) -> Counter[str]:
        """How many deliveries ended how."""
        return self._ledger.tally

    def stop(self) -> None:
        """No new intents; what has one is finished or handed back."""
        self.stopping = True
        self._wake.set()
        self.post.stop()
        if self._stream is not None:
            self._stream.stop()

    def end(self) -> None:
        """Wait no longer: drop the connections; what has its dot written and no answer is doubtful."""
        self.stop()
        if self._stream is not None:
            self._stream.stop(at_once=True)
        self.mailer.drop()

    async def serve(
        self, *, open_due: Callable[[], object], rehearse: Callable[[], object] = lambda: None
    ) -> None:
        """Send until stopped; `open_due` opens the mailouts whose instant has come.

        `rehearse` is asked once, when one is near.
        """
        async with self._beating(), self.post.beside(), self._streaming() as stream:
            while not (self.stopping or stream.over):
                until = await self._look(stream, open_due)
                await self._get_ready(rehearse)
                await self._rest(until=until)

    async def drain(self) -> None:
        """Send what may go now, then return."""
        if any(await asyncio.to_thread(self._next)) and await self.watch.ready():
            async with self._beating(), self._streaming() as stream:
                stream.look()
                await stream.idle()

    async def drain_post(self) -> None:
        """Hand over the service mail that is due now, then return."""
        async with self._beating():
            await self.post.drain()
            await self.post.close()
        await self.watch.look()

    @asynccontextmanager
    async def _beating(self) -> AsyncIterator[None]:
        """Say each second that the run lives, and stop when it may not go on."""
        beating = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    @asynccontextmanager
    async def _streaming(self) -> AsyncIterator[Stream]:
        passes = Passes(self.store, self.houses, self.tokens, self.envelope, self.allow_recipients)
        rations = Rations(self.store, self.mailer, self.now, self.zone)
        stream = Stream(
            self.mailer, self._ledger, passes, self.watch, rations, self.now, self.connections, self.run
        )
        self._stream = stream
        if self.stopping:
            stream.stop()
        running = asyncio.create_task(stream.run())
        running.add_done_callback(lambda _: self._wake.set())
        try:
            yield stream
        finally:
            stream.stop()
            try:
                await running
            finally:
                self._ledger.close()
            self._stream = None
            with suppress(Busy):
                await asyncio.to_thread(rations.put_back)
            await self.watch.look()

    async def _look(self, stream: Stream, open_due: Callable[[], object]) -> datetime | None:
        """Open what is due and let the stream have what may go; returns when the next thing is due."""
        if await self._at_the_instant(stream, open_due):
            return self.now() + _FIRST
        opens, ready = await asyncio.to_thread(self._next)
        # what was leased early is in nobody else's sight: whoever opens its mailout, it is ours to send
        times = [at for at in (opens, ready, stream.early) if at is not None]
        now = self.now()
        soon = min(times, default=None)
        if soon is None or soon - now > WARM_AHEAD:
            if self.watch.trouble:  # nothing waits; is it over?
                await self.watch.ready()
            else:
                await self.watch.mend()
            return soon
        if soon <= now:  # whether a relay can be reached or not
            await asyncio.to_thread(open_due)
        if await self.watch.ready():
            stream.look(ahead=WARM_AHEAD)
            self._opens = opens
        return min((at for at in times if at > now), default=None)

    async def _get_ready(self, rehearse: Callable[[], object]) -> None:
        """Once, while there is time before an instant: what was done before takes less time."""
        if self._rehearsed or self._opens is None or self._opens - self.now() < _IN_TIME:
            return
        self._rehearsed = True
        with suppress(Busy):  # it was worth a try; the opening itself says so
            await asyncio.to_thread(rehearse)

    async def _at_the_instant(self, stream: Stream, open_due: Callable[[], object]) -> bool:
        """What was made ready for this moment goes before anything else is looked at."""
        opens, self._opens = self._opens, None
        if opens is None or opens > self.now():
            return False
        await asyncio.to_thread(open_due)
        stream.look()
        return True

    def _next(self) -> tuple[datetime | None, datetime | None]:
        """When a mailout is to open, and when a batch may be leased."""
        with self.store.read() as connection:
            return agenda.next_due(connection), batches.next_ready(connection)

    async def _rest(self, *, until: datetime | None) -> None:
        seconds = 1.0 if until is None else min(1.0, max(0.0, (until - self.now()).total_seconds()))
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    async def _beat(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.run.beat, now=self.now())
            except Lost as error:
                _log.warning(AWAY, error)
                self.lost = error
                self.stop()
                return
            await asyncio.sleep(1)
