"""When a mailout was accepted, as a curve and by recipient domain; how quick the latest ones were.

Planted by hand and caught: instants left as the database puts them together; an instant that lost its
microseconds; who was refused counted with the others.
"""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from distributor.policy.estimate import LEAST
from distributor.store import rows
from distributor.store.views import earlier, spread
from tests.world import NOW, PUBLISHER, World, recipient

LAST = timedelta(seconds=2, microseconds=4001)


@pytest.fixture
def world(store):
    return World(store)


def _accept(world, mailout, after, *, detail="accept"):
    """The relay's answers, written down in this order."""
    with world.store.write() as connection:
        for number, (id, when) in enumerate(after):
            said = {"delivery_id": id, "kind": "answer", "detail": detail, "at": NOW + when, "actor": "run"}
            chained = {"chain": f"run:{mailout}{detail}", "seq": number, "hash": "0" * 64}
            connection.execute(insert(rows.log).values(**said, **chained, mailout_id=mailout))


def test_each_acceptance_has_its_instant_and_its_domain(world):
    mailout = world.mailout(world.release())
    names = ("a@one.example", "b@two.example", "c@one.example", "d@one.example", "e@two.example")
    world.deliver(mailout, [recipient(name) for name in names])
    ids = world.ids(mailout)
    with world.store.read() as connection:
        d = rows.delivery.c
        found = connection.execute(select(d.address, d.id).where(d.id.in_(ids)))
        known = {row.address: row.id for row in found}
    later = [LAST, timedelta(seconds=1), timedelta(microseconds=1499), timedelta(milliseconds=1)]
    _accept(world, mailout, zip([known[name] for name in names], later, strict=False))
    _accept(world, mailout, [(known[names[4]], timedelta(0))], detail="reject")
    with world.store.read() as connection:
        found = spread.accepted(connection, id=mailout)
    curve = spread.curve(found, due=NOW)
    assert curve is not None
    assert [curve[name] for name in ("accepted", "first_ms", "median_ms", "last_ms")] == [4, 1, 1, 2004]
    assert curve["curve"] == [[1, 1], [1, 2], [1000, 3], [2004, 4]]
    one, two = spread.domains(found, due=NOW, limit=2)
    assert one == {"domain": "one.example", "accepted": 3, "first_ms": 1, "median_ms": 1, "last_ms": 2004}
    assert two["domain"] == "two.example"
    assert [one] == spread.domains(found, due=NOW, limit=1)


def test_how_quick_a_mailout_was_is_when_nine_of_ten_had_it(world):
    mailout = world.mailout(world.release())
    world.deliver(mailout, [recipient(f"r{n}@example.org") for n in range(LEAST + 5)])
    ids = world.ids(mailout)
    m, d = rows.mailout.c, rows.delivery.c
    _accept(world, mailout, [(id, timedelta(seconds=n + 1)) for n, id in enumerate(ids)])
    with world.store.write() as connection:
        connection.execute(update(rows.delivery).where(d.id.in_(ids)).values(state="sent"))
        over = {"state": "finished", "opened_at": NOW, "finished_at": NOW}
        connection.execute(update(rows.mailout).where(m.id == mailout).values(**over))
    with world.store.read() as connection:
        assert earlier.mailouts(connection, publisher_id=PUBLISHER) == [
            earlier.Earlier(LEAST + 5, timedelta(seconds=23))
        ]
