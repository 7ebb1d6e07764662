"""The ledger's transaction on one group: what has ended, what may go, and a log row for each.

First all is asked, then heard: a database far away is waited for once. It runs in a few
steps of some milliseconds, for relays wait for what comes between them. It begins and ends no transaction:
`ledger` does.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from distributor.pipeline.decide import Decision, decide
from distributor.pipeline.events import PAST, ended, noted
from distributor.pipeline.group import Composed, Group, Written, elapsed
from distributor.store import batches, deliveries, guard, log
from distributor.store.batches import Lease
from distributor.store.database import Connection
from distributor.store.deliveries import Delivery

Steps = Generator[None, None, Written]
_AT_ONCE = 96  # rows of the log between which sessions go on


@dataclass(slots=True)
class Transaction:
    """A group on its way into the database. What it moves is `counted` by event."""

    connection: Connection
    group: Group
    run_id: int
    chain: log.Chain
    pseudonym: Callable[[str], str]
    counted: Counter[str]
    now: datetime

    def steps(self) -> Steps:
        """All of it; between the steps others may go on."""
        decided = [decide(answer, now=self.now) for answer in self.group.answers]
        moving = self._move(decided)
        renewed, allowed = self._ask_again(), self._ask()
        # Before the commit: a verb that stops the release then commits later than this (law 5).
        intended = elapsed()
        yield
        events = self._answered(decided, moving)
        events += self._give_up()
        granted = self._granted(allowed, events)
        for start in range(0, len(events), _AT_ONCE):
            if start:
                yield
            log.append(self.connection, chain=self.chain, events=events[start : start + _AT_ONCE])
        self._let_go()
        return Written(granted, renewed, intended, self._lease())

    def _move(self, decided: Sequence[Decision]) -> list[Callable[[], set[int]]]:
        """Move the deliveries that are still this run's; one statement for all that end alike."""
        alike: dict[tuple[str, datetime | None], list[int]] = {}
        for answer, (event, next_at, _) in zip(self.group.answers, decided, strict=True):
            alike.setdefault((event, next_at), []).append(answer.candidate.delivery.id)
        run_id, now = self.run_id, self.now
        return [
            deliveries.answer(self.connection, event=event, ids=ids, run_id=run_id, now=now, next_at=next_at)
            for (event, next_at), ids in alike.items()
        ]

    def _ask_again(self) -> set[int]:
        """Which of those whose intent grew old may go on."""
        ids = [candidate.delivery.id for candidate in self.group.late]
        return guard.renew(self.connection, ids=ids, run_id=self.run_id, now=self.now) if ids else set()

    def _ask(self) -> set[int]:
        """Which of the candidates may be handed over."""
        ids = [candidate.delivery.id for candidate in self.group.candidates]
        return guard.intend(self.connection, ids=ids, run_id=self.run_id, now=self.now) if ids else set()

    def _answered(
        self, decided: Sequence[Decision], moving: Sequence[Callable[[], set[int]]]
    ) -> list[log.Event]:
        moved = set[int]().union(*(tell() for tell in moving))
        events, actor = [], self.chain.name
        for answer, (event, _, detail) in zip(self.group.answers, decided, strict=True):
            if answer.candidate.delivery.id in moved:
                self.counted[event] += 1
            else:  # another took this run for dead: what the relay said is still worth knowing
                detail = f"late: {event}"
            events.append(ended(answer, event, detail, actor=actor))
        return events

    def _give_up(self) -> list[log.Event]:
        """Cancel what must not or cannot be handed over, each with its reason."""
        if not self.group.hopeless:
            return []
        why = {delivery.id: (delivery, reason) for delivery, reason in self.group.hopeless}
        gone = deliveries.give_up(self.connection, ids=list(why), now=self.now)
        self.counted["cancel"] += len(gone)
        return [self._given_up(*why[id]) for id in gone]

    def _given_up(self, delivery: Delivery, reason: str) -> log.Event:
        actor, pseudonym = self.chain.name, self.pseudonym
        return log.of_delivery(
            "cancelled", delivery, at=self.now, actor=actor, pseudonym=pseudonym, detail=reason
        )

    def _granted(self, allowed: set[int], events: list[log.Event]) -> list[Composed]:
        candidates, actor, now = self.group.candidates, self.chain.name, self.now
        granted = [candidate for candidate in candidates if candidate.delivery.id in allowed]
        events += [noted("intent", candidate, actor=actor, at=now) for candidate in granted]
        if len(granted) < len(candidates):
            events += self._refused({x.delivery.id: x for x in candidates if x.delivery.id not in allowed})
        return granted

    def _refused(self, refused: dict[int, Composed]) -> list[log.Event]:
        """What becomes of those that the guard left; what is handed back leaves no row."""
        events = []
        for event, ids in guard.refuse(self.connection, ids=list(refused), now=self.now).items():
            self.counted[event] += len(ids)
            if event != "hand_back":
                events += [noted(PAST[event], refused[id], actor=self.chain.name, at=self.now) for id in ids]
        return events

    def _let_go(self) -> None:
        for id in self.group.closing:
            batches.close(self.connection, id=id, run_id=self.run_id)
        for id in self.group.freeing:
            batches.free(self.connection, id=id, run_id=self.run_id)

    def _lease(self) -> Lease | None:
        if not self.group.lease:
            return None
        return batches.lease(self.connection, run_id=self.run_id, now=self.now, ahead=self.group.ahead)


def at_once(steps: Steps) -> Written:
    """To the end without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return cast("Written", done.value)


async def in_turns(steps: Steps) -> Written:
    """The sessions go on between the steps."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            return cast("Written", done.value)
        await asyncio.sleep(0)
