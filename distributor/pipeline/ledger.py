"""What a worker run writes: intents before the dot, answers after it, each with its log rows (law 3).

One transaction a group: the answers so far, then the next intents. Only what `commit` returns may be
handed over.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from distributor.model.message import Message, Phase, Reply
from distributor.policy.replies import Outcome, classify
from distributor.policy.retry import BROKEN, GiveUp, next_attempt, pass_over
from distributor.store import deliveries, guard, log
from distributor.store.database import Connection, Store
from distributor.store.deliveries import Delivery


@dataclass(frozen=True, slots=True)
class Candidate:
    """A delivery with its message, composed and hashed, waiting for its intent."""

    delivery: Delivery
    message: Message
    sha256: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How the hand-over of a candidate ended. `jitter` in [0, 1) spreads the next attempt."""

    candidate: Candidate
    reply: Reply
    jitter: float


@dataclass
class Ledger:
    """The log chain of one run and the transactions on it. `tally` counts events by name.

    `intended` is when the last intents were written, by `time.monotonic()`: within their transaction, so
    that a verb that stops the release commits later (law 5).
    """

    store: Store
    run_id: int
    expires_at: datetime
    pseudonym: Callable[[str], str]
    chain: log.Chain
    tally: dict[str, int] = field(default_factory=dict)
    intended: float = 0.0

    def commit(
        self, *, answers: Sequence[Answer], candidates: Sequence[Candidate], now: datetime
    ) -> list[Candidate]:
        """Write the answers and the intents; returns the candidates that may be handed over now."""
        before = (self.chain.seq, self.chain.hash)
        counted: dict[str, int] = {}
        try:
            with self.store.write() as connection:
                self._answer(connection, answers, counted, now=now)
                granted = self._intend(connection, candidates, counted, now=now)
        except BaseException:
            self.chain.seq, self.chain.hash = before
            raise
        for event, number in counted.items():
            self.tally[event] = self.tally.get(event, 0) + number
        return granted

    def give_up(self, hopeless: Sequence[tuple[Delivery, str]], *, now: datetime) -> None:
        """Cancel what must not or cannot be handed over, each with its reason."""
        before = (self.chain.seq, self.chain.hash)
        why = {delivery.id: (delivery, reason) for delivery, reason in hopeless}
        try:
            with self.store.write() as connection:
                gone = deliveries.give_up(connection, ids=list(why), now=now)
                log.append(
                    connection, chain=self.chain, events=[self._given_up(*why[id], now=now) for id in gone]
                )
        except BaseException:
            self.chain.seq, self.chain.hash = before
            raise
        self.tally["cancel"] = self.tally.get("cancel", 0) + len(gone)

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

    def _answer(
        self, connection: Connection, answers: Sequence[Answer], counted: dict[str, int], *, now: datetime
    ) -> None:
        events = []
        for answer in answers:
            event, next_at, detail = self._decide(answer, now=now)
            moved = deliveries.answer(
                connection,
                event=event,
                id=answer.candidate.delivery.id,
                run_id=self.run_id,
                now=now,
                code=answer.reply.code,
                text=answer.reply.text,
                next_at=next_at,
            )
            if moved:
                counted[event] = counted.get(event, 0) + 1
            else:  # another took this run for dead: what the relay said is still worth knowing
                detail = f"late: {event}"
            events.append(self._answered(answer, event, detail))
        log.append(connection, chain=self.chain, events=events)

    def _decide(self, answer: Answer, *, now: datetime) -> tuple[str, datetime | None, str]:
        outcome = classify(answer.reply)
        if outcome is Outcome.HAND_BACK:
            return outcome.value, self._again(answer, now=now), ""
        if outcome is not Outcome.DEFER:
            return outcome.value, None, ""
        retry = next_attempt(
            attempts=answer.candidate.delivery.attempts + 1,
            now=now,
            expires_at=self.expires_at,
            jitter=answer.jitter,
        )
        if isinstance(retry, GiveUp):
            return "expire", None, f"expire: {retry.reason}"
        return "defer", retry.at, ""

    def _again(self, answer: Answer, *, now: datetime) -> datetime | None:
        """A hand-over that broke is not tried again at once: it may be this message that breaks it."""
        if not answer.reply.written or answer.reply.phase is Phase.CONNECT:
            return None
        tried = answer.candidate.delivery.attempts + 1
        return now + pass_over(failures=tried, jitter=answer.jitter, backoff=BROKEN)

    def _intend(
        self,
        connection: Connection,
        candidates: Sequence[Candidate],
        counted: dict[str, int],
        *,
        now: datetime,
    ) -> list[Candidate]:
        ids = [candidate.delivery.id for candidate in candidates]
        if not ids:
            return []
        allowed = guard.intend(connection, ids=ids, run_id=self.run_id, now=now)
        self.intended = elapsed()
        granted = [candidate for candidate in candidates if candidate.delivery.id in allowed]
        log.append(connection, chain=self.chain, events=[self._intent(x, now=now) for x in granted])
        if len(granted) < len(ids):
            self._refuse(
                connection, [x for x in candidates if x.delivery.id not in allowed], counted, now=now
            )
        return granted

    def _refuse(
        self,
        connection: Connection,
        candidates: Sequence[Candidate],
        counted: dict[str, int],
        *,
        now: datetime,
    ) -> None:
        by_id = {candidate.delivery.id: candidate for candidate in candidates}
        moved = guard.refuse(connection, ids=list(by_id), now=now)
        events = []
        for event, ids in moved.items():
            counted[event] = counted.get(event, 0) + len(ids)
            if event != "hand_back":
                events += [self._event(_PAST[event], by_id[id], at=now) for id in ids]
        log.append(connection, chain=self.chain, events=events)

    def _intent(self, candidate: Candidate, *, now: datetime) -> log.Event:
        return self._event("intent", candidate, at=now)

    def _answered(self, answer: Answer, event: str, detail: str) -> log.Event:
        reply = answer.reply
        return self._event(
            "answer" if reply.code else _PAST.get(event, event),
            answer.candidate,
            at=reply.finished,
            relay=reply.relay,
            code=reply.code or None,
            enhanced=reply.enhanced,
            text=reply.text,
            detail=detail or event,
        )

    def _event(self, kind: str, candidate: Candidate, *, at: datetime, **facts: object) -> log.Event:
        delivery = candidate.delivery
        return log.Event(
            kind=kind,
            at=at,
            actor=self.chain.name,
            mailout_id=delivery.mailout_id,
            delivery_id=delivery.id,
            subject=self.pseudonym(delivery.address_key),
            attempt=delivery.attempts + 1,
            bytes_sha256=candidate.sha256,
            address=delivery.address,
            **facts,  # type: ignore[arg-type]
        )


def elapsed() -> float:
    """Seconds that go on while the machine sleeps: an intent must not outlive a suspend."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


_PAST = {
    "suppress": "suppressed",
    "cancel": "cancelled",
    "expire": "expired",
    "hand_back": "handed_back",
    "doubt": "doubted",
}
