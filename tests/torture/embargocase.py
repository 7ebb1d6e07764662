"""An office and some of its releases, eight workers, and some days in which everything happens to them.

One case is one office with a database of its own, played from its seed and number alone: what is to happen
stands in a queue by its time, and between two of those things workers take their steps.
"""

import gc
import heapq
import random
import shutil
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from distributor import config, system
from distributor.store.database import open_store
from distributor.system import System
from tests.house import House
from tests.torture import moments, officers
from tests.torture.hands import Hand
from tests.torture.plainmail import furnish
from tests.torture.referee import Referee
from tests.torture.timeflow import Host, Process, Truth, flowing, hosts

WORKERS = 8
SHARE = 334  # releases of an office
_PATIENCE = 6 * 3600  # seconds: for how long somebody looks again at what does not change
_BEFORE = timedelta(hours=34)  # approval before an instant
_QUIET = 1200  # seconds until somebody looks, although nothing is to happen
_AHEAD = 300  # seconds: how much too early the fastest clock looks


class Result(NamedTuple):
    """What a case came to. `heard`: begun hand-overs by kind; `done`: what was done, by name.

    `changes`: clocks that changed within two hours of some release's instant.
    """

    number: int
    releases: int
    broken: dict[str, int]
    problems: list[str]
    heard: dict[str, int]
    done: dict[str, int]
    changes: frozenset[moments.Change] = frozenset()


def played(number: int, *, folder: Path, **how: Any) -> Result:
    """As `play`; what breaks the case itself is a problem of it, too. Its folder is gone then."""
    gc.set_threshold(50_000, 20, 100)  # statements leave rings behind by the thousand
    try:
        return play(number, folder=folder, **how)
    except Exception:  # whatever it is, it is told, and the next case is played
        return Result(number, 0, {}, [f"case {number}: {traceback.format_exc()}"], {}, {})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Case:
    """`zone`: the office's. `later` and `soon` put something into the queue."""

    built: System
    truth: Truth
    process: Process
    hosts: list[Host]
    chance: random.Random
    zone: str
    referee: Referee = field(default_factory=Referee)
    hands: list[Hand] = field(default_factory=list)
    desk: "officers.Desk" = field(init=False)
    _queue: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _steps: list[tuple[float, int, Hand]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _waiting: tuple[object, float] = (None, 0.0)  # what waits, and since when just that
    _woken: float = -1.0  # the last time at which somebody is to wake up
    _quiet: int = 0  # looks since something happened
    _again: float = 0.0  # when somebody looks because something waits
    _exactly: set[float] = field(default_factory=set)  # the seconds at which somebody does, in any case

    def __post_init__(self) -> None:
        self.desk = officers.Desk(self)
        for host in self.hosts:
            self.hands.append(Hand(self.on(host), host, self.referee, self.process, self.chance))

    @property
    def one_machine(self) -> bool:
        return self.built.store.is_sqlite

    def on(self, host: Host) -> System:
        """The same office on another host."""
        clock = host.clock(self.built.store)
        return replace(self.built, now=clock.now, reading=clock.reading, machine=host.machine)

    def at(self, seconds: float, what: Callable[[], None]) -> None:
        """Something is to happen so many seconds after the beginning, or now if that has passed."""
        heapq.heappush(self._queue, (seconds, next(self._numbers), what))

    def wake(self, seconds: float) -> None:
        """They look then, unless they are about to anyway."""
        if not self.truth.elapsed() <= self._woken - 1 <= seconds + 90:
            self.look_at(seconds)

    def wake_for(self, due: float) -> None:
        """The moments that matter for what is due: just before, by a clock that is fast; and when it is."""
        if due in self._exactly:
            return
        self._exactly.add(due)
        self.look_at(due - self.chance.uniform(0.001, _AHEAD))
        self.look_at(due)

    def look_at(self, seconds: float) -> None:
        """Clockwork and some workers look then, whatever else is to come."""
        self._woken = max(self._woken, seconds)
        self.at(seconds, self._awake)

    def go_on(self) -> None:
        """Until nothing is left to happen."""
        while self._queue or self._steps:
            queued = self._queue[0][0] if self._queue else float("inf")
            stepping = self._steps[0][0] if self._steps else float("inf")
            if stepping < queued:
                self._step()
            elif queued > self.truth.elapsed() + _QUIET and self._quiet < 2:
                self._quiet += 1
                self._to(self.truth.elapsed() + _QUIET)
                self._awake()
            else:
                at, _, what = heapq.heappop(self._queue)
                self._to(at)
                self._quiet = 0
                what()

    def pause(self, seconds: float) -> None:
        """While an officer's verb waits, workers go on."""
        end = self.truth.elapsed() + seconds
        while self._steps and self._steps[0][0] <= end:
            self._step()
        self._to(end)

    def tick(self) -> None:
        """What the clockwork does each second, wherever it runs; not each stage gets its turn each time."""
        host = self.chance.choice(self.hosts)
        self.process.on(host)
        system = self.hands[self.hosts.index(host)].system
        for stage in system.stages:
            if self.chance.random() < (0.2 if stage in (system.seal, system.tell) else 0.5):
                stage()

    def settle(self) -> None:
        """Sound relays, right clocks, officers who answer: whatever can still go, goes."""
        for hand in self.hands:
            hand.faulty = False
        self.desk.clock_is_right()
        for _ in range(4):
            self.desk.answers()
            self._awake()
            self.go_on()
            self._to(self.truth.elapsed() + 1900)  # the longest a deferred one waits
        self.referee.settled(self.truth.now)
        for hand in self.hands:
            hand.stop()

    def everybody_dies(self) -> None:
        for hand in self.hands:
            hand.die()

    def _awake(self) -> None:
        self.tick()
        for hand in self.chance.sample(self.hands, self.chance.choice((1, 1, 2, 3))):
            hand.look()
            self._soon(hand)
        self._look_again()
        self.desk.look()

    def _look_again(self) -> None:
        """As soon as something may go on; ever later as long as nothing about it changes."""
        waiting, now = self.desk.what_waits(), self.truth.elapsed()
        if waiting != self._waiting[0]:
            self._waiting = (waiting, now)
        unchanged = now - self._waiting[1]
        times = [] if waiting.later is None else [waiting.later + self.chance.uniform(0, 60)]
        if waiting.ready and unchanged < _PATIENCE:
            times.append(now + max(60, 0.6 * unchanged))
        if times and not now < self._again <= min(times) + 60:
            self._again = min(times)
            self.look_at(self._again)

    def _step(self) -> None:
        at, _, hand = heapq.heappop(self._steps)
        self._to(at)
        if self.chance.random() < 0.002:
            self.desk.done["a worker died"] += 1
            hand.die()
        elif hand.step():
            self._soon(hand)

    def _soon(self, hand: Hand) -> None:
        """Now and then a worker stands still for longer than an intent lasts."""
        long = self.chance.random() < 0.02
        wait = self.chance.uniform(0.3, 2.0) if long else self.chance.uniform(0.001, 0.06)
        heapq.heappush(self._steps, (self.truth.elapsed() + wait, next(self._numbers), hand))

    def _to(self, seconds: float) -> None:
        self.truth.to(self.truth.began + timedelta(seconds=seconds))


def play(
    number: int,
    *,
    of: int,
    seed: int,
    folder: Path,
    url: str = "",
    releases: int = SHARE,
    hasty: bool = False,
) -> Result:
    """Case `number` `of` so many, which divide the five years; `url`: of a PostgreSQL with the schema."""
    chance = random.Random(f"{seed} {number}")
    span = (moments.END - moments.START) / of
    start = moments.START + number * span
    truth, zone = Truth(start - _BEFORE), moments.ZONES[number % len(moments.ZONES)]
    with ExitStack() as stack:
        if url:
            url = stack.enter_context(truth.in_postgres(url))
        process = stack.enter_context(flowing(truth, zone=chance.choice(moments.ZONES), chance=chance))
        machines = hosts(truth, WORKERS, chance, apart=bool(url))
        built = stack.enter_context(_office(folder, url, zone, machines[0]))
        case = Case(built, truth, process, machines, chance, zone)
        case.desk.plan(releases, start, start + span, hasty=hasty)
        case.go_on()
        case.settle()
        broken = {name: number for name, number in case.referee.broken.items() if number}
        told = [f"case {number}: {words}" for words in case.referee.problems]
        heard, done = case.referee.heard, case.desk.done
        return Result(number, len(case.referee.texts), broken, told, heard, done, case.desk.changes)


@contextmanager
def _office(folder: Path, url: str, zone: str, host: Host) -> Iterator[System]:
    house = House(folder, url)
    furnish(house, zone=zone)
    if not url:
        open_store(f"sqlite:///{house.database}").close()
    built = system.build(config.load(folder / "config.toml"), clock=host.clock)
    with closing(built.store):
        house.sync(built)
        yield built
