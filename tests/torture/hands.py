"""A worker whose every step is taken by hand: the program's own run, passes, ledger and flow; no sockets.

What the stream and its sessions do side by side happens here one step after the other, in an order drawn by
lot: look, lease, compose, write a group, take a message, write its content, hear its answer, die in between.
The referee sees each.
"""

import random
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from distributor.model.message import Message, Phase, Reply
from distributor.pipeline.compose import House
from distributor.pipeline.flow import Flow
from distributor.pipeline.group import Composed, Group
from distributor.pipeline.ledger import Ledger
from distributor.pipeline.passes import Passes
from distributor.pipeline.send import WARM_AHEAD
from distributor.store import log, runs
from distributor.store.runs import Lost, Run
from distributor.system import System
from tests.torture.referee import Referee, Seen, seen
from tests.torture.timeflow import Host, Process
from tests.waiting import until

_CONNECTIONS = 2
_WINDOW = 4


@dataclass
class InHand:
    """A message that a session has. `begun`: its content is at the relay; `asked`: the guard, once more."""

    message: Message
    seen: Seen
    begun: bool = False
    asked: bool = False


@dataclass
class Hand:
    """One worker on `host`. `look` begins, `step` goes on while it returns True."""

    system: System
    host: Host
    referee: Referee
    process: Process
    chance: random.Random
    run: Run | None = None
    faulty: bool = True
    _in_hand: list[InHand] = field(default_factory=list)
    _granted: dict[str, Seen] = field(default_factory=dict)
    _dry: bool = True

    def look(self) -> None:
        """As a sender does each second, and at the instant: open what is due, look for work."""
        self.process.on(self.host)
        try:
            if self.run is None:
                self._start()
            self._alive.beat(now=self.system.now())
        except Lost:
            self.die()
            self._start()
        self.system.open_due()
        self._passes.open(now=self.system.now())
        self._dry = False

    def step(self) -> bool:
        """One of the things that may come next; False when there is nothing left to do."""
        if self.run is None:
            return False
        self.process.on(self.host)
        draw = self.chance.random()
        if self._in_hand and draw < 0.6:
            self._go_on(self.chance.choice(self._in_hand))
        elif self._flow.ready and len(self._in_hand) < _CONNECTIONS and draw < 0.9:
            self._take()
        else:
            self._write()
        return bool(self._flow.under_way or self._passes.waiting or not self._dry)

    def stop(self) -> None:
        """In order: what has its intent ends, the rest is given back."""
        if self.run is None:
            return
        self.process.on(self.host)
        self._flow.take_back()
        while self._in_hand:
            self._go_on(self._in_hand[0])
            self._flow.take_back()
        self._write(going=False)
        with self.system.store.write() as connection:
            runs.ended(connection, id=self.run.id, now=self.system.now())
        self._leave()

    def die(self) -> None:
        """As after kill -9. What was past its dot may have arrived."""
        if self.run is None:
            return
        for one in self._in_hand:
            if one.begun and self.chance.random() < 0.5:
                self.referee.answered(one.seen, taken=True)
        for intended in self._granted.values():
            self.referee.answered(intended, taken=None)
            self.referee.over(intended)
        run = self.run
        self._leave()
        if not self.system.store.is_sqlite:
            until(lambda: self._is_dead(run))  # PostgreSQL hears of the end of a session a moment later

    def _is_dead(self, run: Run) -> bool:
        with runs.proven_dead(self.system.store, id=run.id) as dead:
            return dead

    @property
    def _alive(self) -> Run:
        assert self.run is not None
        return self.run

    def _start(self) -> None:
        self.system.hold_what_was_left()
        # it beats each second, but nobody plays that: few are told that they slept
        limit = self.system.rules.shortest_limit if self.chance.random() < 0.1 else timedelta.max
        store = self.system.store
        self._context: AbstractContextManager[Run] = runs.started(
            store, now=self.system.now(), asleep=limit, machine=self.host.machine
        )
        self.run = self._context.__enter__()
        self._passes = Passes(
            store, {one.publisher.id: House(one.publisher) for one in self.system.each}, self.system.tokens
        )
        chain = log.Chain(f"run:{self.run.id}")
        self._ledger = Ledger(store, self.run.id, self.system.tokens.pseudonym, chain)
        self._flow = Flow(connections=_CONNECTIONS, now=self.system.now)

    def _leave(self) -> None:
        self._ledger.close()
        self._context.__exit__(None, None, None)
        self.run, self._in_hand, self._granted, self._dry = None, [], {}, True

    def _write(self, *, going: bool = True) -> None:
        """One group, as the stream puts it together."""
        group = self._group(going=going and not self._alive.asleep)
        if group.empty:
            return
        now = self.system.now()
        written = self._ledger.commit(group, now=now)
        granted = {candidate.delivery.id for candidate in written.granted}
        for candidate in group.candidates:
            if candidate.delivery.id not in granted:
                self._passes.ended(candidate.delivery)
        self._intended(written.granted)
        self._flow.renew(group.late, granted=written.renewed, intended=written.intended)
        self._flow.grant(written.granted, intended=written.intended)
        self._dry = self._dry or not group.lease or written.lease is None
        if written.lease is not None:
            self._passes.begin(self._passes.read(written.lease), now=now)
            self._passes.compose_ahead()

    def _group(self, *, going: bool) -> Group:
        if not going:
            self._flow.take_back()
        answers = self._flow.answers()
        for answer in answers:
            self._passes.ended(answer.candidate.delivery)
            self.referee.over(self._granted.pop(answer.candidate.message.message_id))
        if not going:
            self._dry = True
            freeing = [] if self._flow.under_way else self._passes.unfinished()
            return Group(answers=answers, closing=self._passes.over(), freeing=freeing)
        candidates, hopeless = self._passes.compose(min(_WINDOW, self._flow.room))
        for delivery, _ in hopeless:
            self._passes.ended(delivery)
        lease = not self._dry and not self._passes.waiting
        return Group(
            answers=answers,
            late=self._flow.late(),
            candidates=candidates,
            hopeless=hopeless,
            closing=self._passes.over(),
            lease=lease,
            ahead=WARM_AHEAD,
        )

    def _intended(self, granted: list[Composed]) -> None:
        for candidate in granted:
            one = self._granted[candidate.message.message_id] = seen(candidate.message)
            self.referee.intended(one)

    def _take(self) -> None:
        message = self._flow.take()
        if message is not None:
            self._in_hand.append(InHand(message, self._granted[message.message_id]))

    def _go_on(self, one: InHand) -> None:
        if one.asked:
            return
        if not one.begun and not self._flow.may_write(one.message):
            one.asked = True
            self._flow.ask(one.message, partial(self._heard, one))
        elif not one.begun and self._goes_well():
            one.begun = True
            self.referee.begins(one.seen, self.host.truth.now)
        else:
            self._end(one)

    def _heard(self, one: InHand, goes_on: bool) -> None:
        one.asked = False
        if not goes_on:
            self._end(one)

    def _end(self, one: InHand) -> None:
        self._in_hand.remove(one)
        self._flow.done(one.message, self._reply(one))

    def _goes_well(self) -> bool:
        """Else the connection breaks before the dot."""
        return not self.faulty or self.chance.random() > 0.02

    def _reply(self, one: InHand) -> Reply:
        """How it ends; the referee knows it at once, the database only with the next group."""
        now = self.system.now()
        if not one.begun:
            return Reply(0, None, "gone", "relay", Phase.DATA, now, now, written=self.chance.random() < 0.5)
        code, enhanced, final, taken = self._answer()
        self.referee.answered(one.seen, taken=taken, final=final)
        return Reply(code, enhanced, "", "relay", Phase.DOT, now, now)

    def _answer(self) -> tuple[int, str | None, bool, bool | None]:
        draw = self.chance.random() if self.faulty else 1.0
        if draw < 0.02:
            return 451, "4.3.0", False, False
        if draw < 0.03:
            return 550, "5.1.1", True, False
        return (0, None, False, None) if draw < 0.04 else (250, "2.0.0", False, True)
