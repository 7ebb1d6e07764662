"""Recovering: a dead run's work under way is doubtful and named; a living run is left alone (law 2)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from distributor.model.rules import Rules
from distributor.pipeline import recover
from distributor.store import rows
from tests.proof import dump
from tests.world import NOW, World, leased

RULES = Rules()
ASK = replace(RULES, after_crash="ask")


@pytest.fixture
def world(store):
    return World(store)


def _recover(world, *, rules=RULES, now=NOW):
    return recover.run(world.store, now=now, rules=rules, pseudonym=lambda key: f"pseudonym of {key}")


def test_a_living_run_keeps_what_it_has(world):
    run, mailout, ids = leased(world)
    world.intend(run, ids)
    with world.store.write() as connection:
        connection.execute(update(rows.run).values(heartbeat_at=NOW - timedelta(days=1)))
    assert _recover(world) == 0
    assert world.states(mailout) == ["sending"] * 3


def test_what_a_dead_run_had_under_way_is_doubtful_and_the_rest_is_free(world):
    run, mailout, ids = leased(world)
    world.intend(run, ids[:2])
    world.answer(run, ids[0], "accept")
    world.die(run)
    assert _recover(world, rules=ASK) == 1
    assert world.states(mailout) == ["sent", "doubtful", "queued"]
    again = world.run()
    assert world.lease(again) is not None
    assert world.intend(again, ids) == {ids[2]}


def test_doubt_is_settled_by_rule_with_a_row_that_says_so(world):
    run, mailout, ids = leased(world, people=1)
    world.intend(run, ids)
    world.die(run)
    assert _recover(world) == 1
    assert world.states(mailout) == ["queued"]
    assert world.log_kinds() == ["doubted", "settled"]


def test_run_twice_it_changes_nothing(world):
    run, _, ids = leased(world)
    world.intend(run, ids)
    world.die(run)
    _recover(world)
    before = dump(world.store)
    assert _recover(world) == 0
    assert dump(world.store) == before


@pytest.mark.parametrize(
    ("mailout", "rules", "ends"),
    [
        ({}, RULES, "queued"),  # published: a second copy is better than none
        ({}, ASK, "doubtful"),  # the house wants to be asked
        ({"embargo": NOW + timedelta(hours=1)}, RULES, "doubtful"),  # before the embargo always ask
        ({"embargo": NOW}, RULES, "queued"),  # the embargo is over
        ({"kind": "advance", "wave": "agencies"}, RULES, "doubtful"),  # gets the release copy instead
        ({"kind": "correction"}, ASK, "queued"),  # a notice always goes again
    ],
)
def test_what_the_rule_settles_and_what_it_asks(world, mailout, rules, ends):
    run, id, ids = leased(world, people=1, **mailout)
    world.intend(run, ids)
    world.die(run)
    _recover(world, rules=rules)
    assert world.states(id) == [ends]


def test_doubt_in_a_cancelled_mailout_is_not_sent_again(world):
    run, mailout, ids = leased(world, people=1)
    world.intend(run, ids)
    world.die(run)
    with world.store.write() as connection:
        connection.execute(update(rows.mailout).values(state="cancelled"))
    _recover(world)
    assert world.states(mailout) == ["doubtful"]


def test_a_late_answer_of_the_dead_run_and_its_late_intents_do_nothing(world):
    run, mailout, ids = leased(world)
    world.intend(run, ids[:1])
    world.die(run)
    _recover(world, rules=ASK)
    assert not world.answer(run, ids[0], "accept")
    assert world.intend(run, ids) == set()
    with world.store.read() as connection:
        assert set(connection.scalars(select(rows.delivery.c.run_id))) == {None}
    assert world.states(mailout) == ["doubtful", "queued", "queued"]
