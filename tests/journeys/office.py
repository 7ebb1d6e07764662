"""A press office in a fresh folder, and its command line: everything a journey types and reads."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from distributor import system
from distributor.cli.app import main
from tests.house import renderer

CONFIG = """
[publisher]
name = "Harbour Press"
address = "press@example.org"
unsubscribe_mailbox = "leave@example.org"
test_addresses = ["desk@example.org"]
[schedule]
undo = "0s"
"""
TOPICS = """
[trade]
label.en = "Trade"
["trade/export-control"]
parent = "trade"
label.en = "Export control"
[fisheries]
label.en = "Fisheries"
"""
LISTS = {
    "trade": ('title = "Trade correspondents"\ntopics = ["trade"]\n', "ada,accredited,en bo,,fr chi,,en"),
    "fish": ('title = "Fish desk"\ntopics = ["fisheries"]\n', "chi,,en fin,,en"),
}
ENGLISH = """---
title: Harbour opens its gates
language: en
topics: [trade]
---
BRUSSELS, 4 March 2031 — The harbour opens on Monday.

Ships may enter from the north.
"""
FRENCH = """---
title: Le port ouvre ses portes
language: fr
topics: [trade]
---
BRUXELLES, 4 mars 2031 — Le port ouvre lundi.

Les navires peuvent entrer par le nord.
"""
EMBARGO = "2031-03-04 11:00 Brussels time"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@dataclass
class Office:
    """The folder, and `run("release", "list")` in it. `json` runs with --json and reads the document."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def run(self, *argv: str) -> Said:
        self.capture.readouterr()
        code = main(argv)
        out, err = self.capture.readouterr()
        assert "Traceback" not in err, err
        return Said(code, out, err)

    def done(self, *argv: str) -> Said:
        said = self.run(*argv)
        assert said.code == 0, said.err
        return said

    def json(self, *argv: str) -> Any:
        return json.loads(self.done(*argv, "--json").out)

    def refused(self, *argv: str) -> str:
        """The one line on stderr."""
        said = self.run(*argv)
        assert (said.code, said.out) == (1, "")
        lines = said.err.strip().splitlines()
        assert lines[-1].startswith("distributor: ")
        assert "this is a bug" not in said.err
        return lines[-1]

    def write(self, name: str, text: str) -> str:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return name

    def configure(self, old: str, new: str) -> None:
        file = self.folder / "config.toml"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    def everything(self) -> list[Any]:
        """All that a refused command must leave as it was."""
        listed = self.json("release", "list", "--all")
        return [listed, [self.json("release", "show", one["reference"]) for one in listed], self.mails()]

    def mails(self) -> list[str]:
        """What left the house: names of the .eml files."""
        return sorted(file.name for file in (self.folder / "outbox").glob("*.eml"))


def press_office(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str], *, database: str
) -> Office:
    """Config, topics and lists, synced; and two documents, harbour.en.md and harbour.fr.md."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(system, "Renderer", renderer)  # reading them takes longer than most commands
    office = Office(folder, capture)
    office.write("config.toml", CONFIG + f'[database]\nurl = "{database}"\n')
    office.write("lists/topics.toml", TOPICS)
    for name, (about, people) in LISTS.items():
        office.write(f"lists/{name}.toml", about)
        rows = [person.split(",") for person in people.split()]
        lines = [f"{who}@example.org,{who.title()} Example,{tier},{language}" for who, tier, language in rows]
        office.write(f"lists/{name}.csv", "\n".join(["email,name,embargo_access,language", *lines, ""]))
    office.write("harbour.en.md", ENGLISH)
    office.write("harbour.fr.md", FRENCH)
    office.done("lists", "sync", "--yes")
    return office
