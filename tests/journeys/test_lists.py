"""Lists, contacts and topics through the command line alone, as an officer uses them."""

import json
import os
import pty
from functools import partial
from pathlib import Path

import pytest

from distributor.cli.app import main
from distributor.resources import shipped
from tests.program import Program, sit_at

CONFIG = """
[database]
url = "sqlite:///office.db"
[publisher]
name = "Press Office"
"""


class Office:
    """A folder with a config; `run` speaks the command line and gives (code, stdout, stderr)."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        (folder / "config.toml").write_text(CONFIG)
        (folder / "lists").mkdir()

    def run(self, *argv: str) -> tuple[int, str, str]:
        self._capsys.readouterr()
        code = main(["--config", str(self.folder / "config.toml"), *argv])
        out, err = self._capsys.readouterr()
        return code, out, err

    def json(self, *argv: str):
        code, out, err = self.run(*argv, "--json")
        assert code == 0, err
        return json.loads(out)

    def refused(self, *argv: str) -> str:
        """The one line on stderr of a command that fails."""
        code, _, err = self.run(*argv)
        assert code == 1
        assert "Traceback" not in err
        (line,) = err.strip().splitlines()
        return line

    def write(self, name: str, text: str) -> None:
        (self.folder / "lists" / name).write_text(text, "utf-8")

    def counts(self, *argv: str) -> list[int]:
        found = self.json("lists", "sync", "--yes", *argv)
        return [found[name] for name in ("added", "changed", "gone", "unchanged", "kept_silent")]


@pytest.fixture
def office(tmp_path, capsys) -> Office:
    office = Office(tmp_path, capsys)
    office.write("topics.toml", '[trade]\nlabel.en = "Trade"\n["trade/export"]\naliases = ["dual-use"]\n')
    office.write(
        "trade.toml", 'title = "Trade correspondents"\ntopics = ["trade"]\nembargo_access = "early"\n'
    )
    office.write("trade.csv", "email;name\nanna@example.org;Anna Weir\nbo@example.org;Bo Linden\n")
    office.write("world.csv", "".join(["email\n", *(f"p{n}@example.org\n" for n in range(8))]))
    return office


def test_sync_again_and_silence(office):
    """The acceptance of the list files: a diff, one transaction, and nothing on the second run."""
    dry = office.json("lists", "sync", "--dry-run")
    assert (dry["added"], office.json("lists", "show")) == (10, [])
    assert office.counts() == [10, 0, 0, 0, 0]
    assert office.counts() == [0, 0, 0, 10, 0]
    assert office.run("contacts", "suppress", "bo@example.org", "--reason", "asked by phone")[0] == 0
    office.write("trade.csv", "email;name\nanna@example.org;Anna W.\nbo@example.org;Bo L.\nno address;X\n")
    found = office.json("lists", "sync", "--yes")
    assert [found[name] for name in ("added", "changed", "gone", "unchanged", "kept_silent")] == [
        0,
        1,
        0,
        8,
        1,
    ]
    said = office.run("lists", "sync", "--yes")
    assert (said[0], "1 row is refused and left out (trade.csv line 4): mend it" in said[2]) == (0, True)
    (bad,) = found["refused"]
    assert set(bad) == {"file", "line", "value", "reason"}
    assert (bad["file"], bad["line"], bad["value"]) == ("trade.csv", 4, "no address")
    card = office.json("contacts", "show", "bo@example.org")
    assert (card["standing"], card["name"], card["suppression"]["reason"]) == (
        "suppressed",
        "Bo Linden",
        "asked by phone",
    )
    assert (
        office.json("contacts", "unsuppress", "bo@example.org", "--reason", "asked again")["standing"]
        == "active"
    )
    assert office.counts()[:2] == [0, 1]


def test_what_an_officer_reads(office):
    code, out, err = office.run("lists", "sync", "--yes")
    assert code == 0
    assert "added" in out
    assert "anna@example.org (trade)" in out
    assert "Done." in err
    assert "Trade correspondents" in office.run("lists", "show")[1]
    assert "Anna Weir" in office.run("lists", "show", "Trade")[1]
    assert "Nothing to change." in office.run("lists", "sync")[1]
    assert "dual-use" in office.run("topics", "tree")[1]
    assert "early (list trade)" in office.run("contacts", "show", "Anna@example.org")[1]


def test_nothing_is_changed_without_an_answer(office):
    assert "--yes" in office.refused("lists", "sync", "--json")
    assert office.json("lists", "show") == []


def test_many_gone_need_a_word_of_their_own(office):
    office.counts()
    office.write("world.csv", "email\np0@example.org\n")
    line = office.refused("lists", "sync", "--yes", "--json")
    assert "7 of 10 memberships would go" in line
    assert "--allow-gone 7" in line
    assert "--allow-gone 7" in office.refused("lists", "sync", "--yes", "--allow-gone", "6", "--json")
    assert office.counts("--allow-gone", "7") == [0, 0, 7, 3, 0]


def on_a_terminal(office: Office, answer: str, *argv: str) -> tuple[int, str]:
    """The exit code and stderr of a command whose questions somebody answers at a keyboard."""
    keyboard, terminal = pty.openpty()
    os.write(keyboard, f"{answer}\n".encode())
    command = Program(argv, folder=office.folder, before=partial(sit_at, os.ttyname(terminal), 0))
    code = command.wait()
    os.close(keyboard)
    os.close(terminal)
    return code, command.stderr


def test_on_a_terminal_many_gone_are_asked_for_even_with_yes(office):
    """Planted: --yes answered that question too."""
    office.counts()
    office.write("world.csv", "email\np0@example.org\n")
    code, err = on_a_terminal(office, "n", "lists", "sync", "--yes")
    assert (code, "7 of 10 memberships would go. Is that meant?" in err) == (1, True)
    assert "nothing was changed" in err
    assert office.json("lists", "sync", "--dry-run")["gone"] == 7
    assert on_a_terminal(office, "y", "lists", "sync", "--yes")[0] == 0
    assert office.json("lists", "sync", "--dry-run")["gone"] == 0


@pytest.mark.parametrize(
    ("name", "text", "parts"),
    [
        (
            "trade.toml",
            'topics = ["tarde"]',
            ["trade.toml topics", "no topic “tarde”", "Did you mean “trade”?"],
        ),
        ("Trade.csv", "email\n", ["the list “trade” is there twice"]),
        ("topics.toml", '[a]\nparent = "b"', ["topics.toml [a] parent", "is not a topic"]),
        ("trade.csv", "name\nAnna\n", ["trade.csv:1", "no column “email”"]),
    ],
)
def test_bad_files_refuse_the_whole_sync(office, name, text, parts):
    office.counts()
    before = office.json("lists", "show", "trade")
    office.write(name, text)
    line = office.refused("lists", "sync", "--yes")
    assert [part for part in parts if part not in line] == []
    assert office.json("lists", "show", "trade") == before


def test_check_needs_no_database(office):
    code, out, _ = office.run("lists", "check")
    assert (code, "trade" in out) == (0, True)
    assert office.json("topics", "check")["topics"] == 2
    assert not (office.folder / "office.db").exists()
    office.write("world.csv", "email,name\np0@example.org,=?utf-8?q?a=0Ab?=\n")
    code, out, err = office.run("lists", "check")
    assert code == 1
    assert "world.csv:2" in out
    assert "1 row is refused" in err


def test_export_and_sync_back(office):
    office.counts()
    folder = office.folder / "copy"
    written = office.json("lists", "export", "--dir", str(folder))
    assert sorted(Path(file).name for file in written) == [
        "topics.toml",
        "trade.csv",
        "trade.toml",
        "world.csv",
        "world.toml",
    ]
    assert office.counts("--dir", str(folder)) == [0, 0, 0, 10, 0]
    assert "--yes" in office.refused("lists", "export", "trade", "--dir", str(folder))
    assert len(office.json("lists", "export", "trade", "--dir", str(folder), "--yes")) == 2


def test_why(office):
    """Through the release's own verbs: in with the reasons, out with the reason."""
    office.counts()
    office.write(
        "../release.md",
        "---\nlanguage: en\nreference: 2026-0042\ntopics: [dual-use]\n---\n# Harbour opens\n\nText.\n",
    )
    code, _, err = office.run("release", "add", str(office.folder / "release.md"))
    assert code == 0, err
    found = office.json("contacts", "why", "anna@example.org", "2026-0042")
    assert found["receives"] is True
    assert found["reasons"] == [{"list": "trade", "topic": "trade", "covers": "trade/export"}]
    assert found["mailouts"] == [{"mailout": "release", "wave": "", "due": None, "state": None}]
    against = office.json("contacts", "why", "p0@example.org", "2026-0042")
    assert (against["receives"], against["reason"]) == (False, "no list covers trade/export")
    said = office.run("contacts", "why", "p0@example.org", "2026-0042")[1]
    assert "p0@example.org does not get 2026-0042: no list covers trade/export." in said
    assert "no release has the reference" in office.refused("contacts", "why", "anna@example.org", "none")


def test_unknown_names_are_one_line(office):
    office.counts()
    assert "Did you mean “trade”?" in office.refused("lists", "show", "trad")
    assert "nothing is known" in office.refused("contacts", "show", "q@example.org")
    assert "is not an e-mail address" in office.refused("contacts", "suppress", "nobody", "--reason", "x")
    assert "is not suppressed" in office.refused(
        "contacts", "unsuppress", "anna@example.org", "--reason", "x"
    )
    assert "there is no such folder" in office.refused("lists", "check", "--dir", str(office.folder / "none"))


@pytest.mark.parametrize(
    "command",
    [
        *(("lists", verb) for verb in ("sync", "export", "show", "check")),
        *(("contacts", verb) for verb in ("show", "why", "suppress", "unsuppress")),
        ("topics", "tree"),
        ("topics", "check"),
    ],
)
def test_every_verb_has_an_example(office, command):
    code, out, _ = office.run(*command, "--help")
    assert code == 0
    assert f"Example: distributor {' '.join(command)}" in " ".join(out.split())


def test_the_shipped_lists_from_a_bare_folder(office):
    assert office.counts("--dir", str(shipped("lists")))[0] == 69
    assert len(office.json("lists", "show")) == 6
