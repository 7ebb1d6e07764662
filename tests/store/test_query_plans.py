"""What is asked again and again goes by its index, so that it costs the same with a million deliveries.

Planted bugs: the lease with a state that is a parameter, `loose` with its states as parameters, or joined
without the `+ 0`: each takes another way and fails here.
"""

import pytest
from sqlalchemy import event, text

from distributor.store import batches, deliveries
from tests.world import NOW, World


@pytest.fixture
def way(store):
    """The database's own words about how it runs the last statement of a call."""
    world = World(store)
    world.mailout(world.release())
    run, ran = world.run(), []

    def explained(ask):
        with store.write() as connection:
            if not store.is_sqlite:  # tables of a few rows: it would read all of them
                connection.execute(text("SET LOCAL enable_seqscan = off"))

            def keep(_connection, _cursor, statement, parameters, *_):
                ran.append((statement, parameters))

            event.listen(connection, "before_cursor_execute", keep)
            ask(connection, run)
            event.remove(connection, "before_cursor_execute", keep)
            explain = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
            statement, parameters = ran[-1]
            found = connection.exec_driver_sql(f"{explain} {statement}", parameters)
            return "\n".join(str(row[-1]) for row in found)

    return explained


def test_a_lease_goes_by_the_batches_that_are_ready(way):
    plan = way(lambda connection, run: batches.lease(connection, run_id=run.id, now=NOW))
    assert "ix_batch_ready" in plan
    assert "TEMP B-TREE" not in plan


def test_what_is_to_be_gathered_goes_by_what_is_in_no_batch(way):
    plan = way(lambda connection, _: deliveries.loose(connection, now=NOW, limit=10))
    assert "ix_delivery_loose" in plan
    assert "TEMP B-TREE" not in plan
