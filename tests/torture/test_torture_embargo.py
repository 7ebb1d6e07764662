"""Some releases of the embargo torture with every test run, from a seed: none early, none after a stop.

`./dev torture embargo` is the whole of it, on both databases.

Planted by hand and caught here: a guard that asks neither whether a mailout is due nor whether it is held, or
nothing but whose batch it is (a hand-over after a stop); wall times read in the zone of the process
(misread); an embargo that moves without its mailouts planned anew. Mailouts of the old time that stay beside
the new ones, a notice to the whole list and two heads of its audience are caught by law 5.
"""

import random
from datetime import UTC, datetime, timedelta

from tests.torture import moments
from tests.torture.embargocase import play
from tests.torture.referee import EARLY, STALE, Referee, Seen, Text
from tests.torture.timeflow import Truth, flowing, hosts

_OF, _CASE, _FEW = 167, 2, 4


def test_embargoes_that_are_changed_and_interrupted(tmp_path):
    """Eight workers on one machine whose clock is set wrong; each release is changed just when it goes."""
    result = play(_CASE, of=_OF, seed=1, folder=tmp_path / "office", releases=_FEW, hasty=True)
    assert result.problems == []
    assert result.releases == _FEW
    assert result.heard["release"]
    assert result.done["all restarted"] == 1


def test_a_process_has_the_clock_of_its_host_and_a_zone_of_its_own():
    """Local times read by mistake are then seen to be wrong."""
    truth, chance = Truth(moments.START), random.Random(1)
    with flowing(truth, zone="Asia/Kolkata", chance=chance) as process:
        fast, *_ = hosts(truth, 2, chance, apart=True)
        process.on(fast)
        here = datetime.now().astimezone()
        assert here.utcoffset() == timedelta(hours=5, minutes=30)
        assert here - moments.START - fast.off < timedelta(minutes=1)
        assert datetime.now(UTC) - fast.wall() < timedelta(minutes=1)


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
