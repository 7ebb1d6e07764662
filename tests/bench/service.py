"""`distributor run` under measurement: a release with an embargo, and what happens at its instant.

The service stays up between releases, and all its senders are there before the first: warm, as in an office.
"""

import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench import stats
from tests.bench.house import Failed, House, Times
from tests.bench.sinks import Seen, Sink

_LOOK = 0.2  # seconds between two looks at the mailout's state


@dataclass(frozen=True)
class Opened:
    """A release at its instant. `seen` by a sink that has a clock; `cpu`: seconds of what ran meanwhile."""

    instant: datetime
    times: Times
    seen: Seen | None
    cpu: dict[str, float]

    @property
    def first(self) -> float:
        """Seconds from the instant to the first acceptance: by the sink's clock, else by the log."""
        return ((self.seen or self.times).first - self.instant).total_seconds()

    @property
    def last(self) -> float:
        return ((self.seen or self.times).last - self.instant).total_seconds()

    @property
    def elapsed(self) -> float:
        return (self.times.last - self.times.intended).total_seconds()


@dataclass(frozen=True)
class Service:
    """A running `distributor run` of a house, handing over to a sink."""

    office: House
    sink: Sink
    pid: int

    def sender(self) -> int | None:
        """The process id of its first sender, once there is one."""
        return next(iter(stats.below(self.pid)), None)

    def open(self, *, ahead: float, others: dict[str, int] | None = None) -> Opened:
        """A release whose embargo ends `ahead` seconds from now; returns when its mailout is finished.

        `others`: {name: process id} of programs whose processor time is of interest too. When the audience
        was not ready at the instant, once more with twice the time.
        """
        watched = {"senders": self.pid, "sink": self.sink.pid} | (others or {})
        while (opened := self._opened(ahead, watched)) is None:
            ahead *= 2
            stats.note(f"not prepared at the instant: once more, {ahead:.0f} s ahead")
        return opened

    def _opened(self, ahead: float, watched: Mapping[str, int]) -> Opened | None:
        """None when it was not ready at its instant."""
        instant = (datetime.now(UTC) + timedelta(seconds=ahead)).replace(microsecond=0)
        try:
            reference = self.office.release(embargo=instant)
        except Failed:
            if datetime.now(UTC) < instant:
                raise
            return None
        self.sink.reset()
        ready = self._prepared(reference, by=instant)
        before = {name: stats.cpu_seconds(pid) for name, pid in watched.items()}
        self.finish(reference)
        cpu = {name: stats.cpu_seconds(pid) - before[name] for name, pid in watched.items()}
        if not ready:
            return None
        seen = self.sink.seen() if self.sink.has_clock else None
        return Opened(instant, self.office.times(reference), seen, cpu)

    def finish(self, reference: str) -> None:
        """Come back when the release's mailout is finished."""
        while self.office.state(reference) != "finished":
            time.sleep(_LOOK)

    def _prepared(self, reference: str, *, by: datetime) -> bool:
        """Come back a moment before the instant: whether the mailout is prepared by then."""
        while (left := (by - datetime.now(UTC)).total_seconds() - _LOOK) > 0:
            time.sleep(min(_LOOK, left))
        return self.office.state(reference) == "prepared"


@contextmanager
def service(
    office: House, sink: Sink, *, workers: int = 1, environment: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """The service for the length of the block."""
    argv = ("run", "--workers", str(workers))
    with office.start(*argv, port=sink.port, environment=environment) as process:
        try:
            while office.living_runs() < workers:
                assert process.poll() is None, office.said
                time.sleep(_LOOK)
            yield Service(office, sink, process.pid)
        finally:
            senders = stats.below(process.pid)
            process.send_signal(signal.SIGTERM)
            while any(Path(f"/proc/{pid}").exists() for pid in senders):
                time.sleep(_LOOK)
