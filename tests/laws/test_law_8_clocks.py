"""Law 8 for clocks: what jumped asks, and is answered; what only looks like a jump asks nothing.

Planted by hand and caught: `remember` left out (the clock set ahead); a machine that does not count its sleep
(no false alarm); `clockwatch` that looks at what waits and not at what goes out (the clock set back).
"""

from datetime import timedelta

import pytest

from distributor.office import clock as office_clock
from distributor.office import stop
from distributor.store.views import todo
from tests.house import NOW, REFERENCE, Desk, people, states, tick

LIFT = NOW + timedelta(hours=2)
EVERYBODY = {*people(8), "wire@example.eu"}
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def waiting(house, work, desk):
    """Approved with its embargo; the clock is known, and nothing is due."""
    with house.system(desk=desk) as built:
        house.sync(built)
        house.add(built, embargo=LIFT.isoformat())
        house.approve(built)
        work(built)
        yield built


def _sent(built):
    return {address for address, state in states(built).items() if state == "sent"}


def _asked(built):
    with built.store.read() as connection:
        found = todo.document(connection, publisher_id=built.publisher.id, rules=built.rules, now=built.now())
    return {one["kind"]: one["answer"] for one in found}


def _words(built):
    with built.store.read() as connection:
        found = todo.document(connection, publisher_id=built.publisher.id, rules=built.rules, now=built.now())
    return {one["what"]: one["answer"].removeprefix("distributor ") for one in found}


@SQLITE
@pytest.mark.parametrize(
    "happens",
    [
        lambda desk: desk.passes(minutes=60),  # a suspend
        lambda _: None,  # a container of the same machine
        lambda desk: desk.start("second", minutes=60),  # another start of the machine
        lambda desk: desk.set(seconds=20),  # a step of NTP
    ],
)
def test_no_false_alarm_and_all_goes_at_its_instant(house, work, waiting, desk, happens):
    """The same database with a fresh process after each of them."""
    happens(desk)
    with house.system(desk=desk) as again:
        work(again)
        assert (_asked(again), _sent(again)) == ({}, set())
        desk.passes(seconds=(LIFT - desk.wall).total_seconds())
        work(again)
        assert (_asked(again), _sent(again)) == ({}, EVERYBODY)


@SQLITE
def test_a_clock_set_ahead_over_the_instant_asks_and_an_officer_answers(work, waiting, desk):
    desk.set(hours=3)
    work(waiting)
    assert _sent(waiting) == set()
    assert _asked(waiting) == {
        "clock": "distributor check --confirm-clock",
        "held": f"distributor release resume {REFERENCE}",
    }
    office_clock.confirm(waiting.store, actor="operator", now=waiting.now())
    work(waiting)
    assert _sent(waiting) == set()  # the clock is right: whether this may still go is another question
    about = {"actor": "officer", "now": waiting.now(), "publisher_id": "press"}
    stop.resume(waiting.store, reference=REFERENCE, **about)
    work(waiting)
    assert _sent(waiting) == EVERYBODY


@SQLITE
def test_a_clock_set_back_waits_and_asks_only_for_what_comes_again(work, waiting, desk):
    desk.passes(minutes=115)
    work(waiting)
    desk.set(minutes=-20)
    work(waiting)
    assert (_asked(waiting), _sent(waiting)) == ({}, set())
    desk.passes(minutes=24)
    work(waiting)
    assert _sent(waiting) == set()
    desk.passes(minutes=1)
    work(waiting)
    assert _sent(waiting) == EVERYBODY


@SQLITE
@pytest.mark.parametrize("answer", ["resume", "cancel"])
def test_what_goes_out_under_a_clock_set_back_asks_and_is_answered(work, waiting, desk, answer):
    """It was opened by a clock that somebody has set right since: its instant is still to come."""
    desk.passes(hours=2)
    tick(waiting)
    desk.set(minutes=-20)
    work(waiting)
    assert _sent(waiting) == set()
    assert _words(waiting) == {
        "release held: clock: it went back by 20 minutes, over this instant": "release resume 2030-0042"
    }
    about = {"actor": "officer", "now": waiting.now(), "publisher_id": "press", "reference": REFERENCE}
    if answer == "cancel":
        stop.cancel(waiting.store, pseudonym=waiting.tokens.pseudonym, **about)
        desk.passes(hours=1)
    else:
        stop.resume(waiting.store, **about)
        work(waiting)
        assert (_asked(waiting), _sent(waiting)) == ({}, set())  # its instant is still to come
        desk.passes(minutes=20)
    work(waiting)
    assert (_asked(waiting), _sent(waiting)) == ({}, EVERYBODY if answer == "resume" else set())
