"""Whether embargo access holds at an instant, and when things end.

Planted bugs that these tests caught: `<=` at the end of a grant; the first suspension instead of the
longest; a day that ends at UTC's midnight.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from distributor.errors import Refused
from distributor.model.access import Granted, Strike, Suspension
from distributor.policy.access import counting, end, in_force, outlet_key, suspended, tier, why_not

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
GRANT = Granted("accredited", "press card", "ada", NOW - DAY, terms="2026-1")
HERS = Suspension("", "broke it", "ada", NOW - DAY, NOW + DAY)
WHOLE = Suspension("The Quay", "broke it twice", "ada", NOW - DAY, NOW + 3 * DAY)


@pytest.mark.parametrize(
    ("granted", "suspensions", "words"),
    [
        (GRANT, [], None),
        (None, [], "no embargo access"),
        # until: up to that instant, and not at it
        (replace(GRANT, until=NOW + TICK), [], None),
        (replace(GRANT, until=NOW), [], "embargo access ended 2026-03-02"),
        # taken back, although its end is to come
        (replace(GRANT, until=NOW + DAY, ended_at=NOW - DAY), [], "embargo access taken back 2026-03-01"),
        # suspended: hers, her outlet's, the longer of them; over; ended before its time
        (GRANT, [HERS], "embargo access suspended until 2026-03-03: broke it"),
        (GRANT, [WHOLE, HERS], "embargo access of The Quay suspended until 2026-03-05: broke it twice"),
        (GRANT, [replace(HERS, until=NOW)], None),
        (GRANT, [replace(WHOLE, ended_at=NOW - TICK)], None),
        (GRANT, [replace(WHOLE, ended_at=NOW), HERS], "embargo access suspended until 2026-03-03: broke it"),
    ],
)
def test_why_not(granted, suspensions, words) -> None:
    assert why_not(granted, suspensions, now=NOW, zone="Europe/Brussels") == words
    holds = in_force(granted, now=NOW) and suspended(suspensions, now=NOW) is None
    assert holds == (words is None)


def test_strikes_count_until_they_expire() -> None:
    strike = Strike("", "2026-0001", "early", "ada", NOW - DAY, NOW + TICK)
    assert counting([strike, replace(strike, expires_at=NOW)], now=NOW) == [strike]


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("30d", "UTC", NOW + timedelta(days=30)),
        # the whole day, where the office is; in summer too
        ("2026-03-02", "Europe/Brussels", datetime(2026, 3, 2, 22, 59, 59, tzinfo=UTC)),
        ("2026-06-30", "Europe/Brussels", datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC)),
        ("2026-06-30", "America/New_York", datetime(2026, 7, 1, 3, 59, 59, tzinfo=UTC)),
        # an instant, as embargoes are written
        ("2026-06-30 11:00 Brussels time", "UTC", datetime(2026, 6, 30, 9, 0, tzinfo=UTC)),
    ],
)
def test_ends(text, zone, instant) -> None:
    assert end(text, now=NOW, timezone=zone, where="--until") == instant


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "2026-03-01", "0d", "2026-06-30 00:00", "9999d9"])
def test_what_is_no_end_is_refused(text) -> None:
    with pytest.raises(Refused) as caught:
        end(text, now=NOW, timezone="Europe/Brussels", where="--until")
    assert caught.value.where == "--until"
    assert caught.value.cure


def test_outlets_and_tiers_are_compared_folded() -> None:
    assert outlet_key("  The\tQUAY  Straße ") == outlet_key("the quay strasse")
    assert (tier(" Accredited "), tier("a b"), tier(""), tier("-a")) == ("accredited", None, None, None)
