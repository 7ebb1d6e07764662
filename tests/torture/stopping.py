"""Deaths while an officer approves or stops a release: the verb's own, or the sender's. Each gives its Count.

When it is stopped the relay keeps its answers back meanwhile, so that something is under way.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.program import Program
from tests.torture.deaths import KILLED
from tests.torture.edges import Edge, When
from tests.torture.office import Office, Release, kill
from tests.torture.reckoning import Count, reckon

_BOTH: tuple[When, ...] = ("before", "after")


@dataclass(frozen=True, slots=True)
class Stop:
    """One case: `play` an office."""

    name: str
    play: Callable[[Office], Count]


def cases() -> list[Stop]:
    """All of them."""
    return list(_cases())


def _cases() -> Iterator[Stop]:
    for verb, kind in (("hold", "held"), ("cancel", "cancelled")):
        for when in _BOTH:
            yield _verb_dies(verb, Edge("commit", ("INSERT INTO log", f"'{kind}'"), when))
        yield _sender_dies(verb)
    yield _verb_dies("cancel", Edge("commit", ("UPDATE delivery", "'cancelled'"), "before"))
    for when in _BOTH:
        yield _resume_dies(when)
        yield _approve_dies(when)


def _verb_dies(verb: str, edge: Edge) -> Stop:
    name = f"“release {verb}” dies {edge.when} the commit: {edge.words[-1].strip(chr(39))}, {edge.words[0]}"

    def play(office: Office) -> Count:
        with office.release() as release:
            sender = _under_way(release)
            died = release.start(*_argv(verb, release), edge=edge).wait() == KILLED
            release.relay.gate("open dot")
            sender.wait()
            return _reckon(release, name, died=died, deaths=0)

    return Stop(name, play)


def _sender_dies(verb: str) -> Stop:
    name = f"a sender dies during “release {verb}”"

    def play(office: Office) -> Count:
        with office.release() as release:
            sender = _under_way(release)
            stopping = release.start(*_argv(verb, release))
            _until_stopped(release)
            died = kill(sender)
            stopped = stopping.wait() == 0
            release.relay.gate("open dot")
            return _reckon(release, name, died=died and stopped, deaths=1)

    return Stop(name, play)


def _resume_dies(when: When) -> Stop:
    name = f"“release resume” dies {when} its commit"

    def play(office: Office) -> Count:
        with office.release() as release:
            release.run(*_argv("hold", release))
            edge = Edge("commit", ("INSERT INTO log", "'resumed'"), when)
            died = release.start("release", "resume", release.reference, edge=edge).wait() == KILLED
            return _reckon(release, name, died=died, deaths=0)

    return Stop(name, play)


def _approve_dies(when: When) -> Stop:
    name = f"“release approve” dies {when} its commit"

    def play(office: Office) -> Count:
        with office.release(approved=False) as release:
            edge = Edge("commit", ("INSERT INTO log", "'approved'"), when)
            died = release.start("release", "approve", release.reference, edge=edge).wait() == KILLED
            if release.json("release", "show", release.reference)["state"] == "draft":
                release.run("release", "approve", release.reference)
            return _reckon(release, name, died=died, deaths=0)

    return Stop(name, play)


def _under_way(release: Release) -> Program:
    release.relay.gate("close dot")
    sender = release.start("send-due")
    release.relay.until(lambda sink: sink.of("dot"))
    return sender


def _argv(verb: str, release: Release) -> tuple[str, ...]:
    flags = {"hold": ("--reason", "the vote is postponed", "--quiet"), "cancel": ("--yes",)}
    return "release", verb, release.reference, *flags[verb]


def _until_stopped(release: Release) -> None:
    while not (release.held or release.mailout == "cancelled"):
        time.sleep(0.01)


def _reckon(release: Release, name: str, *, died: bool, deaths: int) -> Count:
    """Answer what waits for an officer, finish, count."""
    listed = release.doubted()
    if release.held:
        release.run("release", "resume", release.reference)
    first = release.finish()
    cancelled = release.mailout == "cancelled"
    if cancelled and release.doubted():
        release.run("doubt", "settle", release.reference, "--cancelled")
    return reckon(
        release, case=name, listed=listed, first=first, died=died, deaths=deaths, cancelled=cancelled
    )
