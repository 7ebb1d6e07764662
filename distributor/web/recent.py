"""What the store has just answered, for whoever asks the same.

While a mailout goes out many officers look at the same pages. An answer is given again for a second, as long
as nothing has been written by this process and nothing been done by anybody: the office's log has no new row.
So what an officer, the clockwork or a journalist did shows at once; what senders do, many times a second, may
be a second old. What takes long to find is good for ten times as long, ten seconds at most: a database that
is slow for a while must not make figures old for long.
Nothing is kept that depends on who asks, and nothing for longer than it is good.
"""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")

FRESH = timedelta(seconds=1)
#: For what changes with a row in the office's log alone.
LASTING = timedelta(minutes=1)
_TIMES, _MOST = 10, timedelta(seconds=10)  # as long as it took to find, and never longer for that


@dataclass
class _Answer:
    """To what was asked at `now`, when the machine had been `up` so long; `stamp`: what was known then."""

    stamp: Hashable
    now: datetime
    up: timedelta
    good: timedelta
    told: "Future[Any]" = field(default_factory=Future)

    def fits(self, stamp: Hashable, now: datetime, up: timedelta) -> bool:
        """Neither clock may have gone on by more than it is good for."""
        return self.stamp == stamp and abs(now - self.now) <= self.good and self.is_good(up)

    def is_good(self, up: timedelta) -> bool:
        return up - self.up <= self.good


class Recent:
    """Answers by question. Threads may share it: what several ask at once is asked once."""

    def __init__(self, *, up: Callable[[], timedelta]) -> None:
        self._up = up
        self._lock = Lock()
        self._answers: dict[Hashable, _Answer] = {}

    def ask(
        self,
        question: Hashable,
        ask: Callable[[], T],
        *,
        stamp: Hashable,
        now: datetime,
        good: timedelta = FRESH,
    ) -> T:
        """What `ask` says, or said a moment ago when the `stamp` was the same. What it raises is not kept."""
        with self._lock:
            answer = self._found(question, stamp, now)
            if mine := answer is None:
                answer = self._answers[question] = _Answer(stamp, now, self._up(), good)
        if mine:
            self._find(question, answer, ask)
        told: T = answer.told.result()
        return told

    def _found(self, question: Hashable, stamp: Hashable, now: datetime) -> _Answer | None:
        """The answer that is good; where there is none, all that are good no more are forgotten."""
        up, found = self._up(), self._answers.get(question)
        if found is not None and found.fits(stamp, now, up):
            return found
        self._answers = {key: one for key, one in self._answers.items() if one.is_good(up)}
        return None

    def _find(self, question: Hashable, answer: _Answer, ask: Callable[[], Any]) -> None:
        try:
            told = ask()
            answer.good = max(answer.good, min(_MOST, (self._up() - answer.up) * _TIMES))
            answer.told.set_result(told)
        except BaseException as error:
            answer.told.set_exception(error)
            with self._lock:
                if self._answers.get(question) is answer:
                    del self._answers[question]
