"""Preparing: everybody in the audience gets exactly one delivery, whatever happens in the middle."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from distributor.store import batches, deliveries, rows
from distributor.store import mailouts as stored_mailouts
from tests.house import NOW, mailouts, people, states
from tests.proof import dump, meanwhile


def _planned(house, office, **wishes):
    house.add(office, **wishes)
    house.approve(office)
    office.plan()


def _addresses(office):
    d = rows.delivery.c
    with office.store.read() as connection:
        return sorted(connection.scalars(select(d.address)))


def test_the_audience_becomes_deliveries_in_a_fair_order(house, office):
    _planned(house, office)
    assert office.prepare() == 1
    assert _addresses(office) == sorted([*people(5), "wire@example.eu"])
    with office.store.read() as connection:
        positions = list(connection.scalars(select(rows.delivery.c.position)))
    assert sorted(positions) == list(range(6))


def test_each_delivery_keeps_its_reasons(house, office):
    """As what they are on both databases, not as a text that holds them."""
    _planned(house, office)
    office.prepare()
    with office.store.read() as connection:
        kept = list(connection.scalars(select(rows.delivery.c.reasons)))
    assert len(kept) == 6
    assert {tuple(one) for reasons in kept for one in reasons} == {("list", "topic", "covers")}


def test_only_what_is_due_soon_is_prepared(house, office):
    _planned(house, office, embargo="2030-03-04T12:00+01:00")
    house.clock.now = NOW + timedelta(hours=2) - office.rules.prepare_ahead - timedelta(microseconds=1)
    assert office.prepare() == 0
    house.clock.move(seconds=0.000001)
    assert office.prepare() == 1
    assert office.open_due() == 0


def test_run_twice_it_changes_nothing(house, office):
    _planned(house, office)
    office.prepare()
    before = dump(office.store)
    assert office.prepare() == 0
    assert dump(office.store) == before


class Died(Exception):
    pass


@pytest.fixture
def many(house, office):
    """More people than one chunk holds; the release planned."""
    house.furnish(trade=people(2 * batches.SIZE + 50))
    house.sync(office)
    _planned(house, office)
    return office


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_after_a_crash_in_the_middle_nobody_is_missing_though_the_lists_changed(house, many, chunks):
    """Somebody left the lists meanwhile, so the fair order is another one now.

    Planted bug: a chunk that is skipped because its place is taken loses whoever was moved into it.
    """
    meanwhile(many.store, after="INSERT INTO batch", skip=chunks, do=_die)
    with pytest.raises(Died):
        many.prepare()
    house.furnish(trade=people(2 * batches.SIZE + 50)[7:])
    house.sync(many)
    assert many.prepare() == 1
    expected = {*people(2 * batches.SIZE + 50)[7:]}
    assert expected <= set(_addresses(many))
    assert len(_addresses(many)) == len(set(_addresses(many)))
    _every_delivery_is_in_a_batch_of_at_most_the_size(many)


def _die():
    raise Died


def _every_delivery_is_in_a_batch_of_at_most_the_size(office):
    d = rows.delivery.c
    with office.store.read() as connection:
        sizes = connection.execute(select(d.batch_id, func.count()).group_by(d.batch_id)).all()
        known = set(connection.scalars(select(rows.batch.c.id)))
    assert all(id in known and 0 < size <= batches.SIZE for id, size in sizes)
    assert known == {id for id, _ in sizes}


def test_two_that_prepare_at_once_make_one_delivery_an_address(many):
    """Law 2. Planted bug: no UNIQUE (mailout, address_key), or the insert without ON CONFLICT."""
    ready: list[int] = []

    def work():
        ready.append(many.prepare())

    clocks = [threading.Thread(target=work) for _ in range(3)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert sum(ready) == 1
    assert _addresses(many) == sorted(people(2 * batches.SIZE + 50))
    _every_delivery_is_in_a_batch_of_at_most_the_size(many)


def test_a_mailout_that_is_cancelled_meanwhile_gets_no_more_deliveries(house, office):
    _planned(house, office)
    meanwhile(office.store, after="FROM membership", do=lambda: _cancel_all(office))
    assert office.prepare() == 0
    assert (mailouts(office), states(office)) == ({"release": "cancelled"}, {})


def _cancel_all(office):
    with office.store.write() as connection:
        ids = list(connection.scalars(select(rows.mailout.c.id)))
        stored_mailouts.cancel(connection, ids=ids, now=NOW)


def test_waves_get_their_tier_and_the_release_mailout_everybody(house, office):
    _planned(house, office, embargo="2030-03-04T11:00+01:00", advance=("agencies=-50m",))
    house.clock.move(minutes=55)
    assert office.prepare() == 2
    assert set(states(office, kind="advance")) == {"wire@example.eu"}
    assert set(states(office)) == {*people(5), "wire@example.eu"}
    with office.store.read() as connection:
        assert deliveries.counts(connection, mailout_id=2) == {"queued": 6}
