"""What the log knows of a hand-over without an answer: its span, its relays, and its neighbours."""

from datetime import timedelta

import pytest

from distributor.model.evidence import HandOver, Neighbour
from distributor.store import log
from distributor.store.views import handovers
from tests.world import NOW, World, leased

MAIN = frozenset({"main"})
SECOND = timedelta(seconds=1)


@pytest.fixture
def world(store):
    return World(store)


def told(mailout, id, kind, *, at, detail="", relay=None):
    return log.Event(
        kind, at, "run", mailout_id=mailout, delivery_id=id, attempt=1, relay=relay, detail=detail
    )


def wrote(world, run, *events):
    with world.store.write() as connection:
        log.append(connection, chain=log.last(connection, name=f"run:{run.id}"), events=events)


def asked(world, ids, relays=MAIN):
    with world.store.read() as connection:
        return handovers.of(connection, ids=ids, relays=relays)


def test_span_and_neighbours(world):
    run, mailout, (a, b, c) = leased(world)
    accepted = {"detail": "accept", "relay": "main"}
    wrote(
        world,
        run,
        told(mailout, a, "intent", at=NOW),
        told(mailout, a, "answer", at=NOW + SECOND, **accepted),
        told(mailout, b, "intent", at=NOW + 2 * SECOND),
        told(mailout, c, "intent", at=NOW + 2 * SECOND),
        told(mailout, c, "answer", at=NOW + 3 * SECOND, detail="defer", relay="main"),
    )
    other = world.run()
    wrote(world, other, told(mailout, c, "answer", at=NOW + 9 * SECOND, **accepted))  # another run's
    with world.store.write() as connection:
        log.record(connection, told(mailout, b, "doubted", at=NOW + 60 * SECOND))
    found, known = asked(world, [b])
    assert found == [
        HandOver(b, NOW + 2 * SECOND, NOW + 60 * SECOND, MAIN, (Neighbour(a, "main", NOW + SECOND),))
    ]
    assert known == {a: (mailout, "r0@example.org"), b: (mailout, "r1@example.org")}


def test_relay_that_broke_off_is_the_one_that_may_have_it(world):
    run, mailout, (a, *_) = leased(world)
    wrote(
        world,
        run,
        told(mailout, a, "intent", at=NOW),
        told(mailout, a, "doubted", at=NOW + SECOND, relay="spare"),
    )
    [found], _ = asked(world, [a], relays=frozenset({"main", "spare"}))
    assert (found.relays, found.ended, found.neighbours) == (frozenset({"spare"}), NOW + SECOND, ())


def test_not_logged_is_not_told(world):
    _, _, (a, *_) = leased(world)
    assert asked(world, [a])[0] == []
