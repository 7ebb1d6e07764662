"""Times and stretches of time in words."""

from datetime import UTC, datetime, timedelta

import pytest

from distributor.model.draft import Version
from distributor.model.embargo import Embargo, Wave
from distributor.model.release import Sending
from distributor.pipeline.proposal import Proposal
from distributor.policy.clockface import moment, stretch
from distributor.policy.revisions import diff

LIFT = datetime(2030, 3, 4, 11, 0, tzinfo=UTC)


def test_a_moment_has_its_weekday_and_its_zone():
    assert moment(LIFT, "Europe/Brussels") == "Mon 4 Mar 2030 12:00 Brussels"
    assert moment(LIFT, "America/New_York") == "Mon 4 Mar 2030 06:00 New York"


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(hours=24), "24 hours"),  # as it was typed
        (timedelta(days=10), "10 days"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(seconds=61), "61 seconds"),
    ],
)
def test_stretches(length, words):
    assert stretch(length) == words


def test_what_changed_is_told_in_times_as_people_read_them():
    before = _said(Sending(embargo=Embargo(LIFT), waves=(Wave("agencies", before=timedelta(hours=24)),)))
    after = _said(Sending(send_at=LIFT))
    assert diff(before, after, zone="Europe/Brussels") == (
        "- embargo: until Mon 4 Mar 2030 12:00 Brussels",
        "- advance: agencies Sun 3 Mar 2030 12:00 Brussels (24 hours before)",
        "+ embargo: none",
        "+ at: Mon 4 Mar 2030 12:00 Brussels",
    )


def _said(sending):
    return Proposal("r-1", "release", sending, (Version("en", "Harbour opens"),), (), "0")
