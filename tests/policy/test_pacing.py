"""How fast mail may go. The limits hold in every window, whoever asks when; nobody is lost.

Planted bugs, each caught here: a bucket that fills while it is overdrawn; a slot of the day forgotten when it
is 24 hours old and not its last message; an interval rounded down; steps that ignore what is booked.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.model.pacing import Limits, Pace, Spent
from distributor.policy import pacing

NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
RATES = st.sampled_from([1 / 3600, 30 / 60, 7 / 60, 1.0, 14.0, 90.0, 1000.0])
ADDRESSES = st.lists(
    st.builds("{}@{}".format, st.integers(0, 10**6), st.sampled_from(["a.test", "b.test", "c.test"])),
    max_size=60,
)


def ask(limits: Limits, times: list[tuple[float, int]]) -> list[tuple[datetime, int, pacing.Grant]]:
    """(when, how many were given, the grant), for questions of (seconds since the last, wanted)."""
    spent, now, given_out = Spent(), NOW, []
    for seconds, wanted in times:
        now += timedelta(seconds=seconds)
        grant = pacing.grant(spent, wanted=wanted, limits=limits, now=now)
        spent = grant.spent
        given_out.append((now, grant.number, grant))
    return given_out


def most_within(given_out: list[tuple[datetime, int]], window: timedelta) -> int:
    return max(
        (sum(number for at, number in given_out if start <= at < start + window) for start, _ in given_out),
        default=0,
    )


@given(
    RATES,
    st.lists(st.tuples(st.floats(0, 100), st.integers(0, 300)), max_size=40),
    st.sampled_from([1, 10, 60, 3600]),
)
def test_no_window_gets_more_than_the_rate_and_one_bucket(rate, questions, seconds):
    given_out = [(at, number) for at, number, _ in ask(Limits("m", rate), questions)]
    most = seconds * rate + pacing.burst(rate)
    assert most_within(given_out, timedelta(seconds=seconds)) <= most + 1e-6


@pytest.mark.parametrize("seconds", [0.01, 0.5, 1.0, 7])  # how often somebody asks
def test_thirty_a_minute_are_thirty_in_any_minute(seconds):
    """Microsoft 365 counts like this; the mail goes all the same at that rate."""
    given_out = ask(Limits("m365", 30 / 60), [(seconds, 100)] * int(300 / seconds))
    counted = [(at, number) for at, number, _ in given_out if number]
    assert most_within(counted, timedelta(minutes=1)) <= 30
    wanted = 300 / max(2, seconds)
    assert sum(number for _, number in counted) == pytest.approx(wanted, rel=0.15)


@given(st.integers(1, 50), st.lists(st.tuples(st.floats(0, 40_000), st.integers(0, 40)), max_size=40))
def test_no_24_hours_get_more_than_the_day(daily, questions):
    given_out = [(at, number) for at, number, _ in ask(Limits("m", daily=daily), questions)]
    assert most_within(given_out, timedelta(hours=24)) <= daily


@given(RATES, st.integers(0, 20), st.lists(st.tuples(st.floats(0, 9000), st.integers(1, 40)), max_size=20))
def test_when_it_says_again_there_is_one(rate, daily, questions):
    limits = Limits("m", rate, daily)
    for _, _, grant in ask(limits, questions):
        if grant.again is not None:
            assert pacing.grant(grant.spent, wanted=1, limits=limits, now=grant.again).number == 1


def test_no_limits_let_everything_out():
    grant = pacing.grant(Spent(), wanted=10**6, limits=Limits("m"), now=NOW)
    assert (grant.number, grant.again) == (10**6, None)


def test_a_day_that_is_used_up_says_until_when():
    limits = Limits("m", daily=5)
    grant = pacing.grant(Spent(), wanted=9, limits=limits, now=NOW)
    assert (grant.number, grant.used_up) == (5, True)
    assert grant.again == NOW + timedelta(hours=24, minutes=10)


@pytest.mark.parametrize(
    ("minutes", "number"),
    [
        (-1, 0),
        (1, 0),
        (7, 0),
        (9, 0),
        (10, 5),
    ],  # since 24 hours after 9:00; what went at 9:08 counts till 9:08
)
def test_a_slot_counts_until_its_last_message_is_a_day_old(minutes, number):
    limits = Limits("m", daily=5)
    spent = pacing.grant(Spent(), wanted=5, limits=limits, now=NOW + timedelta(minutes=8)).spent
    later = NOW + timedelta(hours=24, minutes=minutes)
    assert pacing.grant(spent, wanted=9, limits=limits, now=later).number == number


def test_what_is_given_back_may_be_had_again():
    limits = Limits("m", daily=5)
    spent = pacing.grant(Spent(), wanted=5, limits=limits, now=NOW).spent
    spent = pacing.give_back(spent, 2)
    assert pacing.grant(spent, wanted=9, limits=limits, now=NOW).number == 2


def test_a_clock_that_was_set_back_stops_nothing():
    limits = Limits("m", rate=1.0)
    spent = pacing.grant(Spent(), wanted=1, limits=limits, now=NOW).spent
    earlier = NOW - timedelta(hours=3)
    grant = pacing.grant(spent, wanted=1, limits=limits, now=earlier)
    assert grant.again is not None
    assert grant.again <= earlier + timedelta(seconds=1)


# domains


@given(RATES, st.integers(0, 300), st.lists(st.floats(-500, 500), max_size=10))
def test_steps_to_a_domain_never_come_nearer_than_its_pace(rate, number, others):
    pace = pacing.pace("a.test", rate)
    booked = [NOW + timedelta(seconds=one) for one in others]
    steps = pacing.spread(number, start=NOW, pace=pace, booked=booked)
    step = timedelta(seconds=pace.seconds)
    assert len(steps) * pace.number >= number
    assert all(later - earlier >= step for earlier, later in pairwise(steps))
    assert all(abs(one - other) >= step for one in steps for other in booked)
    assert all(one >= NOW for one in steps)


@pytest.mark.parametrize("rate", [30 / 60, 7 / 60, 1000 / 3600, 14.0, 1000.0, 10 / 3600])
def test_a_pace_is_its_rate(rate):
    pace = pacing.pace("a.test", rate)
    assert pace.number / pace.seconds == pytest.approx(rate)
    assert pace.seconds <= max(10, 1 / rate)


@given(ADDRESSES, st.integers(1, 20), st.integers(1, 20))
def test_portions_lose_nobody_and_keep_the_order(addresses, size, number):
    paces = [Pace("a.test", number, 10)]
    domain = [address.rpartition("@")[2] for address in addresses].__getitem__
    parts = list(pacing.portions(range(len(addresses)), domain=domain, paces=paces, size=size))
    assert sorted(index for _, part in parts for index in part) == list(range(len(addresses)))
    for paced in (None, paces[0]):
        mine = [index for pace, part in parts if pace == paced for index in part]
        assert mine == sorted(mine)
    for pace, part in parts:
        assert 0 < len(part) <= (min(size, number) if pace else size)
        assert all(addresses[index].endswith("@a.test") == (pace is not None) for index in part)


# forecasts


@pytest.mark.parametrize(
    ("number", "relays", "paces", "last", "full"),
    [
        (100, [], [], None, False),  # the outbox
        (100, [Limits("m")], [], None, False),  # as fast as it takes them
        (0, [Limits("m", 0.5)], [], None, False),  # nobody
        (1, [Limits("m", 0.5)], [], timedelta(0), False),
        (301, [Limits("m", 0.5)], [], timedelta(minutes=10), False),
        (301, [Limits("m", 0.5), Limits("n", 0.5)], [], timedelta(minutes=5), False),  # they share
        (301, [Limits("m", 0.5), Limits("n")], [], None, False),  # one of them has no limit
        (50, [Limits("m", daily=50)], [], timedelta(0), False),
        (51, [Limits("m", daily=50)], [], timedelta(hours=24, minutes=10), True),
        (101, [Limits("m", daily=50)], [], timedelta(hours=48, minutes=20), True),
        (61, [], [Pace("a.test", 5, 10)], timedelta(seconds=120), False),
        (61, [Limits("m", 1.0)], [Pace("a.test", 5, 10)], timedelta(seconds=120), False),
        (61, [Limits("m", 0.1)], [Pace("a.test", 5, 10)], timedelta(seconds=600), False),
    ],
)
def test_when_the_last_one_gets_it(number, relays, paces, last, full):
    asked = [(limits, Spent()) for limits in relays]
    found = pacing.forecast(Counter({"a.test": number}), start=NOW, relays=asked, paces=paces)
    assert (found and (found.last - NOW, found.full)) == (None if last is None else (last, full))


def test_what_is_used_of_the_day_is_not_there():
    limits = Limits("m", daily=50)
    spent = pacing.grant(Spent(), wanted=30, limits=limits, now=NOW).spent
    found = pacing.forecast(Counter(a=21), start=NOW, relays=[(limits, spent)], paces=[])
    assert found is not None
    assert found.full


@pytest.mark.parametrize(
    ("minutes", "wave", "full", "words"),
    [
        (10, "", False, None),
        (10, "agencies", False, None),
        (70, "agencies", False, "after the embargo"),  # expires at the embargo
        (70, "", False, "it expires"),
        (30, "", True, "daily limit"),
    ],
)
def test_what_does_not_fit_is_said(minutes, wave, full, words):
    found = pacing.Forecast(NOW + timedelta(minutes=minutes), full)
    said = pacing.too_slow(found, wave=wave, due=NOW, expires_at=NOW + timedelta(hours=1), zone="UTC")
    assert said is None if words is None else words in said


def test_the_day_is_the_office_s():
    """22:30 UTC is still the same day in London and the next one in Brussels (summer time)."""
    due = datetime(2030, 7, 4, 20, 0, tzinfo=UTC)
    found, later = pacing.Forecast(due + timedelta(hours=2.5)), due + timedelta(hours=24)
    said = {
        zone: pacing.too_slow(found, wave="", due=due, expires_at=later, zone=zone)
        for zone in ("Europe/London", "Europe/Brussels")
    }
    assert said["Europe/London"] is None
    assert "does not fit the day" in (said["Europe/Brussels"] or "")
