"""What a bad day or a crowd of rivals came to: its name, its figures, each broken promise in words."""

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.stats import note
from tests.torture.reckoning import Count

Facts = Mapping[str, object]


@dataclass(frozen=True)
class Day:
    """`kind` groups days that are told together; `facts` are figures by name; no `problems`: all was kept.

    `cases`: how often what was to be tried has happened.
    """

    kind: str
    name: str
    facts: Facts = field(default_factory=dict)
    problems: Sequence[str] = ()
    cases: int = 1


Play = Callable[[], Day]


def counted(kind: str, count: Count, *, problems: Sequence[str] = (), cases: int = 1, **facts: object) -> Day:
    """A day that ends with the books beside the relay's."""
    books = {
        "lost": count.lost,
        "unnamed": count.unlisted,
        "doubtful": count.doubtful,
        "repeated": count.repeated,
    }
    return Day(kind, count.case, books | facts, [*count.problems, *problems], cases)


def played(plays: Sequence[tuple[str, str, Play]]) -> list[Day]:
    """Each (kind, name, play). One that breaks is a problem of its own; the others go on."""
    days = []
    for number, (kind, name, play) in enumerate(plays, 1):
        try:
            day = play()
        except Exception:  # whatever it is, it is told, and the next one is played
            day = Day(kind, name, problems=(traceback.format_exc(),))
        note(f"{number} of {len(plays)}: {day.name}: {'; '.join(day.problems) or 'kept'} {dict(day.facts)}")
        days.append(day)
    return days


def until(condition: Callable[[], object], *, within: float, what: str, every: float = 0.05) -> float:
    """Ask again and again until it holds; after how many seconds it did. Raises when it never does."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > within:
            raise TimeoutError(f"not within {within:.0f} s: {what}")
        time.sleep(every)
    return time.monotonic() - began
