"""The papers tell the truth: everything that can be set, said or happen is explained, and nothing else.

Looks at names, links and examples, not at sentences. Planted once by hand and caught: a key taken out of
operating.md; an event's target changed in lifecycle.md; a decision that the
index does not name; a link to a heading that does not exist; another version in CHANGELOG.md.
"""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from distributor.cli.presets import PRESETS
from distributor.config import Config, Dkim, OtherPublisher, Pacing, Relay
from distributor.documents import frontmatter
from distributor.documents.listtable import COLUMNS
from distributor.errors import EmbargoError
from distributor.model.contact import Standing
from distributor.policy import embargo
from distributor.policy.lifecycle import DELIVERY, MAILOUT, RELEASE, REVISION, SERVICE_MAIL, Machine
from distributor.resources import shipped
from tests.papers import PAPERS, ROOT, cells, code, paper, section

MACHINES = (REVISION, RELEASE, MAILOUT, DELIVERY, SERVICE_MAIL)

#: The words of the house, and those that lead through the code.
WORDS = """
    publisher, release, revision, version, embargo, contact, outlet, embargo access, standing, list, topic,
    mailout, audience, delivery, service mail, batch, intent, answer, attempt, relay, doubtful, suppression,
    actor, advance, wave, tier, approval, proof, hash, hold, lift, undo, due, instant, guard, lease, window,
    ledger, chain, log, run, worker, clockwork, stage, verb, view, composer, merge template, field, letter,
    form, block, mark, draft, blob, token, secret, pseudonym, envelope sender, fair order, tolerance,
    fingerprint, sync, silent, reason, reference, reply, rules, office, officer, operator, outbox, sent
"""


def test_readme_has_the_two_commands() -> None:
    usage = paper("dev")
    for command in ("demo", "test"):
        assert f"./dev {command}" in paper("README.md")
        assert re.search(rf"^{command}\)$", usage, re.M), command


# configuration


def keys() -> list[tuple[str, str]]:
    plain = [
        (name, key)
        for name, field in Config.model_fields.items()
        for key in getattr(field.annotation, "model_fields", {})
    ]
    relays = (("relays.NAME", key) for key in Relay.model_fields)
    others = {"publishers.ID": OtherPublisher, "dkim.SELECTOR": Dkim, "pacing.DOMAIN": Pacing}
    named = ((name, key) for name, model in others.items() for key in model.model_fields)
    return [*plain, *relays, *named]


def test_every_key_is_explained_and_no_other() -> None:
    text = section(paper("docs/operating.md"), "## Every key")
    sections = dict.fromkeys(name for name, _ in keys())
    explained = [
        (name, code(row[0])[0]) for name in sections for row in cells(section(text, f"### `[{name}]`"))
    ]
    assert explained == keys()


def test_every_key_of_the_example_is_one() -> None:
    shown = tomllib.loads(shipped("config.example.toml").read_text("utf-8"))
    assert {(name, key) for name, table in shown.items() for key in table} <= set(keys())


def test_defaults_are_told_as_they_are() -> None:
    text = section(paper("docs/operating.md"), "## Every key")
    shown = tomllib.loads(shipped("config.example.toml").read_text("utf-8"))
    for name, table in shown.items():
        told = {code(row[0])[0]: row[1] for row in cells(section(text, f"### `[{name}]`"))}
        for key, value in table.items():
            words = _toml(value)
            assert not words or words in told[key], f"[{name}] {key}: {words}"


def _toml(value: object) -> str:
    """A default as the papers write it; longer lists are told in words."""
    if value in ("", []):
        return "empty" if value == "" else "`[]`"
    return "" if isinstance(value, list) else f"`{str(value).lower() if value in (True, False) else value}`"


def test_every_relay_preset_is_explained() -> None:
    rows = {code(row[0])[0]: row[1] for row in cells(section(paper("docs/operating.md"), "## A relay"))}
    assert rows.keys() == PRESETS.keys()
    for name, preset in PRESETS.items():
        assert f"`{preset.host}:{preset.port}`" in rows[name]
        assert f"`{preset.envelope}`" in rows[name]


# states and words


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_event_is_explained(machine: Machine[Any]) -> None:
    text = section(paper("docs/lifecycle.md"), f"## {machine.name.capitalize()}")
    told = {code(event)[0]: (set(source.split(", ")), target) for event, source, target, _ in cells(text)}
    assert told == {
        event: ({state.value for state in step.sources}, step.target.value)
        for event, step in machine.events.items()
    }


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_is_explained(machine: Machine[Any]) -> None:
    text = section(paper("docs/lifecycle.md"), f"## {machine.name.capitalize()}")
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    told = {state for line in lines for state in re.findall(r"`(\w+)`(?=[,:])", line)}
    assert told == {state.value for state in machine.states}


def test_every_word_is_in_the_glossary() -> None:
    told = [row[0].strip("*") for row in cells(paper("docs/glossary.md"))]
    assert {word.strip() for word in WORDS.replace("\n", " ").split(",")} <= set(told)
    assert told == sorted(told), "the glossary is not in order"


def test_every_standing_is_in_the_glossary() -> None:
    row = next(row for row in cells(paper("docs/glossary.md")) if row[0] == "**standing**")
    assert all(standing.value in row[1] for standing in Standing)


def test_words_in_italics_have_their_entry() -> None:
    rows = cells(paper("docs/glossary.md"))
    told = {row[0].strip("*") for row in rows}
    meant = {word for row in rows for word in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", row[1])}
    assert all({word, word.removesuffix("s"), f"{word[:-3]}y"} & told for word in meant), meant - told


def test_architecture_has_every_room() -> None:
    text = section(paper("docs/architecture.md"), "## The rooms")
    layers = tomllib.loads(paper("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]["layers"]
    rooms = {room for layer in layers for room in re.findall(r"\w+", layer)}
    assert {room for room in rooms if not re.search(rf"\b{room}\b", text)} == set()


def test_architecture_has_every_module_of_the_store() -> None:
    text = section(paper("docs/architecture.md"), "## The store, file by file")
    told = {name.rstrip("/") for row in cells(text) for name in code(row[0])}
    found = {path.stem for path in (ROOT / "distributor" / "store").iterdir() if path.name[0] != "_"}
    assert told == found


# times


def times() -> list[tuple[str, str]]:
    rows = cells(section(paper("docs/using.md"), "## Embargo times"))
    return [(text, row[1]) for row in rows for text in code(row[0])]


def test_examples_of_commands_name_no_day_that_has_passed() -> None:
    """No year before 2030: the help would show a time that is refused."""
    files = (ROOT / "distributor" / "cli").glob("*.py")
    said = {day for file in files for day in re.findall(r"\b20[0-2]\d-\d\d-\d\d\b", file.read_text("utf-8"))}
    assert said == set()


@pytest.mark.parametrize(("text", "meaning"), times())
def test_embargo_examples_are_read(text: str, meaning: str) -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    read = embargo.parse(text, now=now, timezone="Europe/Brussels").embargo
    assert read.instant == (None if meaning == "no embargo" else datetime(2030, 3, 4, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-29 02:30 Brussels time",  # the hour that is skipped
        "2026-10-25 02:30 Brussels time",  # the hour that is there twice
        "Monday 3 March 2026, 11:00 Brussels time",  # it is a Tuesday
        "2026-03-02 00:00 Brussels time",  # which midnight
        "2025-03-02 11:00 Brussels time",  # past
        "2026-07-02 11:00 CET",  # CET in summer
    ],
)
def test_what_is_said_to_be_refused_is(text: str) -> None:
    with pytest.raises(EmbargoError):
        embargo.parse(text, now=datetime(2026, 1, 5, tzinfo=UTC), timezone="Europe/Brussels")


# documents and lists


def test_the_example_document_is_read() -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    example = re.search(r"```markdown\n(.*?)```", paper("docs/using.md"), re.S)
    assert example is not None
    found, body = frontmatter.read(example[1], source="using.md")
    assert not found.warnings
    assert body.strip()
    assert embargo.parse(found.embargo or "", now=now, timezone="Europe/Brussels").embargo
    assert [embargo.parse_wave(f"{tier}={at}", now=now, timezone="UTC").tier for tier, at in found.advance]


def test_every_key_of_a_document_is_explained() -> None:
    text = section(paper("docs/using.md"), "## Documents")
    assert [key for key in frontmatter.KEYS if not re.search(rf"^{key}:|`{key}`", text, re.M)] == []


def test_every_column_of_a_list_is_explained() -> None:
    known = re.search(r"Known columns: `([^`]+)`", paper("docs/using.md"))
    assert known is not None
    assert tuple(known[1].split()) == COLUMNS


# papers


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.S)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"{path.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{path.name}: {link}"


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    files = sorted(path.name for path in folder.glob("[0-9]*.md"))
    listed = re.findall(r"\]\((\d{3}-[\w-]+\.md)\)", paper("docs/adr/README.md"))
    assert listed == files
    assert [int(name[:3]) for name in files] == list(range(1, len(files) + 1))


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")), ids=lambda p: p.name)
def test_decisions_say_context_decision_consequences(path: Path) -> None:
    headings = re.findall(r"^## (.+)$", path.read_text("utf-8"), re.M)
    assert headings == ["Context", "Decision", "Consequences"]
    assert path.read_text("utf-8").startswith(f"# {path.name[:3]} ")


def test_changelog_has_this_version() -> None:
    version = tomllib.loads(paper("pyproject.toml"))["project"]["version"]
    newest = re.search(r"^## (\S+)", paper("CHANGELOG.md"), re.M)
    assert newest is not None
    assert newest[1] == version


def test_licence_is_the_one_declared() -> None:
    declared = tomllib.loads(paper("pyproject.toml"))["project"]["license"]
    assert declared == "EUPL-1.2"
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in paper("LICENSE")


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.name)
def test_papers_name_nobody(path: Path) -> None:
    """Addresses in papers are examples (RFC 2606)."""
    found = re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", path.read_text("utf-8"))
    assert [name for name in found if not re.search(r"(^|\.)example\.(org|com|eu)$|\.test$", name)] == []
