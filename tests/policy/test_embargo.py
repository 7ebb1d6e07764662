"""Embargo times: what is read, what is refused and with which likely instants (design §8.2).

Planted by hand and caught: folding a doubled hour to its first instant, reading "CET" as a fixed hour in
July, letting a past instant through, taking midnight as the start of its day, ignoring unknown words.
"""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_datetime
from hypothesis import assume, given
from hypothesis import strategies as st

from distributor.errors import EmbargoError
from distributor.model.embargo import Embargo, Wave
from distributor.policy.dates import LANGUAGES
from distributor.policy.embargo import parse, parse_instant, parse_wave

NOW = datetime(2029, 12, 1, 9, 0, tzinfo=UTC)
BRUSSELS = "Europe/Brussels"
ELEVEN = datetime(2030, 1, 16, 10, 0, tzinfo=UTC)  # Wednesday 16 January 2030, 11:00 in Brussels


def instant(text: str, **settings: Any) -> datetime:
    embargo = parse(text, **{"now": NOW, "timezone": BRUSSELS, **settings}).embargo
    assert embargo.instant is not None
    return embargo.instant


@pytest.mark.parametrize(
    "text",
    [
        "2030-01-16T11:00:00+01:00",  # ISO with its offset
        "2030-01-16 11:00:00+01:00",  # as YAML and str() write it
        "2030-01-16T10:00Z",  # in UTC
        "2030-01-16T05:00-0500",  # offset without a colon
        "2030-01-16T11:00",  # wall time: the configured zone
        "2030-01-16 11:00 Europe/Brussels",  # IANA
        "2030-01-16 10:00 europe/london",  # IANA as people type it
        "16 January 2030, 11:00 Brussels time",
        "Wednesday 16 January 2030 at 11.00 CET",  # dotted, with the weekday
        "11:00 CET on 16 January 2030",  # time first
        "Wed, 16 Jan 2030 11:00 CET/CEST",  # both names of one clock
        "16 January 2030 at noon Athens time, not before",  # noon, another city, small words
        "16/01/2030 11:00",  # numeric, day first
        "January 16, 2030, 11 a.m. Brussels time",  # American order
        "16 January 2030, 11am",  # hour alone
        "1100 hrs 16 January 2030",  # four figures
        "16 January 2030 10:00 GMT",
        "16 January 2030 12:00 UTC+2",
        "16 January 2030 11:00 Brussels time (10:00 GMT)",  # the same instant twice
        "16 January 2030 at 11:00 CET / 05:00 New York",  # in several zones
        "EMBARGOED UNTIL 16 January 2030, 11:00 CET",  # with its label
        "EMBARGOED: Not for use before 1100 hrs, Wednesday 16th January 2030",  # with two labels
        "Sperrfrist: Mittwoch, 16. Januar 2030, 11:00 Uhr MEZ",
        "11:00 Uhr am 16. Januar 2030, Brüsseler Zeit",  # "am" is a preposition here
        "sous embargo jusqu'au mercredi 16 janvier 2030 à 11h00, heure de Bruxelles",
        "miércoles 16 de enero de 2030 a las 11:00",
        "mercoledì 16 gennaio 2030 ore 11.00",
        "środa, 16 stycznia 2030 r., godz. 11:00",
        "16\u00a0January 2030,\n11:00",  # pasted blanks
    ],
)
def test_one_instant_in_many_words(text: str) -> None:
    assert instant(text) == ELEVEN
    assert instant(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("text", "words", "likely"),
    [
        ("2030-03-31 02:30", "does not exist", "2030-03-31T03:30+02:00"),  # the spring gap
        ("2030-03-31 02:30 Brussels time", "does not exist", "2030-03-31T01:30+01:00"),
        ("2030-10-27 02:30", "twice", "2030-10-27T02:30+02:00 or 2030-10-27T02:30+01:00"),  # autumn
        ("2030-07-16 11:00 CET", "CEST that day", "2030-07-16T11:00+02:00"),  # CET in summer
        ("2030-12-16 11:00 CEST", "CET that day", "2030-12-16T11:00+01:00"),  # and the reverse
        ("Tuesday 16 January 2030 11:00", "is a Wednesday", "Tue 2030-01-15"),  # weekday
        ("mardi 16 janvier 2030 à 11:00", "is a Wednesday", "Wed 2030-01-16"),
        ("2030-01-16 00:00", "midnight", "2030-01-16 00:01"),  # bare midnights
        ("2030-01-16 24:00 CET", "midnight", "2030-01-16 23:59"),
        ("2030-01-16T24:00+01:00", "midnight", "2030-01-16 00:01"),
        ("16 January 2030, midnight", "midnight", "2030-01-15 23:59"),
        ("16 January 2030, 12:00 am", "midnight", ""),
        ("minuit le 16 janvier 2030", "midnight", ""),
        ("16 January 2029 11:00", "has passed", "2030-01-16T11:00+01:00"),  # last year, written in haste
        ("2029-12-01T09:00Z", "has passed", ""),  # now is not to come
        ("16 January 11:00", "year is missing", "2030-01-16"),
        ("16 January 2030", "no time of day", "00:01"),
        ("11:00 CET", "names no date", ""),
        ("31 February 2030 11:00", "no such day", ""),
        ("2030-02-30T11:00+01:00", "no such day", ""),
        ("16 January 2030 25:00", "no such time", ""),
        ("9999-12-31 11:00", "too far ahead", "before the year 2200, or say “until lifted”"),
        ("9999-12-31T23:59-11:00", "too far ahead", "before the year 2200"),
        ("0203-01-16 11:00", "long passed", ""),
        ("16 January 2030 11:00 XYZ", "“XYZ” is not understood", ""),  # a zone nobody knows
        ("16 January 2030 11:00 local time", "whose local time", ""),
        ("16 January 2030 11:00 Brussels time (11:00 GMT)", "two different instants", "T10:00+00:00"),
        ("16 January 2030 10:00-12:00", "not understood", ""),  # from when to when
        ("3 listopada 2030 11:00", "different months", "2030-10-03 or 2030-11-03"),  # Croatian or Polish
        ("tomorrow at eleven", "is not a time", ""),
        ("EMBARGOED", "no time is given", ""),
        ("", "no time is given", ""),
        ("x" * 5000, "too long", ""),
    ],
)
def test_refused_with_the_reason_and_the_likely_instants(text: str, words: str, likely: str) -> None:
    with pytest.raises(EmbargoError) as refusal:
        instant(text)
    assert words in refusal.value.what
    assert likely in refusal.value.cure
    assert refusal.value.cure
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 600


@pytest.mark.parametrize(
    "text", ["x" * 500, "11:00 CET", "", "soon", "2030-02-30 11:00", "2030-01-16T11:77Z"]
)
@pytest.mark.parametrize("now", [NOW, NOW.replace(year=2039)])
def test_the_time_shown_as_an_example_is_one_to_come(text: str, now: datetime) -> None:
    with pytest.raises(EmbargoError) as refusal:
        parse(text, now=now, timezone=BRUSSELS)
    shown = re.search(r"Write it as (.*? Brussels time)", refusal.value.cure)
    assert shown
    assert parse(shown[1], now=now, timezone="").embargo.instant > now


def test_so_is_that_of_an_advance_copy() -> None:
    with pytest.raises(EmbargoError) as refusal:
        parse_wave("accredited", now=NOW, timezone=BRUSSELS)
    shown = re.search(r"(TIER=[^-].*)\.", refusal.value.cure)
    assert shown
    assert parse_wave(shown[1], now=NOW, timezone="").at > NOW


def test_without_a_zone_both_usual_readings_are_offered() -> None:
    with pytest.raises(EmbargoError, match="no time zone") as refusal:
        instant("2030-01-16 11:00", timezone="")
    assert "2030-01-16T11:00+01:00 or 2030-01-16T11:00+00:00" in refusal.value.cure


def test_language_settles_a_month_that_two_languages_name_alike() -> None:
    assert instant("3 listopada 2030 11:00", language="pl").month == 11
    assert instant("3 listopada 2030 11:00", language="hr").month == 10


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2030-07-16 11:00 CET", 9),  # read as Brussels time
        ("2030-12-16 11:00 CEST", 10),
    ],
)
def test_cet_out_of_season_is_brussels_time_where_the_house_says_so(text: str, hour: int) -> None:
    reading = parse(text, now=NOW, timezone=BRUSSELS, cet_is_brussels=True)
    assert reading.embargo.instant is not None
    assert reading.embargo.instant.hour == hour
    assert "Brussels time" in reading.remarks[0]


def test_cet_in_its_season_needs_no_remark_and_tells_the_doubled_hours_apart() -> None:
    assert parse("2030-01-16 11:00 CET", now=NOW, timezone=BRUSSELS).remarks == ()
    assert instant("2030-10-27 02:30 CEST") == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)
    assert instant("2030-10-27 02:30 CET") == datetime(2030, 10, 27, 1, 30, tzinfo=UTC)
    with pytest.raises(EmbargoError, match="does not exist"):
        instant("2030-03-31 02:30 CET", cet_is_brussels=True)


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("03/02/2030 11:00", "day first"),  # either could be the month
        ("2030-07-16 11:00 GMT", "London is on summer time"),
        ("2030-01-16T00:00+01:00", "begins"),  # exact, but which midnight should be seen
    ],
)
def test_remarks_say_how_it_was_read(text: str, remark: str) -> None:
    assert remark in parse(text, now=NOW, timezone=BRUSSELS).remarks[0]


@pytest.mark.parametrize(
    "text",
    [
        "immediate",
        "none",
        "None.",
        "FOR IMMEDIATE RELEASE",
        "Pour diffusion immédiate",
        "Zur sofortigen Veröffentlichung",
    ],
)
def test_for_immediate_release(text: str) -> None:
    assert parse(text, now=NOW, timezone=BRUSSELS).embargo == Embargo()


@pytest.mark.parametrize("text", ["until lifted", "EMBARGOED UNTIL LIFTED", "lifted", "jusqu'à nouvel ordre"])
def test_until_lifted(text: str) -> None:
    assert parse(text, now=NOW, timezone=BRUSSELS).embargo == Embargo(until_lifted=True)


@pytest.mark.parametrize(
    "text",
    [
        "until lifted expected 16 January 2030 11:00 CET",
        "until lifted (expected around 11:00 on 16 January 2030)",
        "until lifted, expected: 2030-01-16T11:00+01:00",
    ],
)
def test_until_lifted_with_an_expected_time(text: str) -> None:
    embargo = parse(text, now=NOW, timezone=BRUSSELS).embargo
    assert embargo == Embargo(until_lifted=True, expected=ELEVEN)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "EMBARGOED until after the vote (expected 12:30)"),
        ("en", "until lifted (expected at about 12:30 Brussels time)"),
        ("de", "SPERRFRIST: nach der Abstimmung (voraussichtlich gegen 12:30 Uhr)"),
        ("de", "Sperrfrist: nach der Abstimmung (erwartet um 12.30 Uhr)"),
        ("fr", "SOUS EMBARGO jusqu'après le vote (prévu vers 12h30)"),
        ("fr", "Sous embargo jusqu'au vote (attendu à 12h30)"),
        ("it", "embargo fino al voto (previsto alle 12:30)"),
        ("es", "embargado hasta la votación (prevista a las 12:30)"),
    ],
)
def test_an_expected_time_without_a_date_is_that_of_the_day_given(language: str, text: str) -> None:
    settings = {"now": NOW, "timezone": BRUSSELS, "language": language}
    embargo = parse(text, **settings, day=date(2030, 1, 16)).embargo
    assert embargo == Embargo(until_lifted=True, expected=ELEVEN + timedelta(minutes=90))
    with pytest.raises(EmbargoError, match=r"the expected time .* names no date"):
        parse(text, **settings)


def test_a_day_is_given_to_no_embargo_that_has_an_instant() -> None:
    with pytest.raises(EmbargoError, match="names no date"):
        parse("EMBARGOED until 12:30", now=NOW, timezone=BRUSSELS, day=date(2030, 1, 16))


@pytest.mark.parametrize(
    "words",
    [
        "брюкселско време",
        "brüsszeli idő szerint",
        "bruselského času",
        "czasu brukselskiego",
        "Briuselio laiku",
        "pēc Briseles laika",
        "Brüsseli aja järgi",
        "Brysselin aikaa",
        "po bruseljskem času",
        "po briselskom vremenu",
        "ora Bruxelles-ului",
        "ώρα Βρυξελλών",
        "ħin ta' Brussell",
        "am na Bruiséile",
        "bruxellestid",
        "Brysseltid",
        "Brusselse tijd",
        "Brüsseler Zeit",
        "heure de Bruxelles",
        "hora de Bruselas",
        "hora de Bruxelas",
        "ora di Bruxelles",
    ],
)
def test_brussels_time_in_every_language(words: str) -> None:
    """Whatever zone is configured."""
    embargo = parse(f"2030-01-16 11:00 {words}", now=NOW, timezone="America/New_York").embargo
    assert embargo == Embargo(instant=ELEVEN)


def test_an_expected_time_obeys_the_same_rules() -> None:
    with pytest.raises(EmbargoError, match="twice"):
        parse("until lifted expected 2030-10-27 02:30", now=NOW, timezone=BRUSSELS)


@pytest.mark.parametrize(
    ("text", "wave"),
    [
        ("agencies=-24h", Wave("agencies", before=timedelta(hours=24))),
        ("agencies=-30m", Wave("agencies", before=timedelta(minutes=30))),
        ("trusted = -1h30m", Wave("trusted", before=timedelta(minutes=90))),
        ("trusted=− 30 min", Wave("trusted", before=timedelta(minutes=30))),
        ("trusted=-2 hours", Wave("trusted", before=timedelta(hours=2))),
        ("trusted=−2d", Wave("trusted", before=timedelta(days=2))),  # a typographic minus
        ("agencies=2030-01-16 11:00 CET", Wave("agencies", at=ELEVEN)),
    ],
)
def test_waves(text: str, wave: Wave) -> None:
    assert parse_wave(text, now=NOW, timezone=BRUSSELS) == wave


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("agencies=-30m,accredited=-24h", "Give each its own"),  # two in one
        ("agencies", "TIER=-24h"),  # no time
        ("=-24h", "TIER=-24h"),  # no tier
        ("agencies=24h", "agencies=-24h"),  # after the embargo?
        ("agencies=-0h", "agencies=-24h"),  # at the embargo
        ("agencies=-36501d", "agencies=-24h"),
        ("agencies=-99999999999999h", "agencies=-24h"),  # more than a time can hold
        ("agencies=2029-01-16 11:00", "2030-01-16"),  # has passed
        ("agencies=soon", "Brussels time"),
    ],
)
def test_waves_refused(text: str, cure: str) -> None:
    with pytest.raises(EmbargoError) as refusal:
        parse_wave(text, now=NOW, timezone=BRUSSELS)
    assert cure in refusal.value.cure


# --- every minute -------------------------------------------------------------------------------------

ZONES = {
    "Europe/Brussels": "Brussels time",
    "Europe/London": "London time",
    "America/New_York": "New York time",
    "Asia/Tokyo": "Tokyo",
    "Australia/Lord_Howe": "Australia/Lord_Howe",  # half an hour of summer time
    "UTC": "UTC",
}
minutes = st.integers(min_value=60, max_value=60 * 24 * 365 * 6).map(lambda n: NOW + timedelta(minutes=n))
near_changes = st.builds(  # Brussels changes at 01:00 UTC
    lambda day, n: day + timedelta(minutes=n),
    st.sampled_from([datetime(2030, 3, 31, 1, 0, tzinfo=UTC), datetime(2030, 10, 27, 1, 0, tzinfo=UTC)]),
    st.integers(min_value=-180, max_value=180),
)


def shown_once(moment: datetime, zone: ZoneInfo) -> bool:
    local = moment.astimezone(zone)
    other = local.replace(fold=1 - local.fold)
    return other.astimezone(UTC) == local.astimezone(UTC)


@given(st.one_of(minutes, near_changes), st.sampled_from(sorted(ZONES)))
def test_every_minute_written_with_its_offset_is_read_back(moment: datetime, zone: str) -> None:
    local = moment.astimezone(ZoneInfo(zone))
    assert instant(local.isoformat()) == moment
    assert instant(local.isoformat(sep=" ", timespec="minutes")) == moment


@given(st.one_of(minutes, near_changes), st.sampled_from(sorted(ZONES)), st.data())
def test_every_minute_that_a_clock_shows_once_is_read_back(
    moment: datetime, zone: str, data: st.DataObject
) -> None:
    local = moment.astimezone(ZoneInfo(zone))
    assume(shown_once(moment, ZoneInfo(zone)) and (local.hour, local.minute) != (0, 0))
    pattern = data.draw(
        st.sampled_from(["%Y-%m-%d %H:%M {}", "%A %d %B %Y at %H.%M {}", "%H:%M {} on %d %b %Y"])
    )
    name = data.draw(st.sampled_from([zone, ZONES[zone]]))
    assert instant(local.strftime(pattern).format(name)) == moment
    assert instant(local.strftime("%Y-%m-%d %H:%M"), timezone=zone) == moment


@given(minutes, st.sampled_from(LANGUAGES))
def test_dates_in_every_language_are_read_or_refused_never_misread(moment: datetime, language: str) -> None:
    local = moment.astimezone(ZoneInfo(BRUSSELS))
    assume(shown_once(moment, ZoneInfo(BRUSSELS)) and (local.hour, local.minute) != (0, 0))
    text = f"{format_datetime(local, 'd MMMM y', locale=language, tzinfo=local.tzinfo)} {local:%H:%M}"
    assert instant(text, language=language) == moment


@given(st.integers(min_value=2030, max_value=2036), st.integers(min_value=0, max_value=59), st.booleans())
def test_gaps_and_overlaps_are_always_refused(year: int, minute: int, autumn: bool) -> None:
    month = 10 if autumn else 3
    day = max(d for d in range(25, 32) if datetime(year, month, d, tzinfo=UTC).weekday() == 6)
    for zone in (BRUSSELS, "Brussels time", "Paris"):
        with pytest.raises(EmbargoError, match="twice" if autumn else "does not exist"):
            instant(f"{year}-{month:02}-{day} 02:{minute:02} {zone}")


JUNK = st.one_of(
    st.text(max_size=60), st.text(st.sampled_from("0123456789:.-/ +JanCETampuhrs,"), max_size=40)
)


@given(JUNK)
def test_junk_is_refused_or_lies_ahead_and_never_breaks(text: str) -> None:
    embargo = Embargo()
    with suppress(EmbargoError):
        embargo = parse(text, now=NOW, timezone=BRUSSELS).embargo
    assert embargo.instant is None or embargo.instant > NOW


def test_a_time_to_send_obeys_the_same_rules_and_knows_no_labels() -> None:
    assert parse_instant("16 January 2030, 11:00 CET", now=NOW, timezone=BRUSSELS) == ELEVEN
    for text in (
        "2030-10-27 02:30",
        "2030-01-16 00:00",
        "2029-01-16 11:00",
        "immediate",
        "EMBARGOED UNTIL 11:00",
    ):
        with pytest.raises(EmbargoError):
            parse_instant(text, now=NOW, timezone=BRUSSELS)
