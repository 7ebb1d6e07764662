"""Deliveries that end without a hand-over: each with its row, in portions, once.

Planted bugs: one row for the whole mailout; rows for what another ended first.
"""

import threading

import pytest
from sqlalchemy import func, select

from distributor.mail.tokens import Tokens
from distributor.store import endings, mailouts, rows
from tests.proof import broken_chains, findings
from tests.world import NOW, World, recipient

PSEUDONYM = Tokens(b"a secret of the tests").pseudonym
e = rows.log.c


@pytest.fixture
def world(store):
    return World(store)


def _cancelled(world, number, *, reference="2026-0001"):
    """A cancelled mailout with so many that wait; returns (release, mailout)."""
    release = world.release(reference=reference)
    mailout = world.mailout(release)
    world.deliver(mailout, [recipient(f"r{n}@example.org") for n in range(number)])
    with world.store.write() as connection:
        mailouts.cancel(connection, ids=[mailout], now=NOW)
    return release, mailout


def _end(world, **facts):
    return endings.end(world.store, event="cancel", actor="officer", now=NOW, pseudonym=PSEUDONYM, **facts)


def test_each_has_its_row_however_many_they_are(world):
    number = 2 * endings.AT_ONCE + 1
    _, mailout = _cancelled(world, number)
    assert _end(world) == number
    assert set(world.states(mailout)) == {"cancelled"}
    with world.store.read() as connection:
        told = connection.execute(
            select(func.count(), func.count(e.delivery_id.distinct())).where(e.kind == "cancelled")
        ).one()
    assert tuple(told) == (number, number)
    assert findings(world.store, pseudonym=PSEUDONYM) == []
    assert _end(world) == 0


def test_of_one_release_only(world):
    release, mailout = _cancelled(world, 2)
    _, other = _cancelled(world, 2, reference="2026-0002")
    assert _end(world, release_id=release) == 2
    assert (world.states(mailout), world.states(other)) == (["cancelled"] * 2, ["queued"] * 2)


def test_two_at_once_end_each_once(world):
    _cancelled(world, 1200)
    ended = []
    both = [threading.Thread(target=lambda: ended.append(_end(world))) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sum(ended) == 1200
    assert broken_chains(world.store) == []
    assert findings(world.store, pseudonym=PSEUDONYM) == []
