"""`check` on the keys that sign mails: a line for each selector, and the record to publish where it lacks.

Planted once by hand and caught: a record compared with its white space; a key of another domain counted in.
"""

from collections.abc import Callable
from pathlib import Path

import dns.resolver
import pytest

from distributor import config
from distributor.cli import check_dkim
from distributor.cli.app import main
from distributor.cli.findings import Subject
from distributor.mail import signingkey
from tests.nameserver import nameserver
from tests.signing import new_key

NAME = "s._domainkey.quay.test"
SECTION = '[dkim.s]\nkey_file = "key.pem"\n'
Findings = list[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_url: str) -> Path:
    monkeypatch.chdir(tmp_path)
    new_key(tmp_path / "key.pem", kind="rsa2048")
    return tmp_path


@pytest.fixture
def record(here: Path) -> str:
    return signingkey.read(here / "key.pem", selector="s", domain="quay.test").record


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Findings]:
    """(status, detail, cure) of each line, with what the DNS says; None: it is out of order."""

    def check(published: dict[str, str] | None, text: str = SECTION) -> Findings:
        Path("config.toml").write_text(f'[publisher]\naddress = "press@quay.test"\n{text}')
        with nameserver(published) as resolver:
            monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
            found = list(check_dkim.look(Subject(config.load())))
        assert {one.name for one in found} == {"dkim"}
        return [(one.status, one.detail, one.cure) for one in found]

    return check


def test_a_published_key_is_well(checked: Callable[..., Findings], record: str) -> None:
    assert checked({NAME: record}) == [("ok", f"s: rsa-sha256, published at {NAME}", "")]


@pytest.mark.parametrize(
    "written",
    [
        lambda record: record.replace("; ", ";").replace("p=", "p = "),  # spaced otherwise
        lambda record: record.replace("; p=", "; t=s; p=") + ";",  # with more tags
        lambda record: record.replace("v=DKIM1; ", ""),  # the version may be missing
    ],
)
def test_a_record_may_be_written_otherwise(
    checked: Callable[..., Findings], record: str, written: Callable[[str], str]
) -> None:
    assert [status for status, _, _ in checked({NAME: written(record)})] == ["ok"]


@pytest.mark.parametrize(
    ("published", "status", "said"),
    [
        # the DNS knows no such name
        ({}, "fail", f"s: {NAME} is not published"),
        # the key before this one
        ({NAME: "v=DKIM1; k=rsa; p=AAAA"}, "fail", f"s: {NAME} has another key published"),
        # revoked (RFC 6376 §3.6.1)
        ({NAME: "v=DKIM1; k=rsa; p="}, "fail", f"s: {NAME} has another key published"),
        # another text at this name
        ({NAME: "hello"}, "fail", f"s: {NAME} has another key published"),
        # no network
        (None, "warn", f"s: no DNS answers, {NAME} was not looked up"),
    ],
)
def test_what_to_publish_is_said(
    checked: Callable[..., Findings], record: str, published: dict[str, str] | None, status: str, said: str
) -> None:
    assert checked(published) == [(status, said, f"Publish the TXT record {NAME}: {record}")]


def test_a_key_that_signs_nothing_is_named(checked: Callable[..., Findings], record: str) -> None:
    [(status, detail, cure)] = checked({}, '[dkim.s]\ndomain = "example.eu"\nkey_file = "key.pem"\n')
    assert (status, detail) == ("warn", "s: signs nothing, press@quay.test is not at example.eu")
    assert "[dkim.s] domain" in cure


def test_one_broken_key_hides_no_other(checked: Callable[..., Findings], record: str, here: Path) -> None:
    new_key(here / "open.pem", kind="rsa1024", mode=0o644)
    text = f'[dkim.a]\nkey_file = "none.pem"\n{SECTION}[dkim.z]\nkey_file = "open.pem"\n'
    found = checked({NAME: record}, text)
    assert [status for status, _, _ in found] == ["fail", "ok", "fail", "warn", "warn"]
    assert "none.pem: cannot be read" in found[0][1]
    assert "1024 bits" in found[3][1]
    assert "chmod 600" in found[4][1]


def test_check_has_the_line(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "config.toml").write_text(f'[publisher]\naddress = "press@quay.test"\n{SECTION}')
    with nameserver({}) as resolver:
        monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
        assert main(["check"]) == 1
    assert f"fail dkim: s: {NAME} is not published\n      Publish the TXT record" in capsys.readouterr().out


def test_sending_with_a_broken_key_is_refused_in_one_line(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "config.toml").write_text('[dkim.s]\nkey_file = "none.pem"\n')
    assert main(["send-due"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("distributor: [dkim.s] key_file ")
    assert said.count("\n") == 1
