"""What is under way in one worker run, between its ledger and its relays.

It is the wire's load: sessions take from it what has a fresh intent, and tell it how each hand-over ended.
It says when a group of these is worth writing down. It writes nothing itself and decides no state.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat

from distributor.model.message import Message, Phase, Reply, Told
from distributor.pipeline.group import Answer, Composed, elapsed

STALE = 0.5  # seconds from an intent to the last moment its content may be written (law 5)
_AHEAD = 0.2  # seconds of work that intents are at most written ahead of the sessions
_MOST_AHEAD = 64
_LOOK = 0.1  # seconds until a group is written although little has happened


@dataclass
class Flow:
    """`connections` sessions take from it. `reachable` is False once a hand-over found no relay."""

    connections: int
    now: Callable[[], datetime]
    reachable: bool = True
    failure: BaseException | None = None
    _answers: list[Answer] = field(default_factory=list)
    _ready: deque[tuple[Composed, float]] = field(default_factory=deque)
    _in_hand: dict[str, tuple[Composed, float, float]] = field(default_factory=dict)
    _late: dict[str, Told] = field(default_factory=dict)  # in hand, and too old to be written
    _idle: deque[asyncio.Future[None]] = field(default_factory=deque)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _pace: float = _AHEAD  # seconds that a hand-over takes, lately
    _closed: bool = False

    # The wire's side

    async def more(self) -> bool:
        """Wait until there is something to take; False when there will be nothing more."""
        while not self._ready and not self._closed:
            waiting = asyncio.get_running_loop().create_future()
            self._idle.append(waiting)
            await waiting
        return not self._closed

    def take(self) -> Message | None:
        """The next message whose intent is fresh."""
        now = elapsed()
        while self._ready:
            candidate, intended = self._ready.popleft()
            if now - intended < STALE:
                self._in_hand[candidate.message.message_id] = (candidate, intended, now)
                return candidate.message
            self._take_back(candidate)
        self._news.set()
        return None

    def may_write(self, message: Message) -> bool:
        """False when its intent is so old that whoever stopped the release no longer waits for it."""
        return elapsed() - self._in_hand[message.message_id][1] < STALE

    def ask(self, message: Message, told: Told) -> None:
        """The relay is ready for its content, and the guard was asked too long ago."""
        self._late[message.message_id] = told
        self._news.set()

    def done(self, message: Message, reply: Reply) -> None:
        """How it ended."""
        self._late.pop(message.message_id, None)
        candidate, _, taken = self._in_hand.pop(message.message_id)
        self._pace += (elapsed() - taken - self._pace) / 4
        if reply.phase is Phase.CONNECT and not reply.code and reply.written:
            self.reachable = False
        self._answers.append(Answer(candidate, reply, random.random()))  # noqa: S311  (jitter)
        if len(self._answers) * 2 >= _MOST_AHEAD or not self._ready:
            self._news.set()

    def fail(self, error: BaseException) -> None:
        """A session's error that is nobody's reply: whoever writes the next group raises it."""
        self.failure = error
        self._news.set()

    # The ledger's side

    async def news(self, *, within: float | None = None) -> None:
        """Wait (`within` seconds) for a group worth writing; while something is under way only a moment."""
        try:
            async with asyncio.timeout(min(_LOOK, within or _LOOK) if self.under_way else within):
                await self._news.wait()
        except TimeoutError:
            pass
        self._news.clear()

    @property
    def stirred(self) -> bool:
        """There is news already."""
        return self._news.is_set()

    def wake(self) -> None:
        """There is news from elsewhere."""
        self._news.set()

    @property
    def ready(self) -> int:
        """Intents that no session has taken yet."""
        return len(self._ready)

    @property
    def under_way(self) -> int:
        """Intents whose end is not written yet: what a crash would leave in doubt."""
        return len(self._ready) + len(self._in_hand) + len(self._answers)

    @property
    def room(self) -> int:
        """How many intents may be written now: a little ahead of what the relay takes.

        While nothing is under way only one for each session: the first go out sooner, the next meanwhile.
        """
        if not self.under_way:
            return self.connections
        pace = max(self._pace, self._newest)
        if pace < STALE:
            ahead = max(self.connections, int(self.connections * _AHEAD / pace))
        else:  # what waited behind a message would be stale: only sessions that are free get one
            ahead = self.connections - len(self._in_hand)
        return max(0, min(self._most - self.under_way, ahead - len(self._ready)))

    @property
    def _newest(self) -> float:
        """Seconds since a session took something; a relay that falls silent makes no pace of its own."""
        return elapsed() - next(reversed(self._in_hand.values()))[2] if self._in_hand else 0.0

    @property
    def _most(self) -> int:
        return 2 * self.connections + _MOST_AHEAD  # law 2's W

    def answers(self) -> list[Answer]:
        """What ended since they were asked for last; what is stale is taken back."""
        stale = elapsed() - STALE
        while self._ready and self._ready[0][1] <= stale:
            self._take_back(self._ready.popleft()[0])
        answers, self._answers = self._answers, []
        return answers

    def late(self) -> list[Composed]:
        """Those whose sessions wait until the guard is asked again."""
        return [self._in_hand[id][0] for id in self._late]

    def renew(self, late: Sequence[Composed], *, granted: Set[int], intended: float) -> None:
        """Of those that were `late` the `granted` deliveries may go on, since `intended`."""
        for candidate in late:
            id = candidate.message.message_id
            told = self._late.pop(id, None)
            if told is None:  # it ended meanwhile
                continue
            if goes_on := candidate.delivery.id in granted:
                self._in_hand[id] = (candidate, intended, self._in_hand[id][2])
            told(goes_on)

    def take_back(self) -> None:
        """What no session has begun yet is not begun any more, nor goes on what is late."""
        self.renew(self.late(), granted=frozenset(), intended=0.0)
        while self._ready:
            self._take_back(self._ready.popleft()[0])

    def grant(self, candidates: Sequence[Composed], *, intended: float) -> None:
        """These have their intent since `intended` (`elapsed()`) and may be taken."""
        self._ready.extend(zip(candidates, repeat(intended)))
        self._rouse(len(self._ready))

    def close(self) -> None:
        """There will be nothing more."""
        self._closed = True
        self._rouse(len(self._idle))

    def _rouse(self, number: int) -> None:
        while self._idle and number:
            waiting = self._idle.popleft()
            if not waiting.done():
                waiting.set_result(None)
                number -= 1

    def _take_back(self, candidate: Composed) -> None:
        now = self.now()
        reply = Reply(0, None, "not begun in time", "", Phase.CONNECT, now, now, written=False)
        self._answers.append(Answer(candidate, reply, 0.0))
