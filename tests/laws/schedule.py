"""Random schedules: what senders, their deaths and the clockwork may do to a mailout, in any order.

`play` runs one schedule from a seed and keeps the world's own book of what the relay took: the store must
agree with it in the end. It only calls what real senders and stages call.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from distributor.model.rules import Rules
from distributor.pipeline import finish, gather, recover
from distributor.policy.lifecycle import DONE
from distributor.store import doubts, mailouts, rows
from distributor.store.runs import Run
from tests.world import NOW, World, recipient

_DONE = {state.value for state in DONE}


@dataclass
class Sender:
    """A run with what it has leased and intended."""

    run: Run
    waiting: list[int] = field(default_factory=list)
    handing: list[int] = field(default_factory=list)


@dataclass
class Schedule:
    """One mailout of `people` deliveries. `accepted` counts what the relay took."""

    world: World
    seed: int
    people: int = 12
    senders: list[Sender] = field(default_factory=list)
    now: datetime = NOW
    accepted: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        release = self.world.release(reference=f"2026-{self.seed:04d}")
        self.mailout = self.world.mailout(release, lasts=timedelta(hours=3))
        everybody = [recipient(f"r{n}@s{self.seed}.example.org") for n in range(self.people)]
        for start in range(0, self.people, 4):
            self.world.deliver(self.mailout, everybody[start : start + 4])
        self.ids = self.world.ids(self.mailout)

    def play(self, steps: int) -> None:
        moves = {self.arrive: 1, self.lease: 3, self.intend: 3, self.hand_over: 8, self.die: 1}
        moves |= {self.recover: 2, self.gather: 2, self.later: 1, self.finish: 1}
        for _ in range(steps):
            [move] = self.random.choices(list(moves), weights=list(moves.values()))
            move()
        self.settle_down()

    # what may happen

    def arrive(self) -> None:
        if len(self.senders) < 3:
            self.senders.append(Sender(self.world.run()))

    def lease(self) -> None:
        sender = self._one(lambda one: not one.waiting) or self.arrive()
        if sender:
            lease = self.world.lease(sender.run, now=self.now)
            sender.waiting = self._of_batch(lease.batch_id) if lease else []

    def intend(self) -> None:
        sender = self._one(lambda one: one.waiting) or self.lease()
        if sender:
            window, sender.waiting = sender.waiting[:3], sender.waiting[3:]
            granted = self.world.intend(sender.run, window, now=self.now)
            sender.handing += sorted(granted)

    def hand_over(self) -> None:
        """The relay answers, or takes it and the answer is lost with the sender."""
        sender = self._one(lambda one: one.handing) or self.intend()
        if not sender:
            return
        id = sender.handing.pop(0)
        event = self.random.choice(["accept", "accept", "accept", "defer", "reject", "hand_back", "lost"])
        if event in ("accept", "lost"):
            self._take(id)
        if event == "lost":
            self._kill(sender)
        else:
            assert self.world.answer(sender.run, id, event), "a living run's answer counts"

    def die(self) -> None:
        sender = self._one(lambda _: True)
        if sender:
            self._kill(sender)

    def recover(self) -> None:
        recover.run(self.world.store, now=self.now, rules=Rules(), pseudonym=str)

    def gather(self) -> None:
        gather.run(self.world.store, now=self.now, pseudonym=str)

    def finish(self) -> None:
        finish.run(self.world.store, now=self.now)

    def later(self) -> None:
        self.now += timedelta(minutes=self.random.choice([1, 5]))

    def _one(self, fits: Callable[[Sender], object]) -> Sender | None:
        fitting = [sender for sender in self.senders if fits(sender)]
        return self.random.choice(fitting) if fitting else None

    def _kill(self, sender: Sender) -> None:
        self.senders.remove(sender)
        self.world.die(sender.run)

    def _of_batch(self, batch_id: int) -> list[int]:
        d = rows.delivery.c
        with self.world.store.read() as connection:
            return list(connection.scalars(select(d.id).where(d.batch_id == batch_id).order_by(d.position)))

    # what must hold

    def _take(self, id: int) -> None:
        """The relay takes it: another time only when it was listed as doubtful in between."""
        self.accepted[id] += 1
        again = self.accepted[id] > 1
        assert not again or self.accepted[id] <= 1 + self.doubts()[id], (self.seed, id, "unsaid")

    def doubts(self) -> Counter[int]:
        e = rows.log.c
        with self.world.store.read() as connection:
            return Counter(connection.scalars(select(e.delivery_id).where(e.kind == "doubted")))

    def settle_down(self) -> None:
        """One sender works until nothing is left; an officer answers the doubt that is hers."""
        for sender in list(self.senders):
            self._kill(sender)
        self.now += timedelta(minutes=10)
        for _ in range(self.people):
            self.recover()
            self._officer_settles()
            self.gather()
            self._send_what_is_leased()
            if set(self.states().values()) <= _DONE:
                return self.finish()
        raise AssertionError(f"seed {self.seed}: it never ends: {self.states()}")

    def _officer_settles(self) -> None:
        with self.world.store.write() as connection:
            asked = [row.id for row in doubts.doubtful(connection)]
            doubts.settle(connection, event="settle", ids=asked, now=self.now)

    def _send_what_is_leased(self) -> None:
        run = self.world.run()
        while (lease := self.world.lease(run, now=self.now)) is not None:
            for id in sorted(self.world.intend(run, self._of_batch(lease.batch_id), now=self.now)):
                self._take(id)
                self.world.answer(run, id, "accept")
        self.world.die(run)

    def states(self) -> dict[int, str]:
        d = rows.delivery.c
        with self.world.store.read() as connection:
            found = connection.execute(select(d.id, d.state).where(d.mailout_id == self.mailout))
            return {row.id: row.state for row in found}

    def verify(self) -> None:
        """Everybody has one final state; who is sent was taken by the relay, and nobody is left out."""
        states = self.states()
        assert set(states.values()) <= _DONE, (self.seed, states)
        untaken = [id for id, state in states.items() if state == "sent" and not self.accepted[id]]
        doubts = self.doubts()
        assert not [id for id in untaken if not doubts[id]], (self.seed, untaken)
        with self.world.store.read() as connection:
            assert mailouts.get(connection, id=self.mailout).state == "finished", self.seed
