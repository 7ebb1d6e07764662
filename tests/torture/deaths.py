"""Deaths of senders: at an edge, at random, by SIGTERM. Each gives its Count."""

import random
import time
from dataclasses import dataclass

from tests.program import Program
from tests.torture.edges import Edge
from tests.torture.office import Office, Release, kill
from tests.torture.points import Case
from tests.torture.reckoning import Count, reckon

KILLED = -9
_VICTIMS = (("send-due",), ("send-due",), ("worker",), ("run",))


def at_edges(office: Office, case: Case) -> Count:
    """Each program of the case dies at its edge, one after the other; then `send-due`."""
    with office.release(pipelining=case.pipelining, undo=case.undo) as release:
        died = [release.start(*death.argv, edge=death.edge).wait() == KILLED for death in case.deaths]
        listed = release.doubted()
        return reckon(
            release, case=case.name, listed=listed, first=release.finish(), died=all(died), deaths=len(died)
        )


def at_random(office: Office, chance: random.Random, *, fresh: bool = False) -> Count:
    """kill -9 after a random number of acceptances, or after a random time.

    `fresh`: what is started afterwards is a fresh interpreter, as a user or systemd starts it.
    """
    argv, pipelining = chance.choice(_VICTIMS), chance.random() < 0.75
    moment = _Moment.any(chance, len(office.addresses))
    with office.release(pipelining=pipelining) as release:
        victim = _victim(release, argv)
        moment.wait(release)
        died = kill(victim)
        listed = release.doubted()
        first = release.finish(fresh=fresh)
        return reckon(release, case=f"{argv[0]} {moment}", listed=listed, first=first, died=died)


def asked_to_end(office: Office, chance: random.Random) -> Count:
    """SIGTERM at a random moment: no doubt, nobody twice."""
    argv, moment = chance.choice(_VICTIMS), _Moment.any(chance, len(office.addresses))
    with office.release(pipelining=chance.random() < 0.75) as release:
        victim = _victim(release, argv)
        moment.wait(release)
        running = victim.running
        victim.terminate()
        victim.wait()
        listed = release.doubted()
        name = f"SIGTERM {argv[0]} {moment}"
        return reckon(release, case=name, listed=listed, first=release.finish(), died=running, deaths=0)


def _victim(release: Release, argv: tuple[str, ...]) -> Program:
    """A worker opens and sends; that somebody else prepares is seen to first."""
    if argv == ("worker",):
        release.start("send-due", edge=Edge("commit", ("INSERT INTO run",), "before")).wait()
    return release.start(*argv)


@dataclass(frozen=True)
class _Moment:
    """After so many acceptances, or so many seconds after the start."""

    accepted: int | None
    seconds: float

    @classmethod
    def any(cls, chance: random.Random, most: int) -> "_Moment":
        if chance.random() < 0.75:
            return cls(chance.randrange(most), chance.random() * 0.01)
        return cls(None, chance.random() * 1.5)

    def wait(self, release: Release) -> None:
        if self.accepted is not None:
            release.taken_at_least(self.accepted)
        time.sleep(self.seconds)

    def __str__(self) -> str:
        return (
            f"{self.seconds:.3f} s after {'its start' if self.accepted is None else f'{self.accepted} taken'}"
        )
