"""The README's first command, as a user runs it: the whole pipeline in a fresh folder, for real."""

import json
import subprocess
import sys
from datetime import datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path

import pytest

from tests.shapes import DEMO, fits

pytestmark = pytest.mark.xdist_group("demo")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """(process, document) of one demo; its embargo is some seconds ahead, so it is run once."""
    home = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "distributor", "demo", "here", "--lift-in", "8", "--json"],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
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
    (tmp_path / "mine.txt").write_text("mine")
    done = subprocess.run(
        [sys.executable, "-m", "distributor", "demo", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
