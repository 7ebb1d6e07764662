"""Leasing: the most urgent batch that may be sent, to one run at a time.

Planted bugs: the lease without `state == "ready"` gives a batch twice; without `sending_live()` it leases
batches of held mailouts; without `not_before <= now` those that are not due.
"""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from distributor.store import batches, rows
from tests.world import NOW, World, recipient

SECOND = timedelta(seconds=1)


@pytest.fixture
def world(store):
    return World(store)


@pytest.fixture
def mailout(world):
    return world.mailout(world.release())


def _add(world, mailout, *, priority=0, not_before=NOW):
    with world.store.write() as connection:
        return batches.add(connection, mailout_id=mailout, priority=priority, not_before=not_before, size=1)


def _leases(world, *, now=NOW):
    run = world.run()
    found = []
    while (lease := world.lease(run, now=now)) is not None:
        found.append(lease.batch_id)
    return found


def test_notices_first_then_what_waits_longest(world, mailout):
    late = _add(world, mailout, not_before=NOW - SECOND)
    second, third = _add(world, mailout), _add(world, mailout)
    notice = _add(world, mailout, priority=-1)
    _add(world, mailout, not_before=NOW + SECOND)
    assert _leases(world) == [notice, late, second, third]


def test_what_is_not_due_comes_later(world, mailout):
    soon = _add(world, mailout, not_before=NOW + SECOND)
    assert _leases(world) == []
    with world.store.read() as connection:
        assert batches.next_ready(connection) == NOW + SECOND
    assert _leases(world, now=NOW + SECOND) == [soon]


BLOCKS = {
    "the mailout is not open": (rows.mailout, {"state": "prepared"}),
    "the mailout is cancelled": (rows.mailout, {"state": "cancelled"}),
    "the mailout is held": (rows.mailout, {"held_at": NOW}),
    "the release is held": (rows.release, {"held_at": NOW}),
    "the release is withdrawn": (rows.release, {"state": "withdrawn"}),
    "the batch is closed": (rows.batch, {"state": "closed"}),
}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_nothing_is_leased_when(world, mailout, block):
    _add(world, mailout)
    table, values = block
    with world.store.write() as connection:
        connection.execute(update(table).values(**values))
        assert batches.next_ready(connection) is None
    assert _leases(world) == []


def test_many_runs_at_once_share_the_batches_and_none_gets_another_s(world, mailout):
    expected = [_add(world, mailout) for _ in range(20)]
    taken: list[int] = []
    runs = [world.run() for _ in range(4)]

    def work(run):
        while (lease := world.lease(run)) is not None:
            taken.append(lease.batch_id)

    workers = [threading.Thread(target=work, args=[run]) for run in runs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken) == expected


def test_a_pass_that_is_over_is_not_leased_again_and_one_given_back_is(world, mailout):
    done, unfinished = _add(world, mailout), _add(world, mailout)
    run, stranger = world.run(), world.run()
    assert world.lease(run).batch_id == done
    assert world.lease(run).batch_id == unfinished
    with world.store.write() as connection:
        batches.close(connection, id=done, run_id=stranger.id)  # not its own: nothing happens
        batches.free(connection, id=done, run_id=stranger.id)
    assert world.lease(stranger) is None
    with world.store.write() as connection:
        batches.close(connection, id=done, run_id=run.id)
        batches.free(connection, id=unfinished, run_id=run.id)
    assert _leases(world) == [unfinished]


def test_the_batches_of_a_dead_run_are_free_again(world, mailout):
    mine, other = _add(world, mailout), _add(world, mailout)
    dead, living = world.run(), world.run()
    assert world.lease(dead).batch_id == mine
    assert world.lease(living).batch_id == other
    with world.store.write() as connection:
        assert batches.free_of(connection, run_id=dead.id) == 1
    assert _leases(world) == [mine]


def test_closing_the_batches_of_a_cancelled_mailout_leaves_leased_ones_to_their_run(world, mailout):
    world.deliver(mailout, [recipient("a@example.org")])
    run = world.run()
    leased = world.lease(run).batch_id
    ready = _add(world, mailout)
    with world.store.write() as connection:
        batches.close_of(connection, mailout_ids=[mailout])
        states = dict(connection.execute(select(rows.batch.c.id, rows.batch.c.state)).all())
    assert states == {leased: "leased", ready: "closed"}
