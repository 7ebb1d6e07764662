"""Bad days of a relay: it says “later” for half an hour, then takes little; or most of its connections drip.

The first is played on a clock that is moved by hand, the second with the program itself.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from distributor.model.relay import RelayAddress
from distributor.store import rows, runs
from distributor.system import System
from distributor.wire.pool import Pool
from tests.house import NOW, Clock, House, mailouts, people, states, tick
from tests.sink import Event, Heard
from tests.torture.days import Day, counted
from tests.torture.office import Office
from tests.torture.reckoning import reckon
from tests.wire import rigged
from tests.wire.rigged import Gone, Rigged

LATER = ("banner", "mail", "rcpt", "dot")
PROBE = 10.0  # seconds: a gate that is closed tries no more often
KEPT = 0.6  # of what the sound connections do alone
_LATER, _DRIPPING = "“later”, then 10 a second", "dripping connections"
_DAY = timedelta(hours=24)
_WARM = 10  # messages
_TICK = timedelta(seconds=20)  # the stages have little to do here


@dataclass
class Later(Rigged):
    """Refuses for now at `step` until `opens`, then lets `rate` envelopes a second begin.

    `tries`: when somebody knocked.
    """

    step: str = "banner"
    clock: Clock = field(default_factory=Clock)
    opens: datetime = NOW
    rate: int = 10
    tries: list[datetime] = field(default_factory=list)
    _begun: Counter[datetime] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.visit = _Visit

    def refusal(self, step: str) -> str | None:
        now = self.clock()
        if now < self.opens:
            return "451 4.3.2 later" if step == self.step else None
        if step != "mail":
            return None
        self._begun[now] += 1
        return "451 4.3.2 not so many at once" if self._begun[now] > self.rate else None

    @property
    def shortest(self) -> float:
        """Seconds between two tries while it was closed."""
        closed = [at for at in self.tries if at < self.opens]
        return min(((b - a).total_seconds() for a, b in pairwise(closed)), default=float("inf"))


class _Visit(rigged.Visit):
    relay: Later

    async def _answer(self, step: str, proper: str = "", *, echo: str = "") -> bool:
        if step == "banner":
            self.relay.tries.append(self.relay.clock())
        refusal = self.relay.refusal(step)
        if refusal is None:
            return await super()._answer(step, proper, echo=echo)
        await self._write(refusal)
        if step == "banner":
            raise Gone
        return False


def later(step: str, *, recipients: int, minutes: int = 30) -> Day:
    """At `step` it is “later” for so long; then 10 a second."""
    with TemporaryDirectory(prefix="distributor-torture-") as name:
        house = House(Path(name))
        house.configure()
        house.furnish(trade=people(recipients))
        with house.system() as built:
            house.release(built)
            relay = Later(step=step, clock=house.clock, opens=built.now() + timedelta(minutes=minutes))
            asyncio.run(_lived(house, built, relay))
            return _judged(relay, built, recipients)


async def _lived(house: House, built: System, relay: Later) -> None:
    """A sender that lives through it, and the clockwork beside it."""
    async with relay:
        address: RelayAddress = relay.address(connections=4)
        pool = Pool([address], clock=lambda: built.now().timestamp(), now=built.now)
        with runs.started(built.store, now=built.now()) as run:
            sender = built.sender(run=run, mailer=pool)
            until, ticked = relay.opens + _DAY, built.now()
            while mailouts(built)["release"] != "finished" and built.now() < until:
                await sender.drain()
                house.clock.move(seconds=_rest(built))
                if built.now() >= ticked + _TICK:
                    tick(built)
                    ticked = built.now()
            with built.store.write() as connection:
                runs.ended(connection, id=run.id, now=built.now())
        await pool.close()


def _rest(built: System) -> float:
    """Seconds: two while something may go, else until the first is tried again."""
    d = rows.delivery.c
    with built.store.read() as connection:
        if connection.scalar(select(d.id).where(d.state == "queued").limit(1)):
            return 2.0
        again = connection.scalar(select(func.min(d.next_at)).where(d.state == "deferred"))
    return max(2.0, (again - built.now()).total_seconds()) if again else 2.0


def _judged(relay: Later, built: System, recipients: int) -> Day:
    ends, taken = Counter(states(built).values()), Counter(relay.accepted)
    closed = [at for at in relay.tries if at < relay.opens]
    checks = {
        f"ended as {dict(ends)}": ends != Counter(sent=recipients),
        f"{recipients - len(taken)} lost": len(taken) != recipients,
        "somebody has it twice": taken.total() != len(taken),
        f"tried again after {relay.shortest:.0f} s": relay.step == "banner" and relay.shortest < PROBE,
        "never tried": not closed,
    }
    facts = {
        "recipients": recipients,
        "lost": recipients - len(taken),
        "failed": recipients - ends["sent"],
        "tries_while_closed": len(closed) if relay.step == "banner" else None,
        "shortest_between_tries_s": relay.shortest if relay.step == "banner" else None,
        "all_had_it_after_min": round((built.now() - relay.opens).total_seconds() / 60, 1),
    }
    problems = [words for words, bad in checks.items() if bad]
    return Day(_LATER, f"later at {relay.step.upper()}", facts, problems)


@dataclass(frozen=True)
class Drip:
    """`slow` of `connections` answer a byte each `seconds`; each dot takes the relay `pace` seconds."""

    connections: int = 8
    slow: int = 5
    seconds: float = 1.0
    pace: float = 0.02
    window: float = 4.0


def dripping(office: Office, drip: Drip) -> Day:
    """What the sound connections still do, beside what they do alone, and what all do when all are sound."""
    alone = _rate(office, drip, connections=drip.connections - drip.slow)
    sound = _rate(office, drip, connections=drip.connections)
    office.connections = drip.connections
    with _under_way(office, drip, slow=drip.slow) as (release, sender):
        rate = _measured(release.relay, drip, len(office.addresses))
        sender.wait()
        name = f"{drip.slow} of {drip.connections} drip, {drip.pace * 1000:.0f} ms a message"
        count = reckon(release, case=name, listed=release.doubted(), first=None, died=False, deaths=0)
    kept = rate / alone
    return counted(
        _DRIPPING,
        count,
        problems=[f"only {kept:.2f} of the rate is left"] if kept < KEPT else [],
        rate=round(rate),
        alone=round(alone),
        all_sound=round(sound),
        kept=round(kept, 2),
        of_all_sound=round(rate / sound, 2),
    )


def _rate(office: Office, drip: Drip, *, connections: int) -> float:
    office.connections = connections
    with _under_way(office, drip, slow=0) as (release, sender):
        rate = _measured(release.relay, drip, len(office.addresses))
        sender.wait()  # what is left would go through the next relay
    return rate


@contextmanager
def _under_way(office: Office, drip: Drip, *, slow: int) -> Iterator[tuple]:
    slowly = ("--drip", str(slow), "--drip-seconds", str(drip.seconds))
    with office.release("--delay", str(drip.pace), *slowly) as release:
        yield release, release.start("send-due")


def _measured(relay: Heard, drip: Drip, everybody: int) -> float:
    """Messages a second from the tenth on, in the window or while there are any; by the relay's clock."""
    relay.until(lambda sink: len(sink.accepted) >= _WARM)
    began = _at(relay.accepted[_WARM - 1])
    over = began + timedelta(seconds=drip.window)
    relay.until(lambda sink: _at(sink.events[-1]) > over or len(sink.accepted) >= everybody - drip.slow)
    times = [at for event in relay.accepted if began < (at := _at(event)) <= over]
    return len(times) / (max(times) - began).total_seconds()


def _at(event: Event) -> datetime:
    return datetime.fromisoformat(event["at"])
