"""`check`: says what sending lacks, line by line, and does not hide one fault behind another.

Planted once by hand and caught: exit 0 with a fail; a relay that is not asked.
"""

import json
import shutil
from pathlib import Path

import pytest

from distributor.cli.app import main
from distributor.store import installation
from distributor.store.database import open_store
from distributor.wire.catcher import Catcher

GOOD = """
[publisher]
address = "press@quay.test"
unsubscribe_mailbox = "leave@quay.test"
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "topics.toml").write_text('[trade]\nlabel.en = "Trade"\n')
    (tmp_path / "lists" / "desk.csv").write_text("email,name\nada@example.org,Ada\n")
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], text: str, *arguments: str) -> tuple[int, list[dict]]:
    Path("config.toml").write_text(text)
    code = main(["check", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def of(findings: list[dict], name: str, status: str) -> list[str]:
    return [
        f"{one['detail']} | {one['cure']}"
        for one in findings
        if (one["name"], one["status"]) == (name, status)
    ]


def relay(port: int, **more: object) -> str:
    settings = {"host": "127.0.0.1", "port": port, "tls": "none", **more}
    return GOOD + "[relays.main]\n" + "\n".join(f"{k} = {json.dumps(v)}" for k, v in settings.items())


def test_everything_is_there(capsys: pytest.CaptureFixture[str], smtp_catcher: Catcher) -> None:
    assert main(["lists", "sync", "--yes"]) == 0
    capsys.readouterr()
    code, findings = checked(capsys, relay(smtp_catcher.port))
    assert code == 0
    assert {one["status"] for one in findings} == {"ok"}
    assert {one["name"] for one in findings} == {
        "config", "database", "secret", "topics", "lists", "templates", "relay", "unsubscribe", "sender",
        "alerts", "clock",
    }  # fmt: skip
    assert set(findings[0]) == {"name", "status", "detail", "cure"}
    assert smtp_catcher.messages == []


@pytest.mark.parametrize(
    ("text", "name", "status", "said"),
    [
        # nobody could leave
        ('[publisher]\naddress = "press@quay.test"', "unsubscribe", "fail", "unsubscribe_mailbox"),
        # one-click over http
        (GOOD + '[web]\nbase_url = "http://quay.test"', "unsubscribe", "warn", "RFC 8058"),
        # an example's address
        ("", "sender", "warn", "example"),
        # no relay: a folder
        (GOOD, "relay", "warn", "outbox"),
        # a test system
        (GOOD + '[sending]\nallow_recipients = ["quay.test"]', "recipients", "warn", "only quay.test"),
        # lists that are not in the database yet
        (GOOD, "lists", "warn", "lists sync"),
        # no folder of lists
        (GOOD + '[paths]\nlists = "nowhere"', "lists", "fail", "there is no such folder"),
        # a secret that can be neither read nor made: a file where its folder should be, a folder for a file
        (
            GOOD + '[web]\nsecret_file = "config.toml/state/key"',
            "secret",
            "fail",
            "neither read nor made (Not a",
        ),
        (GOOD + '[web]\nsecret_file = "lists"', "secret", "fail", "neither read nor made (Is a directory)"),
        # a password that cannot be read
        (relay(25, username="u", password_file="none"), "relay", "fail", "password"),
        # nobody listens
        (relay(1), "relay", "fail", "[relays.main]"),
    ],
)
def test_fault_is_named(
    capsys: pytest.CaptureFixture[str], text: str, name: str, status: str, said: str
) -> None:
    code, findings = checked(capsys, text)
    assert any(said in line for line in of(findings, name, status)), findings
    assert code == (1 if any(one["status"] == "fail" for one in findings) else 0)


def test_broken_template_is_named_and_hides_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "templates" / "email").mkdir(parents=True)
    (here / "templates" / "email" / "brand.j2").write_text("{% set accent = %}")
    code, findings = checked(capsys, GOOD)
    assert code == 1
    assert "brand.j2:1" in of(findings, "templates", "fail")[0]
    assert of(findings, "database", "ok")


def test_broken_page_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "templates" / "web").mkdir(parents=True)
    (here / "templates" / "web" / "status.html.j2").write_text("\n{% if %}")
    code, findings = checked(capsys, GOOD)
    assert code == 1
    assert "status.html.j2:2" in of(findings, "templates", "fail")[0]


def test_refused_rows_are_shown_with_their_lines(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "lists" / "desk.csv").write_text("email\n" + "nobody\n" * 7)
    _, findings = checked(capsys, GOOD)
    lines = of(findings, "lists", "warn")
    assert "desk.csv:2: “nobody”" in lines[0]
    assert any("2 more rows are refused" in line for line in lines)


def test_database_that_does_not_answer_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    url = '[database]\nurl = "postgresql+psycopg://x:hush@127.0.0.1:1/x"\n'
    code, findings = checked(capsys, url + GOOD)
    assert code == 1
    failed = [one for one in findings if one["status"] == "fail"]
    assert [one["name"] for one in failed] == ["database"]
    assert "hush" not in json.dumps(findings)
    assert of(findings, "unsubscribe", "ok")


def test_copy_is_held_until_confirmed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["todo"]) == 0  # the first opening keeps the fingerprint
    shutil.copy(here / "distributor.db", here / "copy.db")
    (here / "copy.db").rename(here / "distributor.db")
    capsys.readouterr()
    code, findings = checked(capsys, GOOD)
    assert code == 1
    assert "check --confirm-copy" in of(findings, "copy", "fail")[0]
    assert checked(capsys, GOOD, "--confirm-copy")[0] == 0
    with_store = open_store(f"sqlite:///{here}/distributor.db")
    assert installation.look(with_store) is None
    with_store.close()


def test_another_host_s_secret_is_refused_until_confirmed(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Law 6: under two secrets one delivery would have two Message-IDs and two unsubscribe links."""
    assert main(["todo"]) == 0  # the first use
    capsys.readouterr()
    (here / "state" / "secret.key").write_bytes(b"another secret, from another host")
    assert "secret.key: the database is used" in of(checked(capsys, GOOD)[1], "secret", "fail")[0]
    for command in (["send-due"], ["worker"], ["run"], ["release", "approve", "2030-0001"]):
        assert main(command) == 1
        assert "this is not the secret that the database is used with" in capsys.readouterr().err
    assert main(["todo"]) == 0  # looking and stopping go on
    capsys.readouterr()
    assert checked(capsys, GOOD, "--confirm-copy")[0] == 0
    assert main(["send-due"]) == 0


def test_for_people_a_line_each_and_a_cure(capsys: pytest.CaptureFixture[str]) -> None:
    Path("config.toml").write_text('[publisher]\naddress = "press@quay.test"')
    assert main(["check"]) == 1
    captured = capsys.readouterr()
    assert "fail unsubscribe: nobody could leave" in captured.out
    assert captured.err == "distributor: check: unsubscribe failed. The cure stands beside it.\n"


def test_outbox_is_tried(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file stands in the way")
    code, findings = checked(capsys, GOOD)
    assert code == 1
    assert "not a folder" in " ".join(of(findings, "relay", "fail"))
    (tmp_path / "outbox").unlink()
    checked(capsys, GOOD)
    assert list((tmp_path / "outbox").iterdir()) == []


def test_who_gets_alerts_is_said_and_nothing_is_sent(
    capsys: pytest.CaptureFixture[str], smtp_catcher: Catcher
) -> None:
    """The address of a webhook may hold a key: only its host is told."""
    told = '[alerts]\nto = ["desk@quay.test"]\nwebhook = "http://hooks.quay.test/s3cret?k=1"\n'
    Path("config.toml").write_text(GOOD)
    assert main(["officers", "add", "grace", "--role", "approver", "--address", "grace@quay.test"]) == 0
    capsys.readouterr()
    code, findings = checked(capsys, told + relay(smtp_catcher.port))
    assert (code, smtp_catcher.messages) == (0, [])
    assert of(findings, "alerts", "ok") == ["go to desk@quay.test, grace, the webhook at hooks.quay.test | "]
    assert not list(Path().glob("outbox/*"))
    assert of(findings, "alerts", "warn") == ["the webhook is spoken to unencrypted | Use https."]
    assert "s3cret" not in json.dumps(findings)
