"""Retries come soon, grow, spread, and end; a relay that failed is left alone at least ten seconds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from distributor.policy.retry import Backoff, GiveUp, Retry, next_attempt, pass_over

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
JITTER = st.floats(0, 1, exclude_max=True)
LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("attempts", "soonest", "latest"),
    [
        (1, 60, 90),  # seconds: news is urgent
        (2, 120, 180),
        (3, 240, 360),
        (6, 1200, 1800),  # half an hour at most
        (1000, 1200, 1800),
    ],
)
def test_waits_grow(attempts, soonest, latest):
    for jitter, seconds in ((0.0, latest), (0.999999, soonest)):
        retry = next_attempt(failures=attempts, now=NOW, expires_at=LATER, jitter=jitter)
        assert isinstance(retry, Retry)
        assert (retry.at - NOW).total_seconds() == pytest.approx(seconds, abs=0.01)


@example(attempts=1, left=timedelta(seconds=90), jitter=0.0)
@given(st.integers(1, 10_000), st.timedeltas(timedelta(0), timedelta(days=3)), JITTER)
def test_never_at_or_after_the_expiry_and_never_at_once(attempts, left, jitter):
    """Planted bug: `at <= expires_at` tries at the instant of expiry, when the guard refuses it."""
    decided = next_attempt(failures=attempts, now=NOW, expires_at=NOW + left, jitter=jitter)
    if isinstance(decided, GiveUp):
        assert left <= timedelta(minutes=30)
        assert decided.reason
    else:
        assert NOW + timedelta(seconds=60) <= decided.at < NOW + left


@given(st.integers(1, 50), JITTER)
def test_relay_is_left_alone_ten_seconds_to_a_minute(failures, jitter):
    assert timedelta(seconds=10) <= pass_over(failures=failures, jitter=jitter) <= timedelta(minutes=1)


@given(st.integers(1, 40), JITTER)
def test_one_more_failure_never_shortens_the_wait(failures, jitter):
    backoff = Backoff(first=timedelta(seconds=1), limit=timedelta(hours=1))
    shorter = backoff.delay(failures=failures, jitter=jitter)
    assert shorter <= backoff.delay(failures=failures + 1, jitter=jitter)
