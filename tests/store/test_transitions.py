"""The store moves rows as `policy.lifecycle` allows and not otherwise: every state × every event.

Planted bug: `transitions.statement` without `allowed(…)`: each pair that the tables do not name fails.
"""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from distributor.errors import Refused
from distributor.policy.lifecycle import DELIVERY, MAILOUT, RELEASE, REVISION, Machine
from distributor.store import rows
from distributor.store.transitions import move, move_one
from tests.world import World, recipient

TABLES = {
    REVISION.name: rows.revision,
    RELEASE.name: rows.release,
    MAILOUT.name: rows.mailout,
    DELIVERY.name: rows.delivery,
}
MACHINES = [REVISION, RELEASE, MAILOUT, DELIVERY]


@pytest.fixture
def world(store):
    """One row of every kind."""
    made = World(store)
    made.deliver(made.mailout(made.release()), [recipient("a@example.org")])
    return made


def _set(connection, table, state):
    connection.execute(update(table).values(state=state))


def _state(connection, table):
    return connection.execute(select(table.c.state)).scalar_one()


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_and_event(world, machine: Machine):
    table = TABLES[machine.name]
    for state in machine.states:
        for event, transition in machine.events.items():
            with world.store.write() as connection:
                _set(connection, table, state.value)
                allowed = state in transition.sources
                assert move(connection, table, machine, event) == int(allowed), (state, event)
                after = transition.target if allowed else state
                assert _state(connection, table) == after.value, (state, event)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_moving_one_row_that_is_elsewhere_is_an_error(world, machine: Machine):
    table = TABLES[machine.name]
    event, transition = next(iter(machine.events.items()))
    elsewhere = next(state for state in machine.states if state not in transition.sources)
    with world.store.write() as connection:
        id = connection.execute(select(table.c.id)).scalar_one()
        _set(connection, table, elsewhere.value)
        with pytest.raises(Refused, match=event):
            move_one(connection, table, machine, event, id=id)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_the_database_itself_refuses_a_state_that_is_none(world, machine: Machine):
    with pytest.raises(IntegrityError), world.store.write() as connection:
        _set(connection, TABLES[machine.name], "delivered")
