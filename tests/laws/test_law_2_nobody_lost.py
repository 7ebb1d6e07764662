"""Law 2. Each address has exactly one delivery and one end; nobody is lost, and nobody mailed twice unsaid.

Planted bugs, each caught here: no UNIQUE (mailout, address_key) (two prepares); `recover` that puts what
was under way back into the queue without a "doubted" row (the schedules, and kill -9); `recover` that
forgets the batches (the schedules never end); `doubt` that sweeps living runs too (the schedules);
`cancel` that leaves what comes back (the cancelled mailout).
"""

import threading

import pytest
from sqlalchemy import func, select

from distributor.office import stop
from distributor.store import rows
from tests.house import REFERENCE, mailouts, people, real, states, tick
from tests.laws.schedule import Schedule
from tests.world import World

SEEDS = range(3)


@pytest.fixture
def world(store):
    return World(store)


def test_random_schedules_of_senders_and_their_deaths(world):
    for seed in SEEDS:
        schedule = Schedule(world, seed)
        schedule.play(steps=40)
        schedule.verify()


def test_two_prepares_at_once_make_one_delivery_an_address(house):
    """Ada is on both lists, and once in capitals."""
    house.furnish(trade=[*people(30), "Ada@example.org"], agencies=["ada@EXAMPLE.org", "wire@example.eu"])
    with house.system() as built:
        house.sync(built)
        house.add(built)
        house.approve(built)
        built.plan()
        clocks = [threading.Thread(target=built.prepare) for _ in range(3)]
        for clock in clocks:
            clock.start()
        for clock in clocks:
            clock.join()
        with built.store.read() as connection:
            keys = list(connection.scalars(select(rows.delivery.c.address_key)))
    assert sorted(keys) == sorted([*people(30), "ada@example.org", "wire@example.eu"])


def _killed(house, relay, *, after):
    """A sender killed when the relay has taken `after` messages and withholds its answers."""
    if not after:
        relay.gate("close dot")
    sender = house.start("send-due")
    relay.until(lambda sink: len(sink.accepted) >= max(after, 1))
    sender.kill()
    sender.wait()
    relay.gate("open dot")


@pytest.mark.parametrize(
    ("database_url", "after"), [("sqlite", 0), ("postgres", 10)], indirect=["database_url"]
)
def test_after_kill_9_nobody_is_lost_and_each_second_copy_was_listed(connected, relay, after):
    """What was in the relay's hands at the moment is doubtful: named, counted, sent again by rule."""
    connected.furnish(trade=people(24), agencies=[])
    with connected.system(now=real) as built:
        connected.release(built)
    _killed(connected, relay, after=after)
    listed = connected.json("doubt", "list")
    connected.run("send-due")
    taken = [event["recipient"] for event in relay.accepted]
    twice = {address for address in taken if taken.count(address) > 1}
    assert set(taken) == set(people(24))
    assert twice <= {line["address"] for line in listed}
    assert len(listed) <= 4 * 2 + 64
    assert after or listed  # at the dot at least one was under way
    again = connected.json("doubt", "list", "--all")
    assert {line["address"] for line in again} == {line["address"] for line in listed}
    assert connected.json("log", "verify")["valid"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_comes_back_into_a_cancelled_mailout_has_an_end_too(connected, relay):
    relay.gate("close data")
    with connected.system(now=real) as built:
        connected.release(built)
        sender = connected.start("send-due")
        relay.until(lambda sink: sink.of("data"))
        stopped = stop.cancel(
            built.store,
            actor="officer",
            now=built.now(),
            publisher_id="press",
            reference=REFERENCE,
            pseudonym=built.tokens.pseudonym,
        )
        assert stopped.under_way
        relay.gate("open data")
        sender.wait()
        tick(built)
        assert set(states(built).values()) == {"cancelled"}
        assert mailouts(built) == {"release": "cancelled"}
    assert relay.of("content") == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_delivery_has_one_end_in_the_log(connected, relay, work):
    with connected.system() as built:
        connected.release(built)
        work(built)
        e = rows.log.c
        ends = select(e.delivery_id, func.count()).where(e.kind == "answer").group_by(e.delivery_id)
        with built.store.read() as connection:
            assert set(dict(connection.execute(ends).all()).values()) == {1}
            assert len(states(built)) == 9
