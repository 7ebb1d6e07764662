"""What counts as a jump of the clock, and what may open after one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.model.reading import Belief, Reading
from distributor.policy import jumps

NOW = datetime(2026, 10, 25, 10, 0, tzinfo=UTC)
UP = timedelta(days=3)
KNOWN = Belief(started=NOW - UP)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.parametrize(
    ("passed", "set_by", "slack", "jumped"),
    [
        (0, 0, 0, 0),
        (86400, 0, 0, 0),  # a suspend: both go on
        (86400, 30, 0, 0),  # what a day of bad steps by NTP may add
        (1, 31, 0, 31),
        (1, -31, 0, -31),
        (1, -30, 0, 0),
        (1, -35, 10, 0),  # the answer was slow: it may be that old
        (1, 35, 10, 35),  # but never so young
        (1, 7200, 0, 7200),
    ],
)
def test_only_what_the_machine_did_not_live_through_is_a_jump(passed, set_by, slack, jumped):
    reading = Reading(NOW + seconds(passed + set_by), "boot", UP + seconds(passed), seconds(slack))
    assert jumps.shift(reading, KNOWN, last=NOW + timedelta(days=99)) == seconds(jumped)


@pytest.mark.parametrize(
    ("last", "jumped"),
    [
        (None, 0),  # a new database
        (-86400 * 40, 0),  # down for weeks
        (29, 0),  # another host wrote it a moment ago
        (3600, -3600),  # an empty battery: behind what was written
    ],
)
def test_a_machine_started_since_is_judged_by_the_newest_time_written(last, jumped):
    newest = None if last is None else NOW + seconds(last)
    assert jumps.shift(Reading(NOW, "boot", seconds(60)), Belief(), last=newest) == seconds(jumped)


@pytest.mark.parametrize(
    ("before", "by", "after"),
    [
        (0, 5400, 5400),
        (5400, -5400, 0),  # set right again
        (5400, -5390, 0),  # nearly
        (5400, -3600, 1800),
        (0, -5400, 0),  # back is never ahead
        (5400, 600, 6000),
    ],
)
def test_how_far_ahead_it_may_be(before, by, after):
    assert jumps.ahead(Belief(ahead=seconds(before)), seconds(by)) == seconds(after)


def test_what_is_due_by_both_clocks_opens_and_an_answer_counts_for_one_jump():
    belief = Belief(started=NOW - UP, ahead=timedelta(hours=1), jump=7)

    def doubt(due, answered=None):
        return jumps.doubt(due=due, now=NOW, belief=belief, answered=answered)

    assert doubt(NOW - timedelta(hours=1)) is None
    assert "ahead by 60 minutes" in doubt(NOW - timedelta(minutes=59))
    assert doubt(NOW, answered=7) is None
    assert doubt(NOW, answered=6) is not None
    assert jumps.doubt(due=NOW, now=NOW, belief=KNOWN, answered=None) is None


@given(st.lists(st.integers(-200_000, 200_000), max_size=8))
def test_whatever_the_clock_does_what_opens_unasked_is_due_by_the_first_clock_too(moves):
    """Law 1: `true` goes on as before the first jump, and the clock is believed behind it or with it."""
    true, shown, belief = NOW, NOW, Belief(started=NOW - UP)
    for move in moves:
        shown += seconds(move)
        reading = Reading(shown, "boot", UP)
        by = jumps.shift(reading, belief, last=None)
        ahead = jumps.ahead(belief, by) if by else belief.ahead
        belief = Belief(reading.started if by else belief.started, ahead, belief.jump + bool(by))
        steps = len(moves) * jumps.JUMP  # steps that are no jumps
        assert shown - belief.ahead <= true + steps
