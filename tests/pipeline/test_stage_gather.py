"""Gathering: deferred and handed-back deliveries come into new batches; each delivery comes to an end."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from distributor.pipeline import gather
from distributor.store import mailouts, rows
from tests.proof import dump
from tests.world import NOW, World, leased, recipient

MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(store):
    return World(store)


def _gather(world, *, now=NOW):
    return gather.run(world.store, now=now, pseudonym=lambda key: f"pseudonym of {key}")


def _defer(world, run, id, *, until):
    world.intend(run, [id])
    world.answer(run, id, "defer")
    with world.store.write() as connection:
        connection.execute(update(rows.delivery).where(rows.delivery.c.id == id).values(next_at=until))


def test_a_deferred_delivery_comes_again_when_its_time_has_come(world):
    run, _, ids = leased(world, people=1)
    _defer(world, run, ids[0], until=NOW + MINUTE)
    assert _gather(world, now=NOW + MINUTE - timedelta(microseconds=1)) == 0
    assert _gather(world, now=NOW + MINUTE) == 1
    again = world.run()
    assert world.lease(again, now=NOW + MINUTE) is not None
    assert world.intend(again, ids, now=NOW + MINUTE) == set(ids)


def test_what_was_handed_back_comes_again_at_once(world):
    run, mailout, ids = leased(world, people=2)
    world.intend(run, ids)
    world.answer(run, ids[0], "hand_back")
    assert _gather(world) == 1
    assert world.states(mailout) == ["queued", "sending"]


def test_run_twice_it_gathers_nothing_more(world):
    run, _, ids = leased(world, people=1)
    world.intend(run, ids)
    world.answer(run, ids[0], "hand_back")
    assert _gather(world) == 1
    before = dump(world.store)
    assert _gather(world) == 0
    assert dump(world.store) == before


def test_what_waits_longer_than_its_mailout_lasts_expires_with_a_row_in_the_log(world):
    run, mailout, ids = leased(world, people=1, lasts=MINUTE)
    _defer(world, run, ids[0], until=NOW + MINUTE)
    _gather(world, now=NOW + MINUTE)
    assert world.states(mailout) == ["expired"]
    assert world.log_kinds() == ["expired"]


@pytest.mark.parametrize("event", ["defer", "hand_back"])
def test_what_comes_back_into_a_cancelled_mailout_is_cancelled(world, event):
    """Law 2: one final state. Planted bug: `gather` without its "cancel" leaves it waiting for ever."""
    run, mailout, ids = leased(world, people=2)
    world.intend(run, ids)
    with world.store.write() as connection:
        mailouts.cancel(connection, ids=[mailout], now=NOW)
    assert world.states(mailout) == ["sending", "sending"]
    world.answer(run, ids[0], event)
    _gather(world)
    assert world.states(mailout) == ["cancelled", "sending"]
    world.answer(run, ids[1], "accept")
    _gather(world)
    assert world.states(mailout) == ["cancelled", "sent"]
    assert world.log_kinds() == ["cancelled"]


def test_many_are_gathered_in_batches_of_at_most_the_size(world):
    mailout = world.mailout(world.release())
    world.deliver(mailout, [recipient(f"r{n}@example.org") for n in range(450)])
    with world.store.write() as connection:
        connection.execute(update(rows.delivery).values(batch_id=None))
        connection.execute(rows.batch.delete())
    assert _gather(world) == 450
    with world.store.read() as connection:
        sizes = list(connection.scalars(select(rows.batch.c.size).order_by(rows.batch.c.id)))
    assert sizes == [200, 200, 50]
