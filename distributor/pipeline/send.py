"""Stage: a worker run leases batches and hands their deliveries over, a few at a time.

Lease → intents → hand-over → answers. It decides nothing about states (policy does) and opens nothing.
A hand-over that has not begun 500 ms after its intent is handed back, so that a stop stops (law 5).
"""

import asyncio
import logging
import random
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from distributor.errors import Busy, DistributorError
from distributor.mail.tokens import Tokens
from distributor.model.message import Envelope, Message, Phase, Reply
from distributor.model.publisher import Publisher
from distributor.pipeline.compose import Composer, composer
from distributor.pipeline.ledger import Answer, Candidate, Ledger, elapsed
from distributor.policy.recipients import matches
from distributor.store import batches, deliveries, log, mailouts
from distributor.store.batches import Lease
from distributor.store.database import Store
from distributor.store.runs import Lost, Run

STALE = 0.5  # seconds from an intent to the last moment its content may be written
WARM_AHEAD = timedelta(seconds=30)
_DATABASE = 0.5  # seconds until a database that did not answer is asked again

_log = logging.getLogger(__name__)


class Mailer(Protocol):
    """What hands messages over: a pool of SMTP sessions, or a folder."""

    async def hand_over(self, message: Message, *, may_write: Callable[[], bool]) -> Reply: ...
    async def warm(self) -> int: ...
    async def close(self) -> None: ...


@dataclass
class Sender:
    """One worker run at work. `connections` hand over at once; `stop()` lets it end after what it began."""

    store: Store
    run: Run
    mailer: Mailer
    publisher: Publisher
    tokens: Tokens
    now: Callable[[], datetime]
    connections: int
    envelope: Envelope = "verp"
    allow_recipients: Sequence[str] = ()
    tally: Counter[str] = field(default_factory=Counter)
    stopping: bool = False
    _lost: bool = False
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _chain: log.Chain | None = None

    def stop(self) -> None:
        """No new intents; what has one is finished or handed back."""
        self.stopping = True
        self._wake.set()

    async def serve(self, *, open_due: Callable[[], object]) -> None:
        """Send until stopped; `open_due` opens the mailouts whose instant has come."""
        beating = asyncio.create_task(self._beat())
        try:
            while not self.stopping:
                if not await self._send_next(open_due):
                    await self._rest()
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)

    async def drain(self) -> None:
        """Send what may go now, then return."""
        if await asyncio.to_thread(self._next) is not None and await self.mailer.warm():
            while not self.stopping and (lease := await asyncio.to_thread(self._lease)):
                if not await self._pass(lease):
                    break

    async def _send_next(self, open_due: Callable[[], object]) -> bool:
        """One pass, if there is something to send and a relay to send to; False: rest a while."""
        at = await asyncio.to_thread(self._next)
        if at is None or at - self.now() > WARM_AHEAD or not await self.mailer.warm():
            return False
        if at > self.now():
            await self._rest(until=at)
            if at > self.now():
                return True  # look again: the time may have been moved meanwhile
        await asyncio.to_thread(open_due)
        lease = await asyncio.to_thread(self._lease)
        return lease is not None and await self._pass(lease)

    async def _rest(self, *, until: datetime | None = None) -> None:
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
                _log.error("%s", error)
                self._lost = True
                self.stop()
                return
            await asyncio.sleep(1)

    def _next(self) -> datetime | None:
        with self.store.read() as connection:
            times = [mailouts.next_due(connection), batches.next_ready(connection)]
        return min((at for at in times if at is not None), default=None)

    def _lease(self) -> Lease | None:
        with self.store.write() as connection:
            return batches.lease(connection, run_id=self.run.id, now=self.now())

    async def _pass(self, lease: Lease) -> bool:
        """Hand over a batch; False when the relay is gone and the rest of the batch waits."""
        waiting, ledger = await asyncio.to_thread(self._begin, lease)
        handing: set[asyncio.Task[Answer]] = set()
        answers: list[Answer] = []
        slots = asyncio.Semaphore(self.connections)
        reachable = True
        while waiting or handing or answers:
            room = 0 if self.stopping or not reachable else 2 * self.connections - len(handing)
            candidates = [waiting.popleft() for _ in range(min(room, len(waiting)))]
            granted, kept = await self._commit(ledger, answers, candidates)
            waiting.extendleft(reversed(kept))
            handing |= {asyncio.create_task(self._hand_over(one, slots, ledger.intended)) for one in granted}
            if not handing and (self.stopping or not (room and waiting)):
                break
            answers, handing = await _done(handing)
            reachable = reachable and not any(_unreachable(answer) for answer in answers)
        await asyncio.to_thread(self._end, lease, bool(waiting))
        self.tally.update(ledger.tally)
        _log.info("mailout %d, batch %d: %s", lease.mailout_id, lease.batch_id, _told(ledger.tally))
        return reachable

    def _begin(self, lease: Lease) -> tuple[deque[Candidate], Ledger]:
        with self.store.read() as connection:
            compose = composer(
                connection,
                mailout_id=lease.mailout_id,
                publisher=self.publisher,
                tokens=self.tokens,
                envelope=self.envelope,
            )
            mailout = mailouts.get(connection, id=lease.mailout_id)
            found = deliveries.of_batch(connection, batch_id=lease.batch_id)
            self._chain = self._chain or log.last(connection, name=f"run:{self.run.id}")
        ledger = Ledger(
            store=self.store,
            run_id=self.run.id,
            expires_at=mailout.expires_at,
            pseudonym=self.tokens.pseudonym,
            chain=self._chain,
        )
        candidates, hopeless = self._composed(compose, found)
        if hopeless:
            ledger.give_up(hopeless, now=self.now())
        return deque(candidates), ledger

    def _composed(
        self, compose: Composer, found: Iterable[deliveries.Delivery]
    ) -> tuple[list[Candidate], list[tuple[deliveries.Delivery, str]]]:
        """The candidates, and what must not or cannot be sent, with its reason: one never stops others."""
        candidates, hopeless = [], []
        for delivery in found:
            if self.allow_recipients and not matches(delivery.address_key, self.allow_recipients):
                hopeless.append((delivery, "not in [sending] allow_recipients"))
                continue
            try:
                message = compose.message(delivery)
            except DistributorError as error:
                hopeless.append((delivery, f"cannot be composed: {error.what}"))
                continue
            candidates.append(Candidate(delivery, message, sha256(message.content).hexdigest()))
        return candidates, hopeless

    async def _commit(
        self, ledger: Ledger, answers: list[Answer], candidates: list[Candidate]
    ) -> tuple[list[Candidate], list[Candidate]]:
        """Write a group; returns what may be handed over, and what was not asked for because of a stop.

        While the database does not answer nothing is handed over, and the answers are kept.
        """
        while True:
            asked = [] if self.stopping else candidates
            try:
                granted = await asyncio.to_thread(
                    ledger.commit, answers=answers, candidates=asked, now=self.now()
                )
            except Busy:
                if self._lost or (self.stopping and not answers):
                    raise
                await asyncio.sleep(_DATABASE)
            else:
                return granted, candidates if asked is not candidates else []

    async def _hand_over(self, candidate: Candidate, slots: asyncio.Semaphore, intended: float) -> Answer:
        started = self.now()

        def may_write() -> bool:
            return elapsed() - intended < STALE

        try:
            await asyncio.wait_for(slots.acquire(), STALE)
        except TimeoutError:
            return Answer(candidate, _taken_back(started, self.now()), random.random())  # noqa: S311
        try:
            reply = await self.mailer.hand_over(candidate.message, may_write=may_write)
        finally:
            slots.release()
        return Answer(candidate, reply, random.random())  # noqa: S311  (jitter)

    def _end(self, lease: Lease, unfinished: bool) -> None:
        with self.store.write() as connection:
            if unfinished:
                batches.free(connection, id=lease.batch_id, run_id=self.run.id)
            else:
                batches.close(connection, id=lease.batch_id, run_id=self.run.id)


async def _done(handing: set[asyncio.Task[Answer]]) -> tuple[list[Answer], set[asyncio.Task[Answer]]]:
    if not handing:
        return [], handing
    done, pending = await asyncio.wait(handing, return_when=asyncio.FIRST_COMPLETED)
    return [task.result() for task in done], pending


def _told(tally: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {event}" for event, number in sorted(tally.items())) or "nothing"


def _unreachable(answer: Answer) -> bool:
    return answer.reply.phase is Phase.CONNECT and not answer.reply.code and answer.reply.written


def _taken_back(started: datetime, finished: datetime) -> Reply:
    return Reply(
        code=0,
        enhanced=None,
        text="not begun in time",
        relay="",
        phase=Phase.CONNECT,
        started=started,
        finished=finished,
        written=False,
    )
