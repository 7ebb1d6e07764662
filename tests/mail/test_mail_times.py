"""What a mail says of an instant is that instant, in every zone, every language and every week.

Above all in the weeks when Europe has changed its clocks and America has not, and in the nights in which an
hour comes twice.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.mail import times
from distributor.policy.clockface import moment
from distributor.policy.dates import LANGUAGES, weekdays
from distributor.policy.embargo import parse_instant

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = ("Europe/Brussels", "Europe/London", "America/New_York", "Australia/Sydney", "UTC")
APART = [  # Europe or America alone has changed its clocks, and a day on either side
    (datetime(2027, 3, 13, tzinfo=UTC), 17),
    (datetime(2027, 10, 30, tzinfo=UTC), 9),
    (datetime(2028, 3, 11, tzinfo=UTC), 17),
    (datetime(2028, 10, 28, tzinfo=UTC), 9),
]
minutes = st.one_of(
    [
        st.integers(0, days * 1440).map(lambda n, start=start: start + timedelta(minutes=n))
        for start, days in APART
    ]
)
nights = [  # of Europe, America and Australia, in the hours around their changes
    datetime(2027, *day, hour, minute, tzinfo=UTC)
    for day, hours in (
        ((3, 14), (6, 7)),
        ((3, 28), (0, 1)),
        ((10, 31), (0, 1)),
        ((11, 7), (5, 6)),
        ((4, 3), (15, 16)),
        ((10, 2), (15, 16)),
    )
    for hour in hours
    for minute in (0, 30)
]


def _read(text: str, language: str = "en") -> datetime:
    return parse_instant(text, now=NOW, timezone="", language=language)


def _says_midnight(clock: str) -> bool:
    """It is refused by itself: which midnight? The other zones say it."""
    return "00:00" in clock


def _day(clock: str, first: date, language: str) -> tuple[str, date]:
    """ "Thu 09:30 Sydney" is a neighbour of the first day."""
    word, _, rest = clock.partition(" ")
    days = weekdays(word, language=language)
    if not days:
        return clock, first
    near = [first + timedelta(n) for n in (-1, 1) if (first + timedelta(n)).weekday() in days]
    return rest, near[0]


def _check(instant: datetime, language: str) -> None:
    day, clocks = times.moments(instant, zones=ZONES, language=language)
    first = instant.astimezone(ZoneInfo(ZONES[0])).date()
    assert len(clocks) == len(ZONES)
    for clock in clocks:
        shown, on = _day(clock, first, language)
        if not _says_midnight(shown):
            assert _read(f"{on} {shown}", language) == instant, (clock, instant)
    if not _says_midnight(clocks[0]):
        assert _read(f"{day}, {clocks[0]}", language) == instant, (day, clocks[0])


@given(minutes)
def test_in_the_weeks_when_europe_and_america_differ_each_clock_says_the_one_instant(instant):
    _check(instant, "en")


def test_in_the_nights_of_the_changes():
    for instant in nights:
        _check(instant, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language(language):
    _check(datetime(2027, 3, 17, 22, 30, tzinfo=UTC), language)
    _check(datetime(2027, 10, 31, 0, 30, tzinfo=UTC), language)


@given(minutes, st.sampled_from(ZONES))
def test_subject_and_terminal_say_it_too(instant, zone):
    local = instant.astimezone(ZoneInfo(zone))
    if (local.hour, local.minute) == (0, 0):
        return
    weekday, day, month, *rest = times.subject_moment(instant, zone=zone, language="en").split(" ")
    assert _read(" ".join([weekday, day, month, str(local.year), *rest])) == instant
    assert _read(moment(instant, zone)) == instant


def test_an_hour_that_comes_twice_says_which():
    early, late = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    lines = [
        times.zones_line(one, zones=("Europe/Brussels", "Europe/London"), language="en")
        for one in (early, late)
    ]
    assert lines == [
        "Sunday, 25 October 2026, 02:30 UTC+2 Brussels · 01:30 UTC+1 London · 00:30 UTC",
        "Sunday, 25 October 2026, 02:30 UTC+1 Brussels · 01:30 UTC+0 London · 01:30 UTC",
    ]
    assert "02:30 UTC+2 Brussels" in times.subject_moment(early, zone="Europe/Brussels", language="en")
    assert moment(late, "Europe/Brussels") == "Sun 25 Oct 2026 02:30 UTC+1 Brussels"
