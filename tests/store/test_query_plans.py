"""What is asked again and again goes by its index, so that it costs the same with a million deliveries.

Planted bugs: the lease with a state that is a parameter, `loose` with its states as parameters, or joined
without the `+ 0`: each takes another way and fails here. Constants that are parameters of SQLite's hot
statements fail the test of what is planned once.
"""

import sqlite3

import pytest
from sqlalchemy import event, text

from distributor.store import batches, deliveries, guard
from distributor.store.prepared import driven
from tests.world import NOW, World, leased


@pytest.fixture
def world(store):
    world = World(store)
    world.mailout(world.release())
    return world


def _way(connection, statement, parameters=()):
    """The database's own words about how it runs a statement."""
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    found = connection.exec_driver_sql(f"{explain} {statement}", parameters)
    return "\n".join(str(row[-1]) for row in found)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_lease_goes_by_the_batches_that_are_ready(world):
    run, ran = world.run(), []
    with world.store.write() as connection:
        driven(connection).set_trace_callback(ran.append)
        batches.lease(connection, run_id=run.id, now=NOW)
        driven(connection).set_trace_callback(None)
        plan = _way(connection, ran[-1])
    assert "ix_batch_ready" in plan
    assert "TEMP B-TREE" not in plan


def test_what_is_to_be_gathered_goes_by_what_is_in_no_batch(world):
    ran = []
    with world.store.write() as connection:
        if connection.dialect.name != "sqlite":  # tables of a few rows: it would read all of them
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        event.listen(connection, "before_cursor_execute", lambda *told: ran.append(told[2:4]))
        deliveries.loose(connection, now=NOW, limit=10)
        plan = _way(connection, *ran[-1])
    assert "ix_delivery_loose" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_guard_and_the_answer_are_planned_once(store):
    """SQLite asks its authorizer as often as it plans a statement."""
    run, _, ids = leased(World(store), people=3)
    planned = []
    with store.write() as connection:
        driven(connection).set_authorizer(lambda *what: planned.append(what) or sqlite3.SQLITE_OK)
        for id in ids:
            before = len(planned)
            assert guard.intend(connection, ids=[id], run_id=run.id, now=NOW) == {id}
            assert guard.renew(connection, ids=[id], run_id=run.id, now=NOW) == {id}
            assert deliveries.answer(connection, event="accept", ids=[id], run_id=run.id, now=NOW)() == {id}
        driven(connection).set_authorizer(None)
    assert before == len(planned) > 0
