"""Finishing: when each delivery has reached its end, and not while one is open or doubtful."""

import pytest
from sqlalchemy import update

from distributor.pipeline import finish
from distributor.policy.lifecycle import DONE, DeliveryState
from distributor.store import rows
from tests.world import NOW, World, leased


@pytest.mark.parametrize("state", list(DeliveryState))
def test_a_mailout_is_finished_when_nothing_of_it_is_open(store, state):
    world = World(store)
    leased(world, people=1)
    with store.write() as connection:
        connection.execute(update(rows.delivery).values(state=state.value))
    assert finish.run(store, now=NOW) == int(state in DONE)
    assert finish.run(store, now=NOW) == 0
    tried = state in (DeliveryState.DEFERRED, DeliveryState.DOUBTFUL)  # it went through once
    assert world.log_kinds() == (["finished"] if state in DONE else ["went"] if tried else [])


def test_one_open_delivery_keeps_it_open(store):
    world = World(store)
    run, _, ids = leased(world, people=2)
    world.intend(run, ids)
    world.answer(run, ids[0], "accept")
    assert finish.run(store, now=NOW) == 0
    world.answer(run, ids[1], "reject")
    assert finish.run(store, now=NOW) == 1
