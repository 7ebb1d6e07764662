"""JSON documents keep their promised shapes, whatever state a release is in: programs read them.

Planted by hand and caught: `first_ms` renamed, a naive instant, a number written as text.
"""

import pytest

from tests import shapes
from tests.journeys.office import EMBARGO, press_office
from tests.shapes import fits

WAVES = ("--embargo", EMBARGO, "--advance", "accredited=-24h")


@pytest.fixture
def office(tmp_path, monkeypatch, capsys, sqlite_url):
    return press_office(tmp_path, monkeypatch, capsys, database=sqlite_url)


def test_from_draft_to_log(office):
    office.write("lists/fish.csv", "email,name\nnobody\n")
    assert fits(office.json("lists", "sync", "--dry-run"), shapes.SYNC) == []
    added = office.json("release", "add", "harbour.en.md", "harbour.fr.md", *WAVES, "--reference", "r-1")
    assert fits(added, shapes.RELEASE) == []
    assert fits(office.json("release", "audience", "r-1"), shapes.AUDIENCE) == []
    assert fits(office.json("todo"), shapes.TODO) == []
    assert fits(office.json("check"), shapes.CHECK) == []
    assert fits(office.json("log", "r-1"), shapes.LOG) == []
    office.done("release", "approve", "r-1")
    office.done("release", "hold", "r-1", "--reason", "wait")
    shown = office.json("release", "show", "r-1")
    assert fits(shown, shapes.RELEASE) == []
    assert shown["approved"]
    assert shown["held"]
    assert fits(office.json("log", "r-1"), shapes.LOG) == []


def test_from_sending_to_log(office):
    office.done("release", "send", "harbour.en.md", "--yes", "--reference", "r-2")
    assert fits(office.json("send-due"), shapes.SEND_DUE) == []
    log = office.json("log", "r-2")
    assert fits(log, shapes.LOG) == []
    assert [one["attempts"][0]["code"] for one in log["deliveries"]] == [250] * 3
    assert fits(office.json("release", "audience", "r-2"), shapes.AUDIENCE) == []
    assert fits(office.json("release", "show", "r-2"), shapes.RELEASE) == []
    assert fits(office.json("doubt", "list"), shapes.DOUBT) == []


def test_a_broken_promise_is_named():
    log = {"reference": "r", "mailouts": [], "deliveries": [{"address": "a"}]}
    assert "$.deliveries[0].state is missing" in fits(log, shapes.LOG)
    assert fits({"opened": "1"}, shapes.SEND_DUE)[0] == "$.opened is '1', not <class 'int'>"
