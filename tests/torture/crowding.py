"""Rivals on one mailout: many workers, many `send-due` at once, an officer who stops it, people who leave.

Each recipient has one message; after a hold has returned none begins, and none after somebody's
unsubscribing was answered.
"""

import random
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from distributor.office import stop
from distributor.store import rows
from distributor.system import System
from tests.house import real
from tests.torture.days import Day, counted, until
from tests.torture.edges import Edge
from tests.torture.office import OVER, Office, Release
from tests.torture.reckoning import Count, reckon
from tests.torture.web import asked, health

_CROWD, _STOPS = "a crowd on one mailout", "held, resumed, left while it goes out"
_WITHIN = 300.0
BEFORE_THE_RUN = Edge("commit", ("INSERT INTO run",), "before")

d = rows.delivery.c


def workers(office: Office, number: int) -> Day:
    """So many workers take what is prepared."""
    with office.release("--delay", "0.01") as release:
        release.start("send-due", edge=BEFORE_THE_RUN).wait()  # prepared and open, nothing sent
        crowd = [release.start("worker") for _ in range(number)]
        until(lambda: _gathered(office, release), every=1, within=_WITHIN, what="all sent")
        for worker in crowd:
            worker.terminate()
        codes = [worker.wait() for worker in crowd]
        release.finish()
        count = _unhurt(release, f"{number} workers")
        shared = _hands(office, release)
    problems = [f"exit codes {codes}"] if any(codes) else []
    return counted(_CROWD, count, problems=problems, programs=number, that_sent=shared)


def _gathered(office: Office, release: Release) -> bool:
    """Whether all have it. Workers gather nothing: what they hand back waits for the clockwork."""
    office.system.gather()
    return len(release.relay.accepted) >= len(office.addresses)


def at_once(office: Office, number: int) -> Day:
    """So many `send-due` at the same time. Who finds the database busy says so and ends."""
    with office.release("--delay", "0.01") as release:
        crowd = [release.start("send-due") for _ in range(number)]
        codes = [program.wait() for program in crowd]
        loud = [program.stderr for program in crowd if "Traceback" in program.stderr]
        release.finish()
        count = _unhurt(release, f"{number} send-due at once")
        shared = _hands(office, release)
    problems = [f"a traceback: {loud[0]}"] if loud else []
    problems += [f"exit codes {sorted(set(codes))}"] if not set(codes) <= {0, 1} else []
    return counted(_CROWD, count, problems=problems, programs=number, that_sent=shared, refused=sum(codes))


def _unhurt(release: Release, case: str, *, silenced: Collection[str] = ()) -> Count:
    """The books, where nobody died: so nobody is in doubt."""
    case += ", PostgreSQL" if release.office.database_url else ", SQLite"
    listed = release.doubted()
    return reckon(release, case=case, listed=listed, first=None, died=False, deaths=0, silenced=silenced)


def _hands(office: Office, release: Release) -> int:
    """How many runs handed over."""
    log, m, r = rows.log.c, rows.mailout.c, rows.release.c
    mine = select(m.id).join(rows.release, r.id == m.release_id).where(r.reference == release.reference)
    found = select(func.count(log.actor.distinct())).where(log.kind == "intent", log.mailout_id.in_(mine))
    with office.store.read() as connection:
        return int(connection.scalar(found) or 0)


@dataclass
class Leaving:
    """People leave by the link of their mail, one after the other. `left`: when each had the answer."""

    office: Office
    release: Release
    built: System
    chance: random.Random
    left: dict[str, datetime] = field(default_factory=dict)
    _enough: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Leaving":
        self._thread = threading.Thread(target=self._leave)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def _leave(self) -> None:
        while not self._enough.wait(self.chance.random() * 0.3):
            waiting = self._waiting()
            if not waiting:
                continue
            id, address = self.chance.choice(waiting)
            code, _ = asked(self.office.listen, f"/u/{self.built.tokens.unsubscribe(id)}", data=b"")
            if code == 200:  # else the database was busy: her mail program tries again
                self.left[address] = datetime.now(UTC)

    def _waiting(self) -> Sequence[Any]:
        m, r = rows.mailout.c, rows.release.c
        found = (
            select(d.id, d.address)
            .join(rows.mailout, m.id == d.mailout_id)
            .join(rows.release, r.id == m.release_id)
            .where(r.reference == self.release.reference, d.state.in_(["queued", "sending"]))
            .order_by(d.id)
            .limit(200)
        )
        with self.office.store.read() as connection:
            return connection.execute(found).all()


def stops(office: Office, *, times: int, chance: random.Random, senders: int = 4) -> Day:
    """Held and resumed so often while it goes out, and people leave meanwhile."""
    office_now = None if office.database_url else real
    with office.release("--delay", "0.1") as release, office.house.system(now=office_now) as built:
        service = release.start("run", "--workers", str(senders))
        until(lambda: health(office.listen), within=_WITHIN, what="the service is up")
        release.relay.until(lambda sink: sink.accepted)
        with Leaving(office, release, built, chance) as leaving:
            pauses = [_held(release, built, chance) for _ in range(times)]
        until(lambda: release.mailout in OVER, every=0.5, within=_WITHIN, what="the mailout is over")
        service.terminate()
        service.wait()
        count = _unhurt(release, f"{times} times", silenced=leaving.left)
        begun = {event["recipient"]: _at(event) for event in release.relay.of("content")}
    late = [address for address, at in leaving.left.items() if begun.get(address, at) > at]
    problems = [f"handed over after they left: {late[:3]}"] if late else []
    problems += [words for pause in pauses if (words := pause.broken(list(begun.values())))]
    return counted(_STOPS, count, problems=problems, cases=times, holds=times, left=len(leaving.left),
                   left_unmailed=sum(address not in begun for address in leaving.left))  # fmt: skip


@dataclass(frozen=True)
class _Pause:
    """Nothing may begin in it but what was past its dot."""

    held: datetime
    resumed: datetime
    under_way: int

    def broken(self, begun: Sequence[datetime]) -> str:
        within = sum(self.held < at < self.resumed for at in begun)
        return f"{within} begun after a hold returned" if within > self.under_way else ""


def _held(release: Release, built: System, chance: random.Random) -> _Pause:
    place = {"publisher_id": built.publisher.id, "reference": release.reference}
    now = lambda: {"actor": "officer", "now": built.now()}  # noqa: E731
    stopped = stop.hold(built.store, **now(), **place, reason="the vote is postponed")
    held = datetime.now(UTC)
    time.sleep(0.1 + chance.random() * 0.2)
    resumed = datetime.now(UTC)
    stop.resume(built.store, **now(), **place)
    time.sleep(0.1 + chance.random() * 0.2)
    return _Pause(held, resumed, stopped.under_way)


def _at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["at"])
