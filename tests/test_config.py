"""The configuration: what is shipped is true, the environment wins, and each mistake is named with its cure.

Planted once by hand and caught: a default changed in sections.py only; `extra="forbid"` taken from Section.
"""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.config import Config, Dkim, Relay, duration, load
from distributor.errors import ConfigError
from distributor.resources import shipped

EXAMPLE = shipped("config.example.toml")
GREEN = "[publishers.green]\nname = 'G'\naddress = 'g@g.test'\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return path


def test_example_is_the_defaults(tmp_path: Path) -> None:
    assert load(EXAMPLE).model_dump() == load(write(tmp_path, "")).model_dump()


def test_example_shows_every_key() -> None:
    text = EXAMPLE.read_text("utf-8")
    for name, field in Config.model_fields.items():
        for key in getattr(field.annotation, "model_fields", {}):
            section = text.split(f"\n[{name}]\n")[1].split("\n[")[0]
            assert re.search(rf"^{key} = ", section, re.MULTILINE), f"[{name}] {key}"


def test_example_shows_a_relay_with_its_defaults(tmp_path: Path) -> None:
    block = EXAMPLE.read_text("utf-8").split("# [relays.main]\n")[1].split("\n\n")[0]
    lines = [line.removeprefix("# ") for line in block.splitlines()]
    relay = load(write(tmp_path, "\n".join(["[relays.main]", *lines]))).relays["main"]
    assert {line.split(" = ")[0] for line in lines} == set(Relay.model_fields)
    given_by_hand = {"host", "password_file"}
    assert relay.model_dump(exclude=given_by_hand) == Relay(host="x").model_dump(exclude=given_by_hand)


def test_example_shows_a_signing_key_with_its_defaults(tmp_path: Path) -> None:
    block = EXAMPLE.read_text("utf-8").split("# [dkim.press]\n")[1].split("\n\n")[0]
    lines = [line.removeprefix("# ") for line in block.splitlines()]
    key = load(write(tmp_path, "\n".join(["[dkim.press]", *lines]))).dkim["press"]
    assert {line.split(" = ")[0] for line in lines} == set(Dkim.model_fields)
    assert key.domain == Dkim(key_file=key.key_file).domain


@pytest.mark.parametrize(
    ("text", "place", "what", "cure"),
    [
        # a key that does not exist, near one that does
        ("[web]\n\nlisten_on = 'x'", ":3 [web]", "unknown key “listen_on”", "“listen”"),
        # nothing is near: where all keys are listed
        ("[web]\nzzz = 1", ":2 [web]", "unknown key “zzz”", "config.example.toml"),
        # a section that does not exist
        ("[sheduel]\nundo = '1s'", ":1 [sheduel]", "unknown section “sheduel”", "“schedule”"),
        # what load() fills in itself is no setting
        ("base = '/'", ":1 [base]", "unknown section “base”", "“database”"),
        # somebody to be told who is nobody, and nowhere to post to; what may be a key is not repeated
        ("[alerts]\nto = ['desk']", ":2 [alerts]", "“desk” is not an e-mail address", "config.example"),
        ("[alerts]\nto = ['']", ":2 [alerts]", "“to” is wrong: it is empty", ""),
        ("[alerts]\nwebhook = 'ftp://x/'", ":2 [alerts]", "“webhook” is wrong: write it as https://", ""),
        ("[alerts]\nwebhook = 'https://u:p@x/'", ":2 [alerts]", "“webhook” is wrong: write it as", ""),
        ("[alerts]\nwebhook = 'https://x:y/'", ":2 [alerts]", "“webhook” is wrong: write it as", ""),
        ("[alerts]\nweb_hook = ''", ":2 [alerts]", "unknown key “web_hook”", "“webhook”"),
        # a key of a relay
        ("[relays.a]\nhost = 'x'\nprot = 25", ":3 [relays.a]", "unknown key “prot”", "“port”"),
        # a key that is needed
        ("[relays.a]\nport = 25", ":1 [relays.a]", "“host” is missing", "config.example.toml"),
        # one more publisher: its id, what it needs, and what must be its own
        (GREEN + "id = 'x'", ":4 [publishers.green]", "unknown key “id”", ""),
        (GREEN + "alert_to = []", ":4 [publishers.green]", "unknown key “alert_to”", "“alerts_to”"),
        ("[publishers.green]\nname = 'G'", ":1 [publishers.green]", "“address” is missing", ""),
        (
            "[publishers.Green]\nname = 'G'\naddress = 'g@g.test'",
            "[publishers]",
            "“Green” is wrong: an id",
            "",
        ),
        ("[publishers]\nname = 'G'", ":2 [publishers]", "“name” is wrong: it must be a section", ""),
        (GREEN.replace("green", "press"), "[publishers]", "has the id of [publisher]", ""),
        (GREEN.replace("g@g.test", "Press@example.org"), "[publishers]", "which is that of [publisher]", ""),
        (GREEN + GREEN.replace("green", "blue"), "[publishers]", "which is that of [publishers.green]", ""),
        (GREEN + "lists = './lists/'", "[publishers]", "the folder of lists lists, which is that of", ""),
        (GREEN + GREEN, "config.toml", "is not TOML", ""),
        # nothing where something must stand: a relay, an address, a file, one of a list
        (
            "[relays.main]\nhost = ''",
            ":2 [relays.main]",
            "“host” is wrong: it is empty",
            "config.example.toml",
        ),
        ("[publisher]\nname = ' '", ":2 [publisher]", "“name” is wrong: it is empty", ""),
        ("[publisher]\naddress = ''", ":2 [publisher]", "“address” is wrong: it is empty", ""),
        (
            "[publisher]\ntest_addresses = ['']",
            ":2 [publisher]",
            "“test_addresses” is wrong: it is empty",
            "",
        ),
        ("[paths]\nlists = ''", ":2 [paths]", "“lists” is wrong: it is empty", ""),
        ("[database]\nurl = ''", ":2 [database]", "“url” is wrong: it is empty", ""),
        (
            "[relays.a]\nhost = 'x'\npassword_file = ''",
            ":3 [relays.a]",
            "“password_file” is wrong: it is",
            "",
        ),
        # a key of a signing key; one that is needed; a domain and a selector that are none
        ("[dkim.a]\nkey_fil = 'x'\nkey_file = 'x'", ":2 [dkim.a]", "unknown key “key_fil”", "“key_file”"),
        ("[dkim.a]\ndomain = 'example.org'", ":1 [dkim.a]", "“key_file” is missing", ""),
        ("[dkim.a]\ndomain = 'x y'\nkey_file = 'x'", ":2 [dkim.a]", "“x y” is no domain", ""),
        ("[dkim.'a b']\nkey_file = 'x'", " [dkim]", "“a b” is wrong: a selector is made of", ""),
        # one value out of a few
        ("[relays.a]\nhost = 'x'\ntls = 'yes'", ":3 [relays.a]", "'required'", "config.example.toml"),
        # a pace that is none, and for what is no domain
        ("[pacing.'example.org']\nrate = ''", ":2 [pacing.example.org]", "write a rate as 30/m", ""),
        ("[pacing.'x y']\nrate = '1/s'", " [pacing]", "“x y” is no domain", ""),
        (
            "[pacing.example.org]\nrate = '1/s'\nspeed = '1/s'",
            ":3 [pacing.example.org]",
            "unknown key “speed”",
            "",
        ),
        # a rate without its unit
        ("[relays.a]\nhost = 'x'\nrate = '30'", ":3 [relays.a]", "write a rate as 30/m", ""),
        # a password for whoever answers
        (
            "[relays.a]\nhost = 'x'\ntls = 'opportunistic'\nusername = 'u'",
            ":4 [relays.a]",
            "“username” is wrong: over tls",
            "",
        ),
        # the return path is the same for all relays
        (
            "[relays.a]\nhost = 'x'\n[relays.b]\nhost = 'y'\nenvelope = 'fixed'",
            " [relays]",
            "[relays.a] has envelope = “verp”, [relays.b] “fixed”",
            "",
        ),
        # a list written as a text
        ("[publisher]\ncopy_to = 'a@example.org'", ":2 [publisher]", "must be a list", "config.example.toml"),
        # an address that is none, inside a list
        ("[publisher]\ncopy_to = ['a@example.org', 'b']", ":2 [publisher]", "“b” is not", ""),
        # a header's value over two lines
        ('[publisher]\nname = "a\\nBcc: b"', ":2 [publisher]", "a line break", "config.example.toml"),
        # the same in disguise
        ('[publisher]\nname = "=?utf-8?q?a=0ABcc:_b?="', ":2 [publisher]", "an encoded word with a line", ""),
        ("[publisher]\nname = 'a%0d%0aBcc: b'", ":2 [publisher]", "an encoded line break", ""),
        ("[publisher]\nname = 'a&#x0a;Bcc: b'", ":2 [publisher]", "an encoded line break", ""),
        # a sender whose name is not what it looks like
        ('[publisher]\nname = "a\\u202Eb"', ":2 [publisher]", "a hidden mark (U+202E)", ""),
        # no language of ISO 639-1
        ("[publisher]\nlanguage = 'zz'", ":2 [publisher]", "“zz” is no language", ""),
        # a file that no system can have
        ('[paths]\nlists = "a\\u0000b"', ":2 [paths]", "a control character (U+0000)", ""),
        # no such zone
        ("[schedule]\ntimezone = 'Brussels'", ":2 [schedule]", "“Brussels” is not an IANA", ""),
        # no unit; a length that would be silently wrong
        ("[schedule]\nundo = -5", ":2 [schedule]", "“undo” is wrong: write a duration from 0s to 36500d", ""),
        ("[publisher]\nprivacy_url = 'javascript:x'", ":2 [publisher]", "“privacy_url” is wrong", ""),
        ("[relays.a]\nhost = 'x'\ndaily = 99999999999999999999", ":3 [relays.a]", "“daily” is wrong", ""),
        ("[schedule]\nundo = '60'", ":2 [schedule]", "“undo” is wrong: write a duration as 90s", ""),
        # a section written as a key
        ("publisher = 'us'", ":1 [publisher]", "must be a section", ""),
        # not TOML at all
        ("[web\nlisten = 1", "config.toml", "is not TOML", "Mend"),
    ],
)
def test_mistake_is_named(tmp_path: Path, text: str, place: str, what: str, cure: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, text))
    assert str(tmp_path / "config.toml") in caught.value.where
    assert caught.value.where.endswith(place)
    assert what in caught.value.what
    assert cure in caught.value.cure
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "what", "cure"),
    [
        # a key that does not exist
        ("DISTRIBUTOR_WEB__LISTN", "x", "unknown key “listn”", "“listen”"),
        # a section that does not exist: pydantic-settings would ignore it
        ("DISTRIBUTOR_WEBB__LISTEN", "x", "unknown section “webb”", "“web”"),
        # a wrong value
        ("DISTRIBUTOR_RELAYS__MAIN__PORT", "70000", "“port” is wrong", "config.example.toml"),
        # a list that is not JSON
        ("DISTRIBUTOR_SENDING__ALLOW_RECIPIENTS", "a@example.org", "not written as JSON", "Write it as"),
    ],
)
def test_mistake_in_the_environment_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, what: str, cure: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, "[relays.main]\nhost = 'mail.example.org'"))
    assert caught.value.where.startswith("environment DISTRIBUTOR_")
    assert what in caught.value.what
    assert cure in caught.value.cure


def test_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTRIBUTOR_SCHEDULE__UNDO", "5s")
    monkeypatch.setenv("DISTRIBUTOR_SENDING__ALLOW_RECIPIENTS", '["@example.org"]')
    config = load(write(tmp_path, "[schedule]\nundo = '1h'\nlate_limit = '2h'"))
    assert config.schedule.undo == timedelta(seconds=5)
    assert config.schedule.late_limit == timedelta(hours=2)
    assert config.sending.allow_recipients == ("@example.org",)


def test_more_publishers_have_lists_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also by the environment alone; whom one works for is no setting."""
    monkeypatch.setenv("DISTRIBUTOR_PUBLISHERS__BLUE__NAME", "Blue")
    monkeypatch.setenv("DISTRIBUTOR_PUBLISHERS__BLUE__ADDRESS", "b@b.test")
    monkeypatch.setenv("DISTRIBUTOR_PUBLISHER", "blue")
    config = load(write(tmp_path, f"{GREEN}templates = 'green'\nlists = 'elsewhere'"))
    assert {id: one.name for id, one in config.publishers.items()} == {"green": "G", "blue": "Blue"}
    assert config.publisher.id == "press"
    folders = {id: config.lists_of(id).name for id in ("press", "green", "blue")}
    assert folders == {"press": "lists", "green": "elsewhere", "blue": "lists-blue"}
    assert {config.templates_of(id).name for id in ("press", "blue")} == {"templates"}
    assert config.templates_of("green").name == "green"


def test_environment_moves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISTRIBUTOR_BASE", "/elsewhere")
    assert load(write(tmp_path, "")).base == tmp_path


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    write(tmp_path, "")
    monkeypatch.chdir(tmp_path / "elsewhere")
    config = load(Path("../config.toml"))
    assert config.database_url == f"sqlite:///{tmp_path}/distributor.db"
    assert config.path(config.paths.lists).resolve() == tmp_path / "lists"


def test_without_file_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load().file is None
    write(tmp_path, "[publisher]\nname = 'Ours'")
    assert load().publisher.name == "Ours"


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read .* “distributor init”"):
        load(tmp_path / "none.toml")


def test_windows_editor_mark_is_read_over(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes("[publisher]\nname = 'Größe'".encode("utf-8-sig"))
    assert load(path).publisher.name == "Größe"


def test_password_is_not_shown() -> None:
    assert "hush" not in repr(Relay(host="mail.example.org", password="hush"))


@pytest.mark.parametrize(("rate", "per_second"), [("", 0), ("30/m", 0.5), ("14/s", 14), ("1800/h", 0.5)])
def test_rate_is_messages_a_second(rate: str, per_second: float) -> None:
    assert Relay(host="x", rate=rate).per_second == per_second


@given(st.lists(st.tuples(st.integers(0, 999), st.sampled_from("smhd")), min_size=1, max_size=4))
def test_duration_adds_up(parts: list[tuple[int, str]]) -> None:
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    text = " ".join(f"{number}{unit}" for number, unit in parts)
    assert duration(text).total_seconds() == sum(number * seconds[unit] for number, unit in parts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "-5m",
        "5 minutes",
        "m",
        "1h-",
        "1e9h",
        True,
        "99999999999999h",
        "36501d",
        "9" * 400 + "s",
        float("inf"),
        float("nan"),
        -5,
    ],
)
def test_duration_refuses(text: object) -> None:
    with pytest.raises(ValueError, match="write a duration"):
        duration(text)


@pytest.mark.parametrize("name", ["example.org", "'example.org'", "'EXAMPLE.org'"])
def test_a_domain_with_a_pace_needs_no_quotes(tmp_path: Path, name: str) -> None:
    """To TOML [pacing.example.org] is a table in a table."""
    text = f"[pacing.{name}]\nrate = '30/m'\n[pacing.example.com]\nrate = '1/s'\n"
    found = load(write(tmp_path, text)).pacing
    assert {name: one.per_second for name, one in found.items()} == {"example.org": 0.5, "example.com": 1.0}
