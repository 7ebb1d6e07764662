"""The README's first command as who has installed it runs it: the whole pipeline in a fresh folder, for real.

Planted bug: a file that the wheel lacks (a template, the samples, the lists).
"""

import json
from datetime import datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.installed import ONE, run
from tests.program import Program
from tests.shapes import DEMO, fits

pytestmark = ONE


@pytest.fixture(scope="module")
def demo(installed, tmp_path_factory):
    """(folder, document) of one demo; its embargo is some seconds ahead, so it is run once."""
    home = tmp_path_factory.mktemp("demo")
    done = run(installed / "distributor", "demo", "here", "--lift-in", "12", "--json", cwd=home)
    return home / "here", json.loads(done.stdout)


def test_everybody_has_it_once_and_nobody_early(demo):
    folder, document = demo
    assert document["early"] == 0
    states = {(one["kind"], one["state"]) for one in document["log"]["deliveries"]}
    assert states == {("advance", "sent"), ("release", "sent"), ("release", "cancelled")}
    sent = [one["address"] for one in document["log"]["deliveries"] if one["state"] == "sent"]
    assert len(sent) == len(set(sent)) == len(list((folder / "inboxes").glob("*.eml")))


def test_its_document_keeps_its_shape(demo):
    _, document = demo
    assert fits(document, DEMO) == []


def test_release_copies_are_accepted_only_after_the_instant(demo):
    """Planted bug: an `open` that ignores `due` accepts them seconds before."""
    _, document = demo
    lift = datetime.fromisoformat(document["release"]["embargo"])
    (release,) = [one for one in document["log"]["mailouts"] if one["kind"] == "release"]
    assert datetime.fromisoformat(release["due"]) == lift
    assert 0 <= release["first_ms"] <= release["last_ms"]


def test_advance_copies_say_until_when(demo):
    folder, document = demo
    waves = {one["id"] for one in document["log"]["mailouts"] if one["kind"] == "advance"}
    advance = {one["message_id"] for one in document["log"]["deliveries"] if one["mailout"] in waves}
    for file in (folder / "inboxes").glob("*.eml"):
        message = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
        embargoed = message["Message-ID"].strip() in advance
        assert ("X-Embargo-Until" in message) is embargoed
        assert any(word in message["Subject"] for word in ("EMBARGOED", "EMBARGO")) is embargoed


def test_it_leaves_an_installation(demo):
    folder, document = demo
    assert document["folder"] == str(folder)
    assert {"config.toml", "distributor.db", "inboxes", "lists", "preview"} <= {
        p.name for p in folder.iterdir()
    }
    assert list((folder / "preview").glob("*.html"))


def test_a_folder_with_files_is_left_alone(tmp_path: Path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "mine.txt").write_text("mine")
    done = Program(["demo", str(mine)], folder=tmp_path)
    assert done.wait() == 1
    assert "not empty" in done.stderr
    assert [path.name for path in mine.iterdir()] == ["mine.txt"]
