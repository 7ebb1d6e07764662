"""Law 7. Bad input gets one clear line that names the place and the cure, and changes nothing; no traceback.

Planted bugs, each caught here: ....
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from distributor.cli.app import main
from distributor.store.database import open_store
from tests.house import DOCUMENT, HEADLINE, REFERENCE, House, people, real
from tests.proof import dump

ADD = "release add bad.md"
FOLLOWS = 'title = "Desk"\ntopics = ["trade"]\n'


@dataclass
class Desk:
    """An office with a draft, its command line in this process, and its database from outside."""

    house: House
    capture: pytest.CaptureFixture[str]

    def type(self, *argv: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        self.capture.readouterr()
        code = main(argv)
        return code, *self.capture.readouterr()

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            file = self.house.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def database(self) -> object:
        with closing(open_store(self.house.database_url)) as store:
            return dump(store)

    def refused(self, *argv: str) -> str:
        """The one line; nothing in the database is another."""
        before = self.database()
        code, _, said = self.type(*argv)
        assert code == 1, (code, said)
        assert self.database() == before
        return one_line(said)


def one_line(said: str) -> str:
    [line] = said.splitlines()
    assert line.startswith("distributor: ")
    assert "this is a bug" not in line
    return line


@pytest.fixture
def desk(tmp_path, sqlite_url, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    house = House(tmp_path, sqlite_url)
    house.configure()
    house.furnish(trade=people(3), agencies=["wire@example.eu"])
    with house.system(now=real) as built:
        house.sync(built)
        house.add(built)
    return Desk(house, capfd)


def document(front: str = "", *, headline: str = HEADLINE) -> dict[str, str]:
    """bad.md: the document with more front matter, or another headline."""
    text = DOCUMENT.replace(REFERENCE, "2031-0001").replace("language: en\n", f"language: en\n{front}\n")
    return {"bad.md": text.replace(HEADLINE, headline)}


@dataclass(frozen=True)
class Bad:
    """What is typed, what its line must say (the place and the cure), and the files that are wrong."""

    typed: str
    says: tuple[str, ...]
    files: Mapping[str, str | bytes] = field(default_factory=dict)


def embargo(text: str, *says: str) -> Bad:
    return Bad(ADD, ("bad.md", *says), document(f"embargo: {text}"))
