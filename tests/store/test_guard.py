"""The guard that is the intent: every one of its conditions, alone, on both databases.

Planted bugs: take any one condition out of `guard.intend` and the row of that name fails; a `renew` without
these conditions, or for what is not this run's own and under way.
"""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from distributor.store import doubts, guard, installation, rows
from tests.world import NOW, PUBLISHER, World, leased, recipient


@pytest.fixture
def world(store):
    return World(store)


def test_the_leasing_run_may_hand_over(world):
    run, mailout, ids = leased(world)
    assert world.intend(run, ids) == set(ids)
    assert world.states(mailout) == ["sending"] * 3


def test_an_intent_is_given_once(world):
    run, _, ids = leased(world)
    assert world.intend(run, ids) == set(ids)
    assert world.intend(run, ids) == set()


def _change(world, table, **values):
    with world.store.write() as connection:
        connection.execute(update(table).values(**values))


BLOCKS = {
    "the mailout is not open": lambda w: _change(w, rows.mailout, state="prepared"),
    "the mailout is cancelled": lambda w: _change(w, rows.mailout, state="cancelled"),
    "the instant has not come": lambda w: _change(w, rows.mailout, due=NOW + timedelta(microseconds=1)),
    "the mailout has expired": lambda w: _change(w, rows.mailout, expires_at=NOW),
    "the mailout is held": lambda w: _change(w, rows.mailout, held_at=NOW),
    "the release is held": lambda w: _change(w, rows.release, held_at=NOW),
    "the release is withdrawn": lambda w: _change(w, rows.release, state="withdrawn"),
    "the batch is another run's": lambda w: _change(w, rows.batch, run_id=w.run().id),
    "the batch is closed": lambda w: _change(w, rows.batch, state="closed"),
    "the run was taken for dead": lambda w: _change(w, rows.run, ended_at=NOW),
    "the database is a copy": lambda w: _copy(w),
}


def _copy(world):
    with world.store.write() as connection:
        connection.execute(insert(rows.installation).values(name="copy", value="a backup"))


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())
def test_nothing_is_granted_nor_renewed_when(world, block):
    run, _, [first, *others] = leased(world)
    world.intend(run, [first])
    assert _renewed(world, run, [first]) == {first}
    block(world)
    assert world.intend(run, others) == set()
    assert _renewed(world, run, [first]) == set()


def test_only_what_is_under_way_is_renewed_and_by_its_own_run(world):
    run, mailout, [first, second, _] = leased(world)
    world.intend(run, [first])
    assert _renewed(world, run, [first, second]) == {first}
    assert _renewed(world, world.run(), [first]) == set()
    assert world.states(mailout) == ["sending", "queued", "queued"]


def _renewed(world, run, ids):
    with world.store.write() as connection:
        return guard.renew(connection, ids=ids, run_id=run.id, now=NOW)


@pytest.mark.parametrize("standing", ["paused", "unsubscribed", "suppressed", "erased"])
def test_silence_a_moment_before_the_intent(world, standing):
    release = world.release()
    mailout = world.mailout(release)
    quiet = world.contact("quiet@example.org")
    world.deliver(mailout, [recipient("loud@example.org"), recipient("quiet@example.org", contact_id=quiet)])
    run = world.run()
    world.lease(run)
    _change(world, rows.contact, standing=standing)
    loud, hers = world.ids(mailout)
    assert world.intend(run, [loud, hers]) == {loud}
    with world.store.write() as connection:
        assert guard.refuse(connection, ids=[hers], now=NOW)["suppress"] == [hers]
    assert world.states(mailout) == ["sending", "suppressed"]


def test_suppressed_address_that_is_no_contact(world):
    run, _, ids = leased(world, people=2)
    with world.store.write() as connection:
        connection.execute(
            insert(rows.suppression).values(
                publisher_id=PUBLISHER,
                address_key="r0@example.org",
                address="r0@example.org",
                reason="complained",
                at=NOW,
                by="officer",
            )
        )
    assert world.intend(run, ids) == {ids[1]}


@pytest.mark.parametrize(
    ("advance", "granted", "ends"),
    [
        ("sent", False, "cancelled"),  # she had it: no second copy
        ("rejected", False, "cancelled"),  # refused for good: stays out
        ("sending", False, "queued"),  # under way: wait for its answer
        ("doubtful", True, "queued"),  # nobody knows: she gets the release copy
        ("expired", True, "queued"),
        ("cancelled", True, "queued"),
    ],
)
def test_advance_copy_and_release_copy(world, advance, granted, ends):
    release = world.release(embargo=NOW)
    early = world.mailout(release, kind="advance", wave="accredited", due=NOW - timedelta(hours=1))
    world.deliver(early, [recipient("a@example.org")])
    _change(world, rows.delivery, state=advance, batch_id=None)
    _change(world, rows.batch, state="closed")
    mailout = world.mailout(release)
    world.deliver(mailout, [recipient("a@example.org")])
    run = world.run()
    assert world.lease(run) is not None
    ids = world.ids(mailout)
    assert (world.intend(run, ids) == set(ids)) is granted
    if not granted:
        with world.store.write() as connection:
            guard.refuse(connection, ids=ids, now=NOW)
        assert world.states(mailout) == [ends]


def test_a_late_answer_of_a_dead_run_changes_nothing(world):
    run, mailout, ids = leased(world, people=1)
    world.intend(run, ids)
    with world.store.write() as connection:
        doubts.doubt(connection, ids=ids, now=NOW)
    assert not world.answer(run, ids[0], "accept")
    assert world.states(mailout) == ["doubtful"]


def test_one_delivery_per_address_however_often_it_is_queued(world):
    mailout = world.mailout(world.release())
    world.deliver(mailout, [recipient("a@example.org"), recipient("A@example.org")])
    world.deliver(mailout, [recipient("a@example.org")])
    assert world.states(mailout) == ["queued"]


def test_a_confirmed_copy_sends_again(world):
    run, _, ids = leased(world)
    _copy(world)
    assert world.intend(run, ids) == set()
    assert installation.confirm(world.store, mark="ours")
    assert world.intend(run, ids) == set(ids)


def test_an_advance_copy_needs_access_at_the_last_moment(world):
    """Planted bug: without the condition a contact whose access was withdrawn still gets the text."""
    run, _, ids = leased(world, people=2, kind="advance", wave="agencies", embargo=NOW + timedelta(hours=1))
    with world.store.write() as connection:
        first = (
            rows.access.c.contact_id
            == select(rows.delivery.c.contact_id).where(rows.delivery.c.id == ids[0]).scalar_subquery()
        )
        connection.execute(delete(rows.access).where(first))
    assert world.intend(run, ids) == {ids[1]}
    with world.store.write() as connection:
        assert guard.refuse(connection, ids=[ids[0]], now=NOW)["cancel"] == [ids[0]]


def test_a_stranger_who_became_a_contact_and_left(world):
    """Planted bug: silence looked up by the delivery's contact misses an address that had none then."""
    run, _, ids = leased(world, people=1)
    world.contact("r0@example.org", standing="unsubscribed")
    assert world.intend(run, ids) == set()


def test_refusing_leaves_what_another_run_is_sending(world):
    run, mailout, ids = leased(world, people=1)
    world.intend(run, ids)
    _change(world, rows.mailout, expires_at=NOW)
    with world.store.write() as connection:
        assert not any(guard.refuse(connection, ids=ids, now=NOW).values())
    assert world.states(mailout) == ["sending"]
