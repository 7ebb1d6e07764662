"""`init`: an installation ready to edit, in any folder, without touching what is there.

Planted once by hand and caught: config.toml written before the answers are looked at; the refusal
to overwrite taken away.
"""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from distributor import config
from distributor.cli.app import main
from distributor.cli.presets import PRESETS
from distributor.cli.skeleton import unit_text
from distributor.documents.listfiles import read_folder


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tree(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_defaults_make_an_installation_that_checks(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "office", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "folder": str(here / "office"),
        "written": ["config.toml", "lists/", "templates/", "config.example.toml"],
        "kept": [],
    }
    made = config.load(here / "office" / "config.toml")
    assert made.publisher.address == made.publisher.unsubscribe_mailbox == "press@example.org"
    assert made.schedule.cet_is_brussels is True
    assert made.relays == {}
    assert main(["check", "--config", "office/config.toml", "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)
    assert [one for one in findings if one["status"] == "fail"] == []
    assert (here / "office" / "distributor.db").exists()


def test_lists_and_templates_are_ready_to_edit(here: Path) -> None:
    assert main(["init", "--yes"]) == 0
    folder = read_folder(here / "lists")
    assert folder.topics
    assert folder.lists
    assert all(one.rows and not one.refused for one in folder.lists)
    assert "originals" in (here / "templates" / "README.md").read_text()
    assert (here / "templates" / "email" / "brand.j2").exists()
    assert (here / "templates" / "originals" / "email" / "release.html.j2").exists()


def test_answers_are_written(here: Path) -> None:
    name = 'Group "Ü" \\ #1'
    flags = ["--name", name, "--sender", "desk@example.eu", "--zone", "Europe/Paris", "--language", "fr"]
    assert main(["init", *flags, "--relay", "none"]) == 0
    made = config.load(here / "config.toml")
    assert (made.publisher.name, made.publisher.address) == (name, "desk@example.eu")
    assert (made.schedule.timezone, made.publisher.language) == ("Europe/Paris", "fr")


@pytest.mark.parametrize("relay", PRESETS)
def test_presets_load(here: Path, relay: str) -> None:
    assert main(["init", "--yes", "--relay", relay, "--sender", "desk@example.eu"]) == 0
    made = config.load(here / "config.toml").relays["main"]
    preset = PRESETS[relay]
    assert (made.host, made.port, made.tls) == (preset.host, preset.port, preset.tls)
    assert (made.rate, made.daily) == (preset.rate, preset.daily)
    assert bool(made.username) == bool(made.password_file) == bool(preset.username)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        # each answer that is wrong, alone
        (["--sender", "nobody"], "“nobody” is not an e-mail address"),
        (["--zone", "Brussels"], "“Brussels” is not an IANA time zone"),
        (["--relay", "sendmail"], "“sendmail” is no relay known here. Take one of postfix, m365"),
        (["--language", "english"], "“language” is wrong"),
        (["--name", "a\nBcc: x@example.org"], "a line break"),
        (["--name", " "], "must not be empty"),
    ],
)
def test_bad_answer_writes_nothing(
    here: Path, capsys: pytest.CaptureFixture[str], flags: list[str], said: str
) -> None:
    assert main(["init", "office", "--yes", *flags]) == 1
    assert said in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_config_is_never_overwritten(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "config.toml").write_text("# mine")
    assert main(["init", "--yes"]) == 1
    assert "config.toml: exists already, and is not overwritten" in capsys.readouterr().err
    assert tree(here) == {"config.toml": b"# mine"}


def test_other_files_are_kept(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = {"notes.txt": b"1", "lists/own.csv": b"email\n", "templates/email/brand.j2": b"{# mine #}"}
    for name, content in mine.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(content)
    assert main(["init", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["kept"] == ["lists/", "templates/"]
    assert tree(here).items() >= mine.items()
    assert set(tree(here)) == {*mine, "config.toml", "config.example.toml"}


def test_folder_that_is_a_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "office").write_text("")
    assert main(["init", "office", "--yes"]) == 1
    assert "office: is not a folder" in capsys.readouterr().err


def test_off_a_terminal_questions_need_yes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--name", "Office"]) == 1
    assert "Say --yes, or give --sender --relay --zone --language" in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_questions_are_asked_on_a_terminal(here: Path) -> None:
    """A real one: name and relay typed, the rest by Return."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "distributor", "init", "--json"]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, cwd=here) as asked:
        os.close(theirs)
        os.write(ours, b"Quayside\n\npostfix\n\n\n")
        assert asked.stdout is not None
        document = json.loads(asked.stdout.read())
    os.close(ours)
    assert document["written"][0] == "config.toml"
    made = config.load(here / "config.toml")
    assert (made.publisher.name, made.relays["main"].host) == ("Quayside", "localhost")


def test_systemd_unit(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--yes", "--systemd"]) == 0
    unit = (here / "distributor.service").read_text()
    assert f"ReadWritePaths={here}\n" in unit
    assert f"run --config {here / 'config.toml'}\n" in unit
    assert "NoNewPrivileges=yes" in unit
    assert main(["init", "--yes", "--systemd"]) == 1
    assert "distributor.service: exists already" in capsys.readouterr().err


def test_systemd_unit_for_an_installation_that_is_there(here: Path) -> None:
    assert main(["init", "--yes"]) == 0
    before = tree(here)
    assert main(["init", "--systemd"]) == 0
    after = tree(here)
    assert after.pop("distributor.service")
    assert after == before


def test_unit_quotes_its_words() -> None:
    """systemd reads % and blanks in its own way (systemd.syntax(7))."""
    unit = unit_text(Path('/srv/press 100%/a"b'))
    assert r'ReadWritePaths="/srv/press 100%%/a\"b"' in unit
    assert r'--config "/srv/press 100%%/a\"b/config.toml"' in unit
