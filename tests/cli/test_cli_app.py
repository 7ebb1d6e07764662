"""The command line as a whole: options anywhere, exit codes, one line for every refusal, no traceback.

Planted once by hand and caught: `except Exception` that prints; --json looked for in the whole argv.
"""

import asyncio
import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from distributor.cli import accidents, keep
from distributor.cli.app import main
from distributor.cli.nouns import _NOUNS
from distributor.cli.terminal import Terminal
from distributor.errors import Refused
from tests.program import Program

BROKEN = "[web]\nlisten_on = 1\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def own_process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "distributor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]


def test_alone_shows_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out = capsys.readouterr().out
    assert [noun for noun in _NOUNS if noun not in out] == []


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("distributor 0.")
    for argv in (["--version", "--json"], ["--json", "--version"]):
        assert main(argv) == 0
        assert json.loads(capsys.readouterr().out)["version"].startswith("0.")


@pytest.mark.parametrize("noun", _NOUNS)
def test_every_noun_has_help_with_an_example(capsys: pytest.CaptureFixture[str], noun: str) -> None:
    assert main([noun, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"Usage: distributor {noun}" in out
    assert "Commands" in out or f"distributor {noun}" in out.split("Usage:")[1].partition("\n")[2]


def test_help_imports_neither_database_nor_config() -> None:
    """Quick: what --help does not need is not imported."""
    probe = (
        "import sys; from distributor.cli.app import main; main(['--help']);"
        "print([name for name in ('sqlalchemy', 'pydantic', 'fastapi', 'jinja2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "argv",
    [
        # before the noun, between noun and verb, at the end, with an equals sign
        ["--config", "broken.toml", "db", "upgrade"],
        ["db", "--config", "broken.toml", "upgrade"],
        ["db", "upgrade", "--config", "broken.toml"],
        ["db", "upgrade", "--config=broken.toml"],
    ],
)
def test_config_anywhere(here: Path, capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    (here / "broken.toml").write_text(BROKEN)
    assert main(argv) == 1
    captured = capsys.readouterr()
    line = "distributor: broken.toml:2 [web]: unknown key “listen_on”. Did you mean “listen”?\n"
    assert (captured.out, captured.err) == ("", line)


@pytest.mark.parametrize(
    "argv",
    [["--json", "db", "upgrade"], ["db", "--json", "upgrade"], ["db", "upgrade", "--json"]],
)
def test_json_anywhere(here: Path, capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    (here / "config.toml").touch()
    assert main(argv) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"before", "after"}


@pytest.mark.parametrize(
    "argv",
    [
        # a value of another option
        ["init", "--yes", "--name", "--json"],
        # after a bare --: a folder of that name
        ["init", "--yes", "--", "--json"],
    ],
)
def test_json_that_is_a_value_is_left_alone(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert main(argv) == 0
    assert capsys.readouterr().out.startswith("wrote ")


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        ("relase", "no such command “relase”. Did you mean “release”? See: distributor --help"),
        ("db upgarde", "no such command “upgarde”. Did you mean “upgrade”? See: distributor db --help"),
        ("check --zzz", "no such option: --zzz. See: distributor check --help"),
        # a value is missing: what the parser itself refuses
        (
            "release send x.md --at",
            "option “--at” requires an argument. See: distributor release send --help",
        ),
        ("check --config", "option “--config” requires an argument. See: distributor check --help"),
        ("check more", "got unexpected extra argument(s) (more). See: distributor check --help"),
        ("release hold r", "missing option “--reason”. See: distributor release hold --help"),
    ],
)
def test_wrong_usage_is_2_and_one_line(capsys: pytest.CaptureFixture[str], argv: str, line: str) -> None:
    """Planted: typer's own box."""
    assert main(argv.split()) == 2
    assert capsys.readouterr() == ("", f"distributor: {line}\n")


@pytest.mark.parametrize("argv", ["todo", "log", "check", "release list", "send-due", "run", "db upgrade"])
def test_a_folder_without_an_office_is_no_healthy_one(
    here: Path, capsys: pytest.CaptureFixture[str], argv: str
) -> None:
    """Planted: a database made at first use wherever somebody happens to stand."""
    assert main(argv.split()) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), list(here.iterdir())) == ("", 1, [])
    assert "there is no installation here" in err
    assert "“distributor init”, or name its file with --config FILE" in err


def test_an_office_that_the_environment_describes_is_there(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTRIBUTOR_PUBLISHER__NAME", "Quay")
    assert main(["todo"]) == 0
    assert "Nothing needs you" in capsys.readouterr().out


def test_as_must_name_somebody(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--as", " "]) == 1
    assert "--as names nobody" in capsys.readouterr().err


def test_actor() -> None:
    assert Terminal(officer="Dana").actor == "Dana"
    assert Terminal().actor.startswith("cli:")


def test_actor_of_a_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container often runs under a bare number."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert Terminal().actor == "cli:54321"


def test_question_off_a_terminal_needs_yes() -> None:
    with pytest.raises(Refused, match="--yes"):
        Terminal().ask("Send it?")
    assert Terminal().ask("Send it?", yes=True) is True


def test_bug_is_said_in_one_line_and_kept(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "config.toml").write_text("")
    with accidents.reported(Terminal()) as outcome:
        raise ZeroDivisionError("planted")
    assert outcome.code == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("distributor: this is a bug (ZeroDivisionError); please report it with ")
    assert captured.err.count("\n") == 1
    (kept,) = (here / "state").glob("bug-*.txt")
    assert str(kept) in captured.err
    assert "planted" in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        # stopped by Ctrl-C: quiet
        (KeyboardInterrupt(), 130, ""),
        # the machine says no: which file, and why
        (PermissionError(13, "Permission denied", "/srv/x"), 1, "distributor: /srv/x: Permission denied."),
        # a line break in a message stays one line
        (Refused("one\ntwo", cure="three"), 1, "distributor: one two. three\n"),
    ],
)
def test_other_ends(capsys: pytest.CaptureFixture[str], error: BaseException, code: int, said: str) -> None:
    with accidents.reported(Terminal()) as outcome:
        raise error
    assert outcome.code == code
    captured = capsys.readouterr()
    assert captured.err.startswith(said)
    assert captured.err.count("\n") == bool(said)
    assert captured.out == ""


@pytest.mark.usefixtures("sqlite_url")
@pytest.mark.parametrize(
    "argv",
    [
        # click's own words; a document
        ["--help"],
        ["todo", "--json"],
    ],
)
def test_nobody_reads_the_output(argv: list[str]) -> None:
    """As with “distributor … | head -c 0”: no traceback, neither at once nor at exit; ends as cat does."""
    done = unread(*argv)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.usefixtures("sqlite_url")
def test_what_was_asked_is_done_though_nobody_reads(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "lists").mkdir()
    (here / "lists" / "desk.csv").write_text("email\nada@example.org\n")
    assert unread("lists", "sync", "--yes").returncode == 141
    assert main(["lists", "show", "--json"]) == 0
    assert '"desk"' in capsys.readouterr().out


def unread(*arguments: str) -> subprocess.CompletedProcess[str]:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        command = [sys.executable, "-m", "distributor", *arguments]
        return subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)


@pytest.mark.usefixtures("sqlite_url")
@pytest.mark.parametrize(
    ("output", "code", "said"),
    [
        # closed by whoever started us: nobody wants to know
        (">&-", 0, ""),
        (">/dev/full", 1, "distributor: the output cannot be written: No space left on device."),
    ],
)
def test_output_that_takes_nothing_is_no_bug(output: str, code: int, said: str) -> None:
    command = ["sh", "-c", f'exec "$0" -m distributor todo {output}', sys.executable]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr[: len(said)]) == (code, said)
    assert done.stderr.count("\n") == code


@pytest.mark.parametrize("name", ["folder", "latin.toml"])
def test_config_that_cannot_be_read_is_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (here / "folder").mkdir()
    (here / "latin.toml").write_bytes(b"[publisher]\nname = '\xe9'\n")
    assert main(["todo", "--config", name]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"distributor: {name}: cannot be read")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "argv",
    [
        ["todo", "--as", "Dana\nBcc: x"],
        ["todo", "--as", "Da\u202ena"],
        ["contacts", "suppress", "ada@example.org", "--reason", "a\x1b[2Jb"],
        ["contacts", "unsuppress", "ada@example.org", "--reason", "a%0ab"],
        ["release", "hold", "2030-0001", "--reason", "a\nb"],
    ],
)
def test_who_and_why_are_one_plain_line(
    here: Path, capsys: pytest.CaptureFixture[str], argv: list[str]
) -> None:
    (here / "config.toml").touch()
    assert main(argv) == 1
    err = capsys.readouterr().err
    assert "Write it as plain text on one line." in err
    assert err.removesuffix("\n").isprintable()


def test_what_is_written_is_its_owner_s_alone(here: Path) -> None:
    assert main(["init", "--yes"]) == 0
    assert main(["lists", "sync", "--yes"]) == 0
    assert main(["lists", "export", "--dir", "copies"]) == 0
    private = [here / "lists", *(here / "lists").iterdir(), here / "copies", *(here / "copies").iterdir()]
    assert [path.name for path in private if path.stat().st_mode & 0o077] == []


def test_a_sender_that_ends_is_named_with_its_exit_code(caplog: pytest.LogCaptureFixture) -> None:
    async def kept() -> None:
        senders = keep.Senders([sys.executable, "-c", "raise SystemExit(7)"])
        senders.start(1)
        while not caplog.records:
            await asyncio.sleep(0.01)
        await senders.stop()

    asyncio.run(kept())
    assert "exit code 7" in caplog.text


def test_a_sender_that_cannot_live_is_started_ever_more_rarely() -> None:
    pauses = [0.0]
    for _ in range(7):
        pauses.append(keep._pause(pauses[-1], lived=0.2))
    assert pauses[1:] == [1, 2, 4, 8, 16, 30, 30]
    assert keep._pause(30, lived=3600) == 1


def test_streams_without_utf8() -> None:
    """A cron job has no locale: what cannot be written is escaped, not an error."""
    environment = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = own_process("check", "--as", " ", env=environment)
    assert done.returncode == 1
    assert done.stderr.startswith("distributor: ")
    assert own_process("--help", env=environment).returncode == 0


def latin_1() -> io.TextIOWrapper:
    """A stdout that has no curly quotes."""
    return io.TextIOWrapper(io.BytesIO(), encoding="latin-1", write_through=True)


def test_what_stdout_has_no_character_for_stops_nothing() -> None:
    """Planted: approved, and then “this is a bug”."""
    with redirect_stdout(latin_1()) as out:
        assert main(["release", "add", "--help"]) == 0
        assert b"?2030-03-04 11:00 Brussels time?" in out.buffer.getvalue()


def test_json_says_all_on_a_stdout_without_utf8() -> None:
    with redirect_stdout(latin_1()) as out:
        Terminal(as_json=True).show({"headline": "“Open”"}, lambda _: None)
        assert json.loads(out.buffer.getvalue()) == {"headline": "“Open”"}


def test_a_sender_that_does_not_end_is_killed(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """Planted bug: a stop that waits for its senders without a limit."""
    ready = tmp_path / "ready"
    deaf = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "open(sys.argv[1], 'w').close(); time.sleep(60)"
    )

    async def stopped() -> None:
        senders = keep.Senders([sys.executable, "-c", deaf, str(ready)], patience=0.2)
        senders.start(1)
        while not ready.exists():
            await asyncio.sleep(0.01)
        await senders.stop()

    asyncio.run(stopped())
    assert "was killed" in caplog.text


def test_run_refuses_at_start_what_every_sender_would_stumble_over(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[relays.main]\nhost = "127.0.0.1"\nusername = "x"\npassword_file = "gone"\n'
        '[web]\nlisten = "127.0.0.1:0"\n'
    )
    done = Program(["run", "--config", str(tmp_path / "config.toml")], folder=tmp_path)
    assert done.wait() == 1
    assert done.stderr.count("\n") == 1
    assert "password_file" in done.stderr
