"""What a worker run writes: intents before the dot, answers after it, each with its log rows (law 3).

One transaction a group: the answers so far, then the next intents, and what becomes of their batches. Only
what it grants may be handed over. First all is asked, then heard: a database far away is waited for once.
If its end is not heard (PostgreSQL), the chain tells whether it lasts: its rows are there, or they are not.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, TypeVar, cast

from distributor.errors import Refused
from distributor.model.message import Message, Phase, Reply
from distributor.policy.replies import Outcome, classify
from distributor.policy.retry import BROKEN, GiveUp, next_attempt, pass_over
from distributor.store import batches, deliveries, guard, log
from distributor.store.batches import Lease
from distributor.store.database import Connection, Store
from distributor.store.deliveries import Delivery
from distributor.store.turns import Turn, Turns
from distributor.store.writer import Writer

T = TypeVar("T")
Decision = tuple[str, datetime | None, str]
_NOTHING_SAID = (None, None, None, None)
_AT_ONCE = 32  # rows of the log between which sessions go on
_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")


class Composed(NamedTuple):
    """A delivery with its message, composed and hashed, waiting for its intent.

    `subject` is its address's pseudonym; after `expires_at` it is not tried again.
    """

    delivery: Delivery
    message: Message
    sha256: str
    subject: str
    expires_at: datetime


class Answer(NamedTuple):
    """How the hand-over of a candidate ended. `jitter` in [0, 1) spreads the next attempt."""

    candidate: Composed
    reply: Reply
    jitter: float


@dataclass(frozen=True, slots=True)
class Group:
    """What is written at once. `hopeless`: deliveries that must not or cannot be handed over, and why.

    `late`: those whose intent grew old before the relay was ready; the guard is asked for them again.
    `closing`: batches whose pass is over; `freeing`: batches that are given back unfinished; `lease`:
    another one is wanted, `ahead`: even one of a mailout that opens so soon.
    """

    answers: Sequence[Answer] = ()
    late: Sequence[Composed] = ()
    candidates: Sequence[Composed] = ()
    hopeless: Sequence[tuple[Delivery, str]] = ()
    closing: Sequence[int] = ()
    freeing: Sequence[int] = ()
    lease: bool = False
    ahead: timedelta = timedelta(0)

    @property
    def empty(self) -> bool:
        """Nothing is to be written."""
        written = (self.answers, self.late, self.candidates, self.hopeless, self.closing, self.freeing)
        return not (any(written) or self.lease)


@dataclass(frozen=True, slots=True)
class Written:
    """`granted` may be handed over now, `renewed` may go on. `intended`: since when, by `elapsed()`."""

    granted: list[Composed]
    renewed: set[int]
    intended: float
    lease: Lease | None


Steps = Generator[None, None, Written]


@dataclass(frozen=True, slots=True)
class _Unsure:
    """An attempt to write a group whose end was not heard; the chain ends so if it lasts."""

    group: Group
    written: Written
    counted: Counter[str]
    seq: int
    hash: str


@dataclass
class Ledger:
    """The log chain of one run and the transactions on it. `tally` counts events by name.

    Close it when done: it keeps a connection.
    """

    store: Store
    run_id: int
    pseudonym: Callable[[str], str]
    chain: log.Chain
    tally: Counter[str] = field(default_factory=Counter)
    writer: Writer = field(init=False)
    _unsure: list[_Unsure] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writer = Writer(self.store)

    def close(self) -> None:
        """End its connection."""
        self.writer.drop()

    async def write(
        self, group: Group, *, now: datetime, meanwhile: Callable[[], bool] = lambda: False
    ) -> Written:
        """`commit` beside the event loop. `meanwhile` does a little of what waits, and says if it did.

        SQLite's statements take microseconds and run in the loop: only the waits for other writers and for
        the disk are in a thread. PostgreSQL's wait for the network, all of them.
        """
        if self.store.turns is None:
            return await _beside(partial(self.commit, group, now=now), meanwhile)
        turn = self.store.turns.at_once() or await _turn(self.store.turns, meanwhile)
        with self._counted() as counted, ExitStack() as transaction:
            connection = transaction.enter_context(self.writer.write(turn))
            written = await _in_turns(self._written(connection, group, counted, now=now))
            await _beside(transaction.pop_all().close, meanwhile)
        return written

    def commit(self, group: Group, *, now: datetime) -> Written:
        """Write a group: all of it or, when that raises, nothing; or nobody knows.

        When the connection breaks while its end is waited for, the same group asked again finds out: what it
        wrote is not written twice.
        """
        try:
            return self._found(group) or self._attempt(group, now=now)
        except Refused:  # by what was still under way when it was looked for
            written = self._found(group)
            if written is None:
                raise
            return written

    def _attempt(self, group: Group, *, now: datetime) -> Written:
        with self._counted() as counted, self.writer.write() as connection:
            written = _at_once(self._written(connection, group, counted, now=now))
            self._unsure.append(_Unsure(group, written, counted, self.chain.seq, self.chain.hash))
        self._unsure.clear()
        return written

    def _found(self, group: Group) -> Written | None:
        """What was written after all, by an attempt whose end was not heard: the chain goes on from there."""
        if not self._unsure:
            return None
        with self.store.read() as connection:
            head = log.last(connection, name=self.chain.name)
            found = next((one for one in self._unsure if self._lasts(connection, one, head)), None)
        if found is None:
            return None
        self.chain.seq, self.chain.hash = found.seq, found.hash
        self.tally += found.counted
        self._unsure.clear()
        return found.written if found.group is group else None

    def _lasts(self, connection: Connection, attempt: "_Unsure", head: log.Chain) -> bool:
        """Its rows end the chain; one without rows may have leased a batch, and nothing else that counts."""
        if attempt.seq > self.chain.seq:
            return head.hash == attempt.hash
        lease = attempt.written.lease
        return lease is not None and batches.is_leased(connection, id=lease.batch_id, run_id=self.run_id)

    @contextmanager
    def _counted(self) -> Iterator[Counter[str]]:
        """What a transaction counts is kept when it lasts; else the chain's end is where it was."""
        before, counted = (self.chain.seq, self.chain.hash), Counter[str]()
        try:
            yield counted
        except BaseException:
            self.chain.seq, self.chain.hash = before
            raise
        self.tally += counted

    def _written(
        self, connection: Connection, group: Group, counted: Counter[str], *, now: datetime
    ) -> Steps:
        """In steps of about a millisecond: relays wait for what comes between them."""
        decided = [_decide(answer, now=now) for answer in group.answers]
        moving = self._move(connection, group.answers, decided, now=now)
        yield
        renewed = self._renew(connection, group.late, now=now)
        allowed = self._ask(connection, group.candidates, now=now)
        # Before the commit: a verb that stops the release then commits later than this (law 5).
        intended = elapsed()
        yield
        events = self._answered(group.answers, decided, moving, counted)
        events += self._give_up(connection, group.hopeless, counted, now=now)
        granted = self._granted(connection, group.candidates, allowed, counted, events, now=now)
        for some in _in_parts(events):
            yield
            log.append(connection, chain=self.chain, events=some)
        for id in group.closing:
            batches.close(connection, id=id, run_id=self.run_id)
        for id in group.freeing:
            batches.free(connection, id=id, run_id=self.run_id)
        return Written(granted, renewed, intended, self._lease(connection, group, now=now))

    def _lease(self, connection: Connection, group: Group, *, now: datetime) -> Lease | None:
        if not group.lease:
            return None
        return batches.lease(connection, run_id=self.run_id, now=now, ahead=group.ahead)

    def _answered(
        self,
        answers: Sequence[Answer],
        decided: Sequence[Decision],
        moving: Sequence[Callable[[], set[int]]],
        counted: Counter[str],
    ) -> list[log.Event]:
        moved = set[int]().union(*(tell() for tell in moving))
        events = []
        for answer, (event, _, detail) in zip(answers, decided, strict=True):
            if answer.candidate.delivery.id in moved:
                counted[event] += 1
            else:  # another took this run for dead: what the relay said is still worth knowing
                detail = f"late: {event}"
            events.append(self._ended(answer, event, detail))
        return events

    def _move(
        self,
        connection: Connection,
        answers: Sequence[Answer],
        decided: Sequence[Decision],
        *,
        now: datetime,
    ) -> list[Callable[[], set[int]]]:
        """Move the deliveries that are still this run's; one statement for all that end alike."""
        alike: dict[tuple[str, datetime | None], list[int]] = {}
        for answer, (event, next_at, _) in zip(answers, decided, strict=True):
            alike.setdefault((event, next_at), []).append(answer.candidate.delivery.id)
        return [
            deliveries.answer(connection, event=event, ids=ids, run_id=self.run_id, now=now, next_at=next_at)
            for (event, next_at), ids in alike.items()
        ]

    def _give_up(
        self,
        connection: Connection,
        hopeless: Sequence[tuple[Delivery, str]],
        counted: Counter[str],
        *,
        now: datetime,
    ) -> list[log.Event]:
        """Cancel what must not or cannot be handed over, each with its reason."""
        if not hopeless:
            return []
        why = {delivery.id: (delivery, reason) for delivery, reason in hopeless}
        gone = deliveries.give_up(connection, ids=list(why), now=now)
        counted["cancel"] += len(gone)
        return [self._given_up(*why[id], now=now) for id in gone]

    def _given_up(self, delivery: Delivery, reason: str, *, now: datetime) -> log.Event:
        return log.Event(
            kind="cancelled",
            at=now,
            actor=self.chain.name,
            mailout_id=delivery.mailout_id,
            delivery_id=delivery.id,
            subject=self.pseudonym(delivery.address_key),
            address=delivery.address,
            detail=reason,
        )

    def _renew(self, connection: Connection, late: Sequence[Composed], *, now: datetime) -> set[int]:
        if not late:
            return set()
        ids = [candidate.delivery.id for candidate in late]
        return guard.renew(connection, ids=ids, run_id=self.run_id, now=now)

    def _ask(self, connection: Connection, candidates: Sequence[Composed], *, now: datetime) -> set[int]:
        if not candidates:
            return set()
        ids = [candidate.delivery.id for candidate in candidates]
        return guard.intend(connection, ids=ids, run_id=self.run_id, now=now)

    def _granted(
        self,
        connection: Connection,
        candidates: Sequence[Composed],
        allowed: set[int],
        counted: Counter[str],
        events: list[log.Event],
        *,
        now: datetime,
    ) -> list[Composed]:
        granted = [candidate for candidate in candidates if candidate.delivery.id in allowed]
        events += [self._event("intent", candidate, at=now) for candidate in granted]
        if len(granted) < len(candidates):
            refused = {x.delivery.id: x for x in candidates if x.delivery.id not in allowed}
            events += self._refused(connection, refused, counted, now=now)
        return granted

    def _refused(
        self, connection: Connection, refused: dict[int, Composed], counted: Counter[str], *, now: datetime
    ) -> list[log.Event]:
        events = []
        for event, ids in guard.refuse(connection, ids=list(refused), now=now).items():
            counted[event] += len(ids)
            if event != "hand_back":
                events += [self._event(_PAST[event], refused[id], at=now) for id in ids]
        return events

    def _ended(self, answer: Answer, event: str, detail: str) -> log.Event:
        reply = answer.reply
        kind = "answer" if reply.code else _PAST.get(event, event)
        return self._event(kind, answer.candidate, at=reply.finished, reply=reply, detail=detail or event)

    def _event(
        self, kind: str, candidate: Composed, *, at: datetime, reply: Reply | None = None, detail: str = ""
    ) -> log.Event:
        delivery = candidate.delivery
        relay, code, enhanced, text = (
            (reply.relay, reply.code or None, reply.enhanced, reply.text) if reply else _NOTHING_SAID
        )
        return log.Event(
            kind, at, self.chain.name, None, delivery.mailout_id, delivery.id, candidate.subject,
            delivery.attempts + 1, relay, code, enhanced, candidate.sha256, detail, delivery.address, text,
        )  # fmt: skip


def _at_once(steps: Steps) -> Written:
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return cast("Written", done.value)


async def _in_turns(steps: Steps) -> Written:
    """The sessions go on between the steps."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return cast("Written", done.value)
        await asyncio.sleep(0)


def _in_parts(events: Sequence[log.Event]) -> Iterator[Sequence[log.Event]]:
    return (events[start : start + _AT_ONCE] for start in range(0, len(events), _AT_ONCE))


async def _turn(turns: Turns, meanwhile: Callable[[], bool]) -> Turn:
    """The sessions go on while others write; who does not wait any more passes its turn on."""
    waiting = _THREAD.submit(turns.take)
    try:
        return await _beside(waiting.result, meanwhile)
    except BaseException:
        waiting.add_done_callback(lambda taken: taken.result().close())
        raise


async def _beside(work: Callable[[], T], meanwhile: Callable[[], bool]) -> T:
    """In a thread of the ledger's own: whoever holds SQLite's only lock must not queue for one."""
    working = asyncio.get_running_loop().run_in_executor(_THREAD, work)
    while not working.done() and meanwhile():
        await asyncio.sleep(0)
    return await working


def _decide(answer: Answer, *, now: datetime) -> Decision:
    """The event, when it is tried again (None: as soon as may be, or never), and a word for the log."""
    outcome = classify(answer.reply)
    if outcome is Outcome.HAND_BACK:
        return outcome.value, _again(answer, now=now), ""
    if outcome is not Outcome.DEFER:
        return outcome.value, None, ""
    retry = next_attempt(
        failures=answer.candidate.delivery.failures + 1,
        now=now,
        expires_at=answer.candidate.expires_at,
        jitter=answer.jitter,
    )
    if isinstance(retry, GiveUp):
        return "expire", None, f"expire: {retry.reason}"
    return "defer", retry.at, ""


def _again(answer: Answer, *, now: datetime) -> datetime | None:
    """A hand-over that broke is not tried again at once: it may be this message that breaks it."""
    if not answer.reply.written or answer.reply.phase is Phase.CONNECT:
        return None
    failures = answer.candidate.delivery.failures + 1
    return now + pass_over(failures=failures, jitter=answer.jitter, backoff=BROKEN)


#: Seconds that go on while the machine sleeps: an intent must not outlive a suspend.
elapsed: Callable[[], float] = partial(time.clock_gettime, time.CLOCK_BOOTTIME)


_PAST = {
    "suppress": "suppressed",
    "cancel": "cancelled",
    "expire": "expired",
    "hand_back": "handed_back",
    "doubt": "doubted",
}
