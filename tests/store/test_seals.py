"""Seals: the office chain names how far the runs' chains have come, once a minute and at a mailout's end.

Planted bugs: `unsealed` without its look at what is sealed (a seal each second); `close` for runs that
have just ended (their late rows are never sealed).
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from distributor.pipeline import finish, seal
from distributor.store import log, rows, runs, seals
from tests.proof import broken_chains
from tests.world import NOW, World

HASH = "0" * 64
MINUTE = timedelta(minutes=1)
e = rows.log.c


@pytest.fixture
def world(store):
    return World(store)


def _write(world, run, number=1):
    with world.store.write() as connection:
        chain = log.last(connection, name=f"run:{run.id}")
        log.append(connection, chain=chain, events=[log.Event("noted", NOW, "w")] * number)
        return chain


def _sealed(world):
    with world.store.read() as connection:
        sealed = select(e.detail).where(e.chain == log.OFFICE, e.kind == "sealed").order_by(e.seq)
        found = connection.scalars(sealed)
        return [seals.read(detail) for detail in found]


def _end(world, run, *, now):
    with world.store.write() as connection:
        runs.ended(connection, id=run.id, now=now)


def test_a_growing_chain_is_sealed_once_a_minute(world):
    run, idle = world.run(), world.run()
    first = _write(world, run, 3)
    assert seal.run(world.store, now=NOW) == 1
    assert _sealed(world) == [(f"run:{run.id}", 3, first.hash)]
    assert seal.run(world.store, now=NOW + MINUTE) == 0  # nothing is new
    second = _write(world, run)
    assert seal.run(world.store, now=NOW + MINUTE - timedelta(microseconds=1)) == 0  # not yet
    assert seal.run(world.store, now=NOW + MINUTE) == 1
    assert _sealed(world)[1:] == [(f"run:{run.id}", 4, second.hash)]
    assert idle.id not in {int(chain.partition(":")[2]) for chain, _, _ in _sealed(world)}
    assert broken_chains(world.store) == []


def test_a_run_that_has_ended_is_sealed_at_once_and_its_late_rows_too(world):
    run = world.run()
    _write(world, run)
    seal.run(world.store, now=NOW)
    _write(world, run)
    _end(world, run, now=NOW)
    assert seal.run(world.store, now=NOW) == 1
    _write(world, run)  # taken for dead, it heard the relay's answer
    assert seal.run(world.store, now=NOW + timedelta(minutes=59)) == 1
    assert [seq for _, seq, _ in _sealed(world)] == [1, 2, 3]


def test_what_has_long_ended_is_left_alone(world):
    run = world.run()
    _write(world, run)
    _end(world, run, now=NOW)
    assert seal.run(world.store, now=NOW + timedelta(hours=1)) == 1  # the last seal, and closed with it
    with world.store.read() as connection:
        assert list(connection.scalars(select(rows.run.c.chain_open))) == [False]
        assert not seals.any_to_close(connection, now=NOW + timedelta(hours=1))


def test_a_mailouts_end_seals_what_led_to_it(world):
    run = world.run()
    chain = _write(world, run, 2)
    world.mailout(world.release())
    assert finish.run(world.store, now=NOW) == 1
    assert _sealed(world) == [(f"run:{run.id}", 2, chain.hash)]
    with world.store.read() as connection:
        kinds = list(connection.scalars(select(e.kind).where(e.chain == log.OFFICE).order_by(e.seq)))
    assert kinds == ["sealed", "finished"]


@pytest.mark.parametrize(
    "detail",
    [
        "",
        "run:1",
        f"run:1 x {HASH}",
        f"run:1 ² {HASH}",
        "run:1 7",
        f"office 7 {HASH}",
        f"run:1 {'9' * 30} {HASH}",
    ],
)
def test_what_is_no_seal_is_none(detail):
    assert seals.read(detail) is None
