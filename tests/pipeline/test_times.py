"""The times of a release: versions may use their own words, but must mean the same instants."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from distributor.errors import DistributorError
from distributor.model.draft import Dateline, Draft, Version
from distributor.model.embargo import Embargo
from distributor.model.release import Sending
from distributor.model.rules import Rules
from distributor.pipeline.times import Asked, timed

NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
LIFT = datetime(2030, 3, 6, 10, 0, tzinfo=UTC)
ENGLISH = Draft(
    Version("en", "Harbour opens"), "harbour.en.md", "0", embargo="6 March 2030, 11:00 Brussels time"
)
FRENCH = Draft(Version("fr", "Le port ouvre"), "harbour.fr.md", "1", embargo="2030-03-06T11:00+01:00")
NOTHING = Asked(None, None, None)


def read(*drafts: Draft, asked: Asked = NOTHING) -> Sending:
    return timed(Sending(), drafts, asked, now=NOW, rules=Rules()).sending


def test_two_wordings_of_one_instant_agree():
    """Planted bug: compared as text they were refused as different."""
    assert read(ENGLISH, FRENCH).embargo.instant == LIFT


def test_one_version_may_say_it_for_both():
    assert read(replace(ENGLISH, embargo=None), FRENCH).embargo.instant == LIFT


def test_two_instants_are_refused_by_the_name_of_the_document():
    with pytest.raises(
        DistributorError, match=r"harbour\.fr\.md: its embargo is not the one of harbour\.en\.md"
    ):
        read(ENGLISH, replace(FRENCH, embargo="2030-03-06T12:00+01:00"))


def test_what_is_asked_for_wins():
    asked = Asked("2030-03-07T08:00Z", ("Agencies=-30m",), None)
    sending = read(ENGLISH, asked=asked)
    assert sending.embargo.instant == datetime(2030, 3, 7, 8, 0, tzinfo=UTC)
    assert [wave.tier for wave in sending.waves] == ["agencies"]


def test_a_month_name_is_read_in_the_version_s_language():
    """listopad is November in Polish, October in Croatian."""
    polish = Draft(
        Version("pl", "Port otwarty"), "port.pl.md", "2", embargo="3 listopada 2030, 11:00 Brussels time"
    )
    assert read(polish).embargo.instant == datetime(2030, 11, 3, 10, 0, tzinfo=UTC)


def test_an_expected_time_is_that_of_the_dateline_s_day():
    version = Version("en", "Harbour opens", dateline=Dateline("Strasbourg", LIFT.date()))
    vote = Draft(version, "harbour.en.md", "4", embargo="after the vote (expected 12:30 Brussels time)")
    assert read(vote).embargo == Embargo(until_lifted=True, expected=LIFT + timedelta(minutes=90))


SPOKEN = Draft(
    Version("en", "Harbour opens"), "harbour.md", "3", embargo_traces=("line 5 (“under embargo until”)",)
)
NONE = Asked("none", None, None)


@pytest.mark.parametrize(
    ("draft", "asked", "left", "told"),
    [
        (SPOKEN, NOTHING, 1, "harbour.md, line 5 (“under embargo until”) speaks of an embargo"),
        # the text's own "for immediate release" is no answer to its own "embargo"
        (replace(SPOKEN, embargo="FOR IMMEDIATE RELEASE"), NOTHING, 1, "say --embargo none"),
        (SPOKEN, NONE, 0, "as --embargo says, over harbour.md, line 5"),
        (replace(SPOKEN, embargo="none", embargo_named=True), NOTHING, 0, "as the front matter says, over"),
        (replace(ENGLISH, embargo_traces=SPOKEN.embargo_traces), NONE, 0, "over harbour.en.md, line 5"),
        (replace(ENGLISH, embargo_line=1), Asked("2030-03-07T08:00Z", None, None), 0, "line 1 says “6 March"),
        (ENGLISH, Asked("2030-03-06T11:00+01:00", None, None), 0, None),  # the same instant in other words
        (replace(ENGLISH, embargo_traces=SPOKEN.embargo_traces), NOTHING, 0, None),  # it has its embargo
    ],
)
def test_an_embargo_that_is_spoken_of_is_set_or_denied_in_so_many_words(draft, asked, left, told):
    found = timed(Sending(), [draft], asked, now=NOW, rules=Rules())
    assert len(found.embargo_traces) == left
    assert told in " ".join(found.remarks) if told else found.remarks == ()


def test_front_matter_answers_for_its_own_document_only():
    silent = replace(SPOKEN, source="port.fr.md", version=Version("fr", "Le port ouvre"))
    denied = replace(SPOKEN, embargo="none", embargo_named=True)
    found = timed(Sending(), [denied, silent], NOTHING, now=NOW, rules=Rules())
    assert found.embargo_traces == ("port.fr.md, line 5 (“under embargo until”)",)


def test_an_embargo_that_cannot_be_read_names_its_line():
    with pytest.raises(DistributorError, match=r"harbour\.en\.md, line 3: “tomorrow” is not a time.*“none”"):
        read(replace(ENGLISH, embargo="tomorrow", embargo_line=3))


def test_an_empty_embargo_is_none_at_all():
    with pytest.raises(DistributorError, match="--embargo: no time is given"):
        read(ENGLISH, asked=Asked("", None, None))


@pytest.mark.parametrize(
    ("draft", "asked", "told"),
    [
        (ENGLISH, Asked(None, None, "2030-03-06T08:00Z"), "both a time to send and an embargo"),
        (replace(ENGLISH, embargo=None), Asked(None, ("agencies=-30m",), None), "without an embargo"),
        (ENGLISH, Asked("2030-03-06 11:00 Mars time", None, None), "--embargo"),
    ],
)
def test_what_does_not_fit_is_refused(draft, asked, told):
    with pytest.raises(DistributorError, match=told):
        read(draft, asked=asked)
