"""Law 7. Bad input gets one clear line that names the place and the cure, and changes nothing; no traceback.

Planted bugs, each caught here: sections of the config that ignore unknown keys; `reported` without its
`except DistributorError`; a topic, an address of `also` or a headline that intake takes unchecked; an
embargo error that loses its file, a spring gap that is guessed over, an instant that has passed; `--seen`
that is not compared; an event logged before the rendering; list rows without the look for encoded words;
list names compared with their capitals; usage that exits with 1.
"""

import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from distributor.cli.app import main
from distributor.store.database import open_store
from tests.house import DOCUMENT, HEADLINE, REFERENCE, House, people, real
from tests.proof import dump

pytestmark = pytest.mark.xdist_group("law 7")

ROOT = Path(__file__).parents[2]
ADD = "release add bad.md"
APPROVE = f"release approve {REFERENCE}"
TEMPLATE = "templates/email/release.txt.j2"
ENCODED = "=?utf-8?q?Ada=0d=0aBcc:_x?="


@dataclass
class Desk:
    """An office with a draft, its command line in this process, and its database seen from outside."""

    house: House
    capture: pytest.CaptureFixture[str]

    def type(self, *argv: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        self.capture.readouterr()
        return main(argv), *self.capture.readouterr()

    def write(self, name: str, content: str | bytes) -> None:
        file = self.house.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def database(self) -> dict[str, Any]:
        with closing(open_store(f"sqlite:///{self.house.database}")) as store:
            return dump(store)

    def refused(self, *argv: str) -> str:
        """The one line. No row of the database is another than before, and nothing left the house."""
        before = self.database()
        code, _, said = self.type(*argv)
        assert code == 1, said
        assert self.database() == before
        assert not (self.house.folder / "outbox").exists()
        return one_line(said)


def one_line(said: str) -> str:
    [line] = said.splitlines()
    assert line.startswith("distributor: ")
    assert "this is a bug" not in line
    return line


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A furnished folder with a draft; and every file of it, to be put back after each test."""
    house = House(tmp_path_factory.mktemp("office"))
    house.configure()
    house.furnish(trade=people(3), agencies=["wire@example.eu"])
    with house.system(now=real) as built:
        house.sync(built)
        house.add(built)
    return house, {file: file.read_bytes() for file in house.folder.rglob("*") if file.is_file()}


@pytest.fixture
def desk(office, monkeypatch, capfd):
    house, files = office
    monkeypatch.chdir(house.folder)
    yield Desk(house, capfd)
    for file in [file for file in house.folder.rglob("*") if file.is_file() and file not in files]:
        file.unlink()
    for file, content in files.items():
        file.write_bytes(content)  # in its place, so that the database is no copy


def saying(front: str) -> str:
    """The document with one more line of front matter, under another reference."""
    return DOCUMENT.replace(REFERENCE, "2031-0001").replace("language: en", f"language: en\n{front}")


def headed(headline: str) -> str:
    """The document under a headline in quotation marks of YAML."""
    return saying(f'title: "{headline}"').replace(f"# {HEADLINE}\n", "")


# The file that is wrong, what it says, what is typed, and what the one line must say: the place and the cure.
FILES: dict[str, tuple[str, str | bytes, str, tuple[str, ...]]] = {
    # the key's line, and the key that was meant
    "unknown config key": (
        "config.toml",
        '[publisher]\nnmae = "x"',
        "todo",
        ("config.toml:2", "nmae", "Did you mean “name”?"),
    ),
    "unknown config section": (
        "config.toml",
        "[publsher]",
        "todo",
        ("config.toml:1", "Did you mean “publisher”?"),
    ),
    # not a duration
    "config value of a wrong kind": (
        "config.toml",
        '[schedule]\nundo = "soon"',
        "todo",
        ("config.toml:2", "undo", "90s, 15m"),
    ),
    # a bracket is missing
    "config that is not TOML": (
        "config.toml",
        "[publisher\n",
        "todo",
        ("config.toml", "line 1", "Mend that line"),
    ),
    # Jinja cannot read it
    "template with a syntax error": (
        TEMPLATE,
        "{% if %}",
        APPROVE,
        (f"{TEMPLATE}:1", "Correct the template"),
    ),
    # a name that is none, found when it is filled
    "template that asks for what is not there": (
        TEMPLATE,
        "{{ page.headlin }} {{ fields.reason }} {{ fields.token }}",
        f"release preview {REFERENCE}",
        (f"{TEMPLATE}:1", "headlin", "Correct the template"),
    ),
    # a mail that does not say why it comes
    "template without the reason": (
        TEMPLATE,
        "{{ page.headline }}",
        APPROVE,
        (TEMPLATE, "fields.reason", "print it in the footer"),
    ),
    # the same bytes for everybody, but for what is printed
    "template that branches on a recipient": (
        TEMPLATE,
        "{% if fields.token %}x{% endif %}",
        APPROVE,
        (f"{TEMPLATE}:1", "fields.token", "Write {{"),
    ),
    # misspelt: the near one is offered
    "unknown topic": (
        "bad.md",
        DOCUMENT.replace("trade/ports", "trad/ports"),
        ADD,
        ("bad.md", "Did you mean “trade/ports”?"),
    ),
    "unknown list": ("bad.md", saying("lists: [trde]"), ADD, ("bad.md", "“trde”", "Did you mean “trade”?")),
    "unknown list to leave out": (
        "bad.md",
        saying("exclude: [trde]"),
        ADD,
        ("“trde”", "Did you mean “trade”?"),
    ),
    # capitals make no other list
    "two lists of one name": (
        "lists/Trade.csv",
        "email\na@example.org\n",
        "lists sync --yes",
        ("lists:", "Trade.csv and trade.csv", "another name"),
    ),
    "list that follows an unknown topic": (
        "lists/desk.toml",
        'topics = ["trad"]',
        "lists sync --yes",
        ("lists/desk.toml topics", "Did you mean “trade”?"),
    ),
    "list without addresses": (
        "lists/desk.csv",
        "name\nAda\n",
        "lists sync --yes",
        ("lists/desk.csv:1", "“email”", "Columns are"),
    ),
    # rows are refused one by one; what `sync` makes of them is below
    "header value in a list with a control character": (
        "lists/desk.csv",
        "email,name\nada@example.org,Ada \x07\n",
        "lists check",
        ("1 row", "Mend"),
    ),
    "header value in a list with an encoded line break": (
        "lists/desk.csv",
        f"email,name\nada@example.org,{ENCODED}\n",
        "lists check",
        ("1 row", "Mend"),
    ),
    "address in a list that is none": (
        "lists/desk.csv",
        "email\nada at example.org\n",
        "lists check",
        ("1 row", "Mend"),
    ),
    "address in “also” that is none": (
        "bad.md",
        saying("also: [ada at example.org]"),
        ADD,
        ("bad.md", "“ada at example.org”", "name@domain"),
    ),
    # a bell would reach the subject
    "headline with a control character": (
        "bad.md",
        headed("Harbour \\x07 opens"),
        ADD,
        ("bad.md, line 4", "U+0007", "Write it as plain text"),
    ),
    # a mail program would decode it to a header of its own
    "headline with an encoded line break": (
        "bad.md",
        headed(ENCODED),
        ADD,
        ("bad.md, line 4", "U+000D", "Write it as plain text"),
    ),
    "unknown front-matter key": (
        "bad.md",
        saying("embarg: x"),
        ADD,
        ("bad.md, line 4", "Did you mean “embargo”?"),
    ),
    # nothing in it
    "empty document": ("bad.md", b"", ADD, ("bad.md", "is empty", "Give a file")),
    # front matter and nothing else
    "document without a headline": (
        "bad.md",
        "---\nlanguage: en\n---\n",
        ADD,
        ("bad.md, line 1", "no headline", "on a line of its own"),
    ),
    "binary document": (
        "bad.md",
        bytes(range(256)) * 8,
        ADD,
        ("bad.md, line 1", "binary", "Save it as UTF-8"),
    ),
    # one of which we know what it is
    "picture for a document": ("bad.md", b"\x89PNG\r\n\x1a\n", ADD, ("bad.md", "image", "Save it as UTF-8")),
    "document that is too large": ("bad.md", "x" * 1_000_001, ADD, ("bad.md", "1 MB", "Give the text alone")),
}

# The embargo of a document, and what its line must say: the fault and the instants that may be meant.
EMBARGOES = [
    ("2031-03-04 11:00 Rivendell time", "“Rivendell”", "Write it as"),  # no zone that we know
    ("2031-07-04 11:00 CET", "CEST that day", "2031-07-04T11:00+02:00"),  # a zone that is not in force
    ("2031-03-30 02:30 Brussels time", "does not exist", "2031-03-30T03:30+02:00"),  # clocks go forward
    ("2031-10-26 02:30 Brussels time", "twice that night", "2031-10-26T02:30+01:00"),  # clocks go back
    ("2031-03-04 00:00 Brussels time", "midnight", "2031-03-03 23:59"),  # which of the two midnights
    ("Monday 4 March 2031, 11:00 Brussels time", "is a Tuesday", "Mon 2031-03-03"),  # day and date differ
    ("2001-03-04 11:00 Brussels time", "has passed", "Give a time to come"),  # long over
    ("4 March, 11:00 Brussels time", "the year is missing", "Write it so"),  # which year
    ("soon", "is not a time", "Write it as"),  # no time at all
]

# What is typed, with files as they should be.
TYPED = {
    "config that is not there": ("--config gone.toml todo", ("gone.toml", "distributor init")),
    "document that is not there": ("release add gone.md", ("gone.md", "that exists")),
    "unknown reference": ("release show 2030-0043", ("2030-0043", f"Did you mean “{REFERENCE}”?")),
    "reference like none": ("release approve nothing", ("nothing", "distributor release list")),
    "hash of something else": (f"{APPROVE} --seen 000000000000", (f"{REFERENCE} --seen", "release preview")),
    "unknown topic on the command line": ("release add release.md --topics trad", ("Did you mean “trade”?",)),
    # no question can be asked here
    "answer that nobody gave": (f"release cancel {REFERENCE}", ("Cancel", "--yes")),
}


@pytest.mark.parametrize(("name", "content", "typed", "says"), FILES.values(), ids=FILES.keys())
def test_a_bad_file_gets_one_line_and_changes_nothing(desk, name, content, typed, says):
    desk.write(name, content)
    line = desk.refused(*typed.split())
    assert [words for words in says if words not in line] == [], line


@pytest.mark.parametrize(("text", "fault", "cure"), EMBARGOES)
def test_a_bad_embargo_gets_one_line_and_changes_nothing(desk, text, fault, cure):
    desk.write("bad.md", saying(f'embargo: "{text}"'))
    line = desk.refused(*ADD.split())
    assert [words for words in ("bad.md", text, fault, cure) if words not in line] == [], line


@pytest.mark.parametrize(("typed", "says"), TYPED.values(), ids=TYPED.keys())
def test_what_is_typed_wrongly_gets_one_line_and_changes_nothing(desk, typed, says):
    line = desk.refused(*typed.split())
    assert [words for words in says if words not in line] == [], line


def test_approving_what_was_seen_before_it_changed_is_refused(desk):
    seen = json.loads(desk.type("release", "show", REFERENCE, "--json")[1])["hash"]
    desk.write("release.md", DOCUMENT.replace("eleven years", "twelve years"))
    assert desk.type("release", "add", "release.md")[0] == 0
    line = desk.refused("release", "approve", REFERENCE, "--seen", seen)
    assert f"not {seen}: it changed since it was shown" in line
    assert "release preview" in line


def test_a_bad_row_is_named_and_left_out_and_the_good_ones_are_taken(desk):
    """The scope of a bad row is the row."""
    rows = [
        f"ada@example.org,{ENCODED}",
        "bo at example.org,Bo",
        "chi@example.org,Chi\x07",
        "fin@example.org,Fin",
    ]
    desk.write("lists/desk.csv", "\n".join(["email,name", *rows, ""]))
    code, out, said = desk.type("lists", "sync", "--yes", "--json")
    assert (code, said) == (0, "")
    told = json.loads(out)["refused"]
    assert [(one["file"], one["line"]) for one in told] == [("desk.csv", n) for n in (2, 3, 4)]
    assert all(one["reason"] for one in told)
    listed = {row["address"] for row in desk.database()["contact"]}
    assert listed == {*people(3), "wire@example.eu", "fin@example.org"}


@pytest.mark.parametrize(
    "typed",
    [
        "nonsense",  # no such noun
        "release nonsense",  # no such verb
        "release approve",  # an argument is missing
        "release hold 2030-0042",  # an option is missing
        "todo --loud",  # an option that is none
        "lists sync --allow-gone many",  # no number
    ],
)
def test_wrong_usage_is_2_and_changes_nothing(desk, typed):
    before = desk.database()
    code, out, said = desk.type(*typed.split())
    assert (code, out) == (2, "")
    assert "Traceback" not in said
    assert desk.database() == before


def test_the_program_itself_ends_with_1_and_one_line(desk):
    desk.write("config.toml", "[publsher]")
    ended = subprocess.run(
        [sys.executable, "-m", "distributor", "todo"],
        cwd=desk.house.folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "config.toml:1" in one_line(ended.stderr)
