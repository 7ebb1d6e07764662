"""A clock that jumps opens nothing early; what it went over is held; sleep and restarts are no jumps (law 8).

Planted bugs, each caught here: `open` that does not ask `jumps.doubt`; `resume` without its answer;
`embargoed_between` that finds nothing; `remember` left out; a lift without `answer_clock`; the end of an
officer's hold that answers for the clock.
"""

import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from distributor.office import clock as office_clock
from distributor.office import stop
from distributor.store import birth, installation, jumps, rows
from distributor.store.views import todo
from tests.house import NOW, REFERENCE, Desk, mailouts, tick
from tests.laws.changing import lift

LIFT = NOW + timedelta(hours=2)
EMBARGO = "2030-03-04T12:00+01:00"


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def embargoed(house, desk):
    """An advance wave at 10:00, the lift at 11:00 UTC; it is 9:00 and the clock is known."""
    with house.system(desk=desk) as built:
        house.sync(built)
        house.add(built, embargo=EMBARGO, advance=("agencies=-60m",))
        house.approve(built)
        tick(built)
        yield built


def _held(built):
    m = rows.mailout.c
    with built.store.read() as connection:
        found = connection.execute(select(m.kind, m.held_reason).where(m.held_at.is_not(None)))
        return {row.kind: row.held_reason for row in found}


def _todo(built):
    with built.store.read() as connection:
        found = todo.document(connection, publisher_id=built.publisher.id, rules=built.rules, now=built.now())
    return {one["kind"]: one["answer"] for one in found}


def _resume(built):
    about = {"actor": "officer", "now": built.now(), "publisher_id": built.publisher.id}
    return stop.resume(built.store, reference=REFERENCE, **about).holds


def test_what_a_jump_ahead_went_over_is_held_and_not_cancelled(embargoed, desk):
    desk.set(hours=3)
    tick(embargoed)
    assert mailouts(embargoed)["release"] in ("planned", "prepared")
    assert "clock: it went ahead by 3 hours" in _held(embargoed)["release"]
    assert set(_held(embargoed)) == {"advance", "release"}
    assert _todo(embargoed) == {
        "clock": "distributor check --confirm-clock",
        "held": f"distributor release resume {REFERENCE}",
    }
    assert _resume(embargoed) == 2
    tick(embargoed)
    tick(embargoed)
    assert mailouts(embargoed)["release"] == "sending"


def test_what_lies_behind_a_jump_ahead_asks_at_its_instant(embargoed, desk):
    """10:59 by the clock is 9:29: at 11:00 the release would be ninety minutes early."""
    desk.set(minutes=30)
    tick(embargoed)
    assert _held(embargoed) == {}
    desk.passes(minutes=91)
    tick(embargoed)
    assert "nobody has said that it is right" in _held(embargoed)["release"]
    assert mailouts(embargoed)["release"] == "prepared"


def test_the_end_of_an_officers_hold_does_not_say_that_the_clock_is_right(embargoed, desk):
    """She has answered her own doubt: whether the instant has come is asked on its own, and answered so."""
    desk.set(minutes=30)
    tick(embargoed)
    desk.passes(minutes=91)
    tick(embargoed)
    about = {"actor": "officer", "now": embargoed.now(), "publisher_id": "press", "reference": REFERENCE}
    stop.hold(embargoed.store, reason="a doubt", **about)
    asks = stop.resume(embargoed.store, **about).asks
    assert "nobody has said that it is right" in asks
    tick(embargoed)
    assert (_held(embargoed)["release"], mailouts(embargoed)["release"]) == (asks, "prepared")
    assert stop.resume(embargoed.store, **about).asks == ""
    tick(embargoed)
    assert mailouts(embargoed)["release"] == "sending"


def test_an_officers_own_lift_opens_under_an_open_question(embargoed, desk):
    """She does not need the clock: the instant is her word. What waits for another instant still asks."""
    desk.set(minutes=30)
    tick(embargoed)
    assert _todo(embargoed).keys() >= {"clock"}
    lift(embargoed)
    tick(embargoed)
    tick(embargoed)
    assert _held(embargoed) == {}
    assert mailouts(embargoed)["release"] == "sending"


def test_a_clock_that_is_said_to_be_right_opens_again(embargoed, desk):
    desk.set(minutes=30)
    tick(embargoed)
    assert office_clock.confirm(embargoed.store, actor="operator", now=embargoed.now())
    assert not office_clock.confirm(embargoed.store, actor="operator", now=embargoed.now())
    assert "clock" not in _todo(embargoed)
    desk.passes(minutes=90)
    tick(embargoed)
    assert mailouts(embargoed)["release"] == "sending"


def test_an_answer_counts_for_one_jump(embargoed, desk):
    """Resumed under a clock that was then set back and forward again: it asks again."""
    desk.set(hours=3)
    tick(embargoed)
    desk.set(hours=-3)
    assert _resume(embargoed) == 2
    tick(embargoed)
    assert _held(embargoed) == {}
    desk.set(hours=3)
    tick(embargoed)
    assert "clock" in _held(embargoed)["release"]


def test_set_right_again_it_goes_at_its_instant(embargoed, desk):
    desk.set(minutes=20)
    tick(embargoed)
    desk.passes(minutes=5)
    desk.set(minutes=-20)
    tick(embargoed)
    assert "clock" not in _todo(embargoed)
    desk.passes(minutes=56)
    tick(embargoed)
    desk.passes(minutes=60)
    tick(embargoed)
    assert (mailouts(embargoed)["release"], _held(embargoed)) == ("sending", {})


def test_what_goes_out_is_held_when_its_instant_is_to_come_again(embargoed, desk):
    """It was opened by a clock that somebody now sets back: the embargo may not be over."""
    desk.passes(hours=2)
    tick(embargoed)
    assert mailouts(embargoed)["release"] == "sending"
    desk.set(minutes=-20)
    tick(embargoed)
    assert "clock: it went back by 20 minutes" in _held(embargoed)["release"]


def _ntp(desk, built):
    """It steps again and again, and is looked at in between."""
    for _ in range(12):
        desk.set(seconds=-6)
        desk.passes(seconds=60)
        built.open_due()


@pytest.mark.parametrize(
    "pause",
    [
        lambda desk, _: desk.passes(hours=1),  # the machine sleeps
        _ntp,
        lambda desk, _: desk.start("second", hours=1),  # another start of the machine, or another machine
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_false_alarm(house, embargoed, desk, pause):
    pause(desk, embargoed)
    with house.system(desk=desk) as again:  # a container of the same machine, or of another
        tick(again)
        with again.store.read() as connection:
            assert connection.scalar(select(func.count()).select_from(rows.jump)) == 0
        assert _held(again) == {}


def test_two_hosts_see_one_jump(house, embargoed, desk):
    other = Desk(up=timedelta(days=9), boot="other")
    with house.system(desk=other) as elsewhere:
        tick(elsewhere)
        for one, built in ((desk, embargoed), (other, elsewhere), (desk, embargoed)):
            one.set(minutes=30) if one.wall < NOW + timedelta(minutes=30) else None
            tick(built)
        with embargoed.store.read() as connection:
            assert jumps.unconfirmed(connection).ahead == timedelta(minutes=30)
    new = Desk(wall=other.wall, boot="new")  # who comes later does not believe it either
    with house.system(desk=new) as late:
        tick(late)
        new.passes(minutes=91)
        tick(late)
        assert "nobody has said" in _held(late)["release"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_machine_that_starts_behind_the_log_holds_what_it_went_over(house, embargoed, desk):
    """Its battery is empty: it is 9:40 for it, and the log was written at 10:50."""
    desk.passes(minutes=50)
    tick(embargoed)
    desk.passes(minutes=60)
    house.approve(embargoed, house.add(embargoed, embargo="2030-03-05T12:00+01:00", reference="later"))
    desk.start("second", minutes=-70)
    tick(embargoed)
    assert "clock: it went back by 70 minutes" in _held(embargoed)["advance"]
    assert "release" not in _held(embargoed)


# What was left alone.


@pytest.mark.parametrize(("minutes", "held"), [(15, False), (16, True)])
def test_a_mailout_left_alone_for_longer_than_its_limit_is_held(house, embargoed, desk, minutes, held):
    desk.passes(hours=2)
    tick(embargoed)
    _alive(embargoed, desk)
    desk.passes(minutes=minutes)
    embargoed.hold_what_was_left()
    found = _held(embargoed)
    assert bool(found) is held
    assert not held or found["release"] == "late: nobody sent for 16 minutes, the limit is 15 minutes"
    if held:
        _resume(embargoed)
        embargoed.hold_what_was_left()
        assert _todo(embargoed)["late"]


def _alive(built, desk):
    """A run says that it lives."""
    with built.store.write() as connection:
        values = {"host": "here", "pid": 1, "started_at": built.now(), "heartbeat_at": built.now()}
        connection.execute(rows.run.insert().values(**values, boot=desk.boot, up=desk.up))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_relay_that_is_out_while_a_run_lives_is_no_absence(embargoed, desk):
    desk.passes(hours=2)
    tick(embargoed)
    desk.passes(hours=5)
    _alive(embargoed, desk)
    desk.passes(minutes=1)
    assert embargoed.hold_what_was_left() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cron_has_just_opened_was_not_left_alone(embargoed, desk):
    """Nobody was there for an hour, and then at the instant."""
    _alive(embargoed, desk)
    desk.passes(hours=2)
    tick(embargoed)
    assert embargoed.hold_what_was_left() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_clock_that_jumps_ahead_leaves_nobody_alone(embargoed, desk):
    desk.passes(hours=2)
    tick(embargoed)
    _alive(embargoed, desk)
    desk.set(hours=5)
    assert embargoed.hold_what_was_left() == 0


# Which file it is.


def test_a_file_is_known_by_its_birth_and_not_by_its_device(tmp_path: Path, monkeypatch):
    one = tmp_path / "one.db"
    one.write_bytes(b"")
    copy = Path(shutil.copy2(one, tmp_path / "two.db"))
    before = birth.identity(one)
    moved = one.rename(tmp_path / "moved.db")
    assert birth.identity(moved) == before != birth.identity(copy)
    real = os.stat(moved)
    monkeypatch.setattr(birth.os, "stat", lambda _: os.stat_result((*real[:2], real.st_dev + 1, *real[3:])))
    assert birth.identity(moved) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_fingerprint_of_before_is_exchanged(store):
    with store.write() as connection:
        values = {"name": "fingerprint", "value": birth.device(store.path)}
        connection.execute(rows.installation.insert().values(**values))
    assert installation.look(store) is None
    assert installation.look(store) is None
