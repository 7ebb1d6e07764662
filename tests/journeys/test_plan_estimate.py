"""The plan says about when the last one gets it although nothing is limited, or that it cannot tell yet.

Planted by hand and caught: a mailout that is under way, or that reached a few only, as a measure.
"""

from datetime import datetime

import pytest

from tests.house import REFERENCE, furnished, people


@pytest.fixture
def house(tmp_path):
    with furnished(tmp_path, trade=people(30)) as made:
        made.synced()
        yield made


def test_by_the_mailouts_before(house):
    house.run("release", "add", "release.md", "--embargo", "2040-03-05 12:00 UTC")
    unknown = house.json("release", "plan", REFERENCE)
    assert unknown["estimate"] == "no estimate yet: no mailout to 20 people or more has gone out"
    assert [(one["last_at"], one["about_at"]) for one in unknown["mailouts"]] == [(None, None)]
    assert "no estimate yet" in house.run("release", "plan", REFERENCE).stdout

    house.run("release", "send", "release.md", "--reference", "r-2", "--embargo", "none", "--yes")
    house.run("send-due")
    house.run("send-due")
    assert house.json("release", "plan", "r-2")["estimate"] is None  # nobody waits

    [told] = house.json("release", "plan", REFERENCE)["mailouts"]
    assert told["last_at"] is None
    assert datetime.fromisoformat(told["about_at"]) > datetime.fromisoformat(told["due"])
    said = house.run("release", "plan", REFERENCE).stdout
    assert "as quick as the last mailout: about" in said
    assert "about Mon 5 Mar 2040" in said
