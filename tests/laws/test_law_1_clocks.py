"""Law 1, whatever clocks say: a worker's own clock opens nothing before its instant.

Planted by hand and caught: on PostgreSQL a `Clock` that is told the time by its host (the fast host); `open`
that does not ask `jumps.doubt` (the clock that is set ahead).
"""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from distributor.office import stop
from distributor.store.clock import Clock
from tests.house import NOW, REFERENCE, Desk, mailouts, people, states

LIFT = NOW + timedelta(hours=2)
FIVE = timedelta(minutes=5)
SECOND = timedelta(seconds=1)
EVERYBODY = {*people(8), "wire@example.eu"}


def _approved(house, built, embargo=LIFT):
    house.sync(built)
    house.add(built, embargo=embargo.isoformat())
    house.approve(built)
    built.plan()


def _sent(built):
    return {address for address, state in states(built).items() if state == "sent"}


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_host_whose_clock_is_fast_asks_the_database(house, work):
    """By its own clock the embargo ended two minutes ago: nobody asks it."""
    clock = datetime.now(UTC)
    embargo = clock + timedelta(hours=1)
    with house.system(now=lambda: clock) as built:
        _approved(house, built, embargo=embargo)
    with time_machine.travel(clock + timedelta(minutes=62)), house.system(desk=Clock) as there:
        assert there.now() < embargo < datetime.now(UTC)
        work(there)
        assert set(states(there).values()) <= {"queued"}
        assert _sent(there) == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_process_that_is_told_another_time_than_the_others_opens_nothing(house, work):
    """One machine, two processes, one of them five minutes fast: it looks like a clock that was set."""
    right = Desk()
    with house.system(desk=right) as built:
        _approved(house, built)
        work(built)
        right.passes(minutes=117)
        fast = Desk(wall=right.wall + FIVE, up=right.up, boot=right.boot)
        with house.system(desk=fast) as other:
            for _ in range(3):
                work(other)
                work(built)
            assert _sent(built) == set()
            assert mailouts(built)["release"] in ("planned", "prepared")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_clock_that_is_set_ahead_sends_nothing_until_it_is_right_and_somebody_says_so(house, work):
    desk = Desk()
    with house.system(desk=desk) as built:
        _approved(house, built)
        work(built)
        desk.passes(minutes=90)
        desk.set(minutes=5)
        for _ in range(28):  # it is held against the clock of before, each time
            work(built)
            desk.passes(minutes=1)
        assert _sent(built) == set()
        desk.set(minutes=-5)
        desk.passes(minutes=2)
        work(built)
        assert _sent(built) == set()
        stop.resume(built.store, actor="officer", now=built.now(), publisher_id="press", reference=REFERENCE)
        work(built)
        assert _sent(built) == EVERYBODY
