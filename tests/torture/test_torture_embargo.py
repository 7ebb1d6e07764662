"""Two cases of the embargo torture with every test run, from a seed: nothing early, nothing after a stop.

`./dev torture embargo` is the whole of it.

Planted by hand and caught here: wall times read in the zone of the process (misread, early). By a longer
run of the same case: an embargo that moves without its mailouts planned anew. A skipped guard, a notice to
the whole list and two heads of its audience are caught by laws 1 and 5.
"""

import pytest

from tests.torture import moments
from tests.torture.embargocase import play
from tests.torture.referee import EARLY, STALE, Referee, Seen, Text

_OF = 167


@pytest.mark.parametrize(
    ("database_url", "number", "few"),
    [
        ("sqlite", 3, 6),
        ("postgres", 9, 3),
    ],
    indirect=["database_url"],
)
def test_embargoes_that_are_changed_and_interrupted(tmp_path, database_url, number, few):
    """Eight workers, on hosts with wrong clocks or on one machine whose clock is set."""
    url = database_url if database_url.startswith("postgresql") else ""
    result = play(number, of=_OF, seed=1, folder=tmp_path / "office", url=url, releases=few)
    assert result.problems == []
    assert result.releases == few
    assert result.heard["release"]
    assert result.done["all restarted"] == 1


def test_the_referee_sees_what_is_early_and_what_is_old():
    at = moments.START
    text = Text("q-1", {"a@example.org": "agencies"}, at, opens={"agencies": at})
    referee = Referee({"q-1": text})
    before = at - (moments.END - moments.START)
    referee.begins(Seen("q-1", "release", "a@example.org", "", 1), before)
    referee.begins(Seen("q-1", "advance", "a@example.org", "2020-01-01T00:00:00Z", 1), at)
    assert referee.broken == {EARLY: 1, STALE: 1}


def test_every_zone_changes_its_clock_as_often_as_it_does():
    """The nine zones of the torture, each with its changes in five years; one has none."""
    found = dict.fromkeys(moments.ZONES, 0)
    for change in moments.changes():
        found[change.zone] += 1
    assert len(found) == 9
    assert found.pop("Asia/Kolkata") == 0
    assert found.pop("Africa/Casablanca") == 11
    assert set(found.values()) == {10}
