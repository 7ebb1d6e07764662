"""Planning: approved revisions get their mailouts once, with the instants that policy gives."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from distributor.errors import Refused
from distributor.office import stop
from distributor.pipeline import plan
from distributor.store import rows
from tests.house import NOW, REFERENCE, mailouts
from tests.proof import dump


def _due(office):
    m = rows.mailout.c
    with office.store.read() as connection:
        found = connection.execute(select(m.kind, m.wave, m.due, m.expires_at).order_by(m.due))
        return [tuple(row) for row in found]


def test_immediate_goes_after_the_time_to_undo(house, office):
    house.add(office)
    house.approve(office)
    assert office.plan() == 1
    assert _due(office) == [("release", "", NOW, NOW + timedelta(hours=24))]  # undo = 0s here


def test_waves_go_before_the_embargo_and_end_with_it(house, office):
    house.add(office, embargo="2030-03-06T10:00+01:00", advance=("agencies=-24h",))
    house.approve(office)
    assert office.plan() == 2
    lift = NOW + timedelta(days=2)
    assert _due(office) == [
        ("advance", "agencies", lift - timedelta(hours=24), lift),
        ("release", "", lift, lift + timedelta(hours=24)),
    ]


def test_nothing_without_approval_and_nothing_twice(house, office):
    house.add(office)
    assert office.plan() == 0
    house.approve(office)
    assert office.plan() == 1
    before = dump(office.store)
    assert office.plan() == 0
    assert dump(office.store) == before


def test_two_that_plan_at_once_make_one_plan(house, office):
    """Planted bug: `mailouts.add` that looks first and then inserts fails on PostgreSQL."""
    house.add(office, embargo="2030-03-06T10:00+01:00", advance=("agencies=-24h",))
    house.approve(office)
    made: list[int] = []

    def work():
        made.append(plan.run(office.store, now=NOW, rules=office.rules))

    clocks = [threading.Thread(target=work) for _ in range(4)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert sorted(made)[-1] <= 2
    assert sum(made) == 2
    assert mailouts(office) == {"advance": "planned", "release": "planned"}


@pytest.mark.parametrize("embargo", [None, "2030-03-06T10:00+01:00", "until lifted"])
def test_what_was_cancelled_before_it_was_planned_is_not_planned(house, office, embargo):
    """A crash lies between approval and plan, or somebody is quick. Planted: nothing to cancel yet."""
    house.add(office, embargo=embargo, advance=("agencies=-1h",) if embargo else ())
    house.approve(office)
    place = {"actor": "officer", "now": NOW, "publisher_id": "press", "reference": REFERENCE}
    stop.cancel(office.store, pseudonym=office.tokens.pseudonym, **place)
    assert office.plan() == 0
    assert mailouts(office) == {"release": "cancelled"}
    with pytest.raises(Refused, match="nothing of it is planned"):
        stop.cancel(office.store, pseudonym=office.tokens.pseudonym, **place)


def test_a_withdrawn_release_is_not_planned(house, office):
    house.add(office)
    house.approve(office)
    with office.store.write() as connection:
        changed = update(rows.release).where(rows.release.c.reference == REFERENCE).values(state="withdrawn")
        connection.execute(changed)
    assert office.plan() == 0
