"""The command line where there are two publishers: it works for one of them, and says nothing of the other.

Guards against: `--publisher` that is read and forgotten; a command that lists all lists; an
unknown publisher that becomes the first one.
"""

import json
import re
from collections.abc import Iterator

import pytest

from distributor.cli.app import main
from distributor.cli.nouns import _NOBODYS
from tests.house import REFERENCE
from tests.test_docs_commands import commands
from tests.twohouses import GREEN, PRESS, SHARED, WORDS, Two, fill, two

#: What only reads, as both publishers can say it.
READING = {
    "release list": "", "release show": REFERENCE, "release audience": REFERENCE, "release plan": REFERENCE,
    "release report": REFERENCE, "release unreached": REFERENCE, "release preview": f"{REFERENCE} --out look",
    "todo": "", "log": "", "doubt list": "--all", "lists show": "", "lists check": "", "topics tree": "",
    "contacts show": SHARED, "contacts why": f"{SHARED} {REFERENCE}", "officers list": "--all",
    "lists export": "--dir out --yes", "contacts export": "--access --out access.csv",
}  # fmt: skip
#: What changes something of one publisher; it is the same verb that the console calls.
CHANGING = re.compile(
    "release (add|approve|cancel|copy|correct|embargo|hold|lift|resume|send|test|withdraw)"
    "|doubt (resend|settle)|officers (add|invite|remove|role)|topics check|lists sync"
    "|contacts (grant|reinstate|revoke|strike|suppress|suspend|unsuppress)"
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    with two(tmp_path_factory.mktemp("two")) as found:
        fill(found)
        yield found


@pytest.fixture(autouse=True)
def here(found: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(found.house.folder)
    monkeypatch.setattr("distributor.system.Renderer", lambda _: found.whole.renderer)


def test_every_command_is_for_one_or_for_all() -> None:
    left = set(commands()) - READING.keys() - _NOBODYS
    assert [name for name in left if not CHANGING.fullmatch(name)] == []


@pytest.mark.parametrize("publisher", [PRESS, GREEN])
def test_what_it_reads_is_one_publishers(publisher: str, capsys: pytest.CaptureFixture[str]) -> None:
    other = WORDS[GREEN if publisher == PRESS else PRESS]
    seen = 0
    for command, rest in READING.items():
        assert main([*command.split(), *rest.split(), "--publisher", publisher]) == 0, command
        said = "".join(capsys.readouterr()).lower()
        assert other not in said, command
        seen += WORDS[publisher] in said
    assert seen > 8


def test_the_environment_names_one_and_the_option_another(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def named(*argv: str) -> str:
        assert main(["release", "show", REFERENCE, "--json", *argv]) == 0
        return json.loads(capsys.readouterr().out)["publisher"]

    assert named() == PRESS
    monkeypatch.setenv("DISTRIBUTOR_PUBLISHER", GREEN)
    assert (named(), named("--publisher", PRESS)) == (GREEN, PRESS)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (
            ["todo", "--publisher", "gren"],
            "--publisher: there is no publisher “gren”. Known here: press, green.",
        ),
        (["lists", "check", "--publisher", "gren"], "--publisher: there is no publisher “gren”"),
        (["todo", "--publisher", " "], "--publisher names nobody"),
        (["check", "--publisher", GREEN], "--publisher: “check” is for all publishers. Leave it out."),
        (["db", "upgrade", "--publisher", GREEN], "“db upgrade” is for all publishers"),
        # the other's is not there
        (["release", "show", "2030-0091"], "no release has the reference “2030-0091”"),
        (["lists", "show", "zyzzyva"], "zyzzyva"),
        (["contacts", "show", "r@zyzzyva.test"], "r@zyzzyva.test"),
        (["todo", "--as", "zyzzyva.officer"], "there is no officer “zyzzyva.officer”"),
    ],
)
def test_what_is_refused(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 1
    told = capsys.readouterr().err
    assert said in told
    assert len(told.strip().splitlines()) == 1


def test_a_document_of_the_other_is_refused(found: Two, capsys: pytest.CaptureFixture[str]) -> None:
    """It does not choose in whose name it is sent."""
    for named, publisher, code in ((GREEN, PRESS, 1), ("Zyzzyva Group", GREEN, 0), ("nobody", GREEN, 1)):
        text = f"---\npublisher: {named}\nreference: 2030-0100\ntopics: [trade]\n---\n# A headline\n\nText.\n"
        found.house.document(text, name="whose.md")
        assert main(["release", "add", "whose.md", "--publisher", publisher]) == code, named
        told = capsys.readouterr().err
        assert ("or work for that publisher" in told) == bool(code)


def test_the_topics_are_everybodys(found: Two, capsys: pytest.CaptureFixture[str]) -> None:
    """Other ones in a further publisher's folder would take away the first one's."""
    file = found.green.system.lists / "topics.toml"
    file.write_text('[trade]\nlabel.en = "Commerce"\n')
    try:
        assert main(["lists", "sync", "--yes", "--publisher", GREEN]) == 1
        assert "the topics are those of all publishers" in capsys.readouterr().err
    finally:
        file.unlink()


def test_a_name_is_one_person(found: Two, capsys: pytest.CaptureFixture[str]) -> None:
    """Added at a second publisher she keeps her password: no link."""
    from tests.web.desk import set_password

    assert main(["officers", "add", "dea", "--role", "author", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["invitation"]
    set_password(found.press.system, "dea")
    assert main(["officers", "add", "dea", "--role", "reader", "--publisher", GREEN]) == 0
    assert "She signs in as at the other publisher" in capsys.readouterr().out


def test_check_looks_at_each(found: Two, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--json"])
    told = [f"{one['name']}: {one['detail']}" for one in json.loads(capsys.readouterr().out)]
    for line in (
        "publishers: press (Quillhaven Press Office), green (Zyzzyva Group)",
        "sender: green: green@zyzzyva.test",
        "alerts: green: go to desk@zyzzyva.test",
        "alerts: press: go to desk@quokka.test",
    ):
        assert line in told, told
    assert any(one.startswith("lists: green: 3 lists with 4 rows") for one in told), told
