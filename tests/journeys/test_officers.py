"""Officers by the command line: names, roles, and two pairs of eyes on the same bytes.

Planted bugs that these tests caught: --as taken without asking whether she may; the second yes counted
although the document had changed; `cli:NAME` counted as one of two; approving twice with one name.
"""

import pytest

from tests.journeys.office import EMBARGO, Office, press_office


@pytest.fixture
def office(tmp_path, monkeypatch, capsys, sqlite_url) -> Office:
    return press_office(tmp_path, monkeypatch, capsys, database=sqlite_url)


@pytest.fixture
def either_office(tmp_path, monkeypatch, capsys, database_url) -> Office:
    return press_office(tmp_path, monkeypatch, capsys, database=database_url)


def people(office: Office) -> None:
    for name, roles in {
        "ada": "author,approver",
        "bea": "approver",
        "lia": "list-keeper",
        "ota": "operator",
        "ria": "reader",
    }.items():
        office.done("officers", "add", name, "--role", roles, "--name", f"{name.title()} Example")


def four_eyes(office: Office) -> None:
    people(office)
    office.configure("[schedule]", "[approval]\nfour_eyes = true\n[schedule]")


def added(office: Office, *more: str) -> dict:
    return office.json("release", "add", "harbour.en.md", "--embargo", EMBARGO, *more)


def test_two_pairs_of_eyes(either_office: Office) -> None:
    office = either_office
    four_eyes(office)
    shown = added(office, "--as", "ada")
    reference, seen = shown["reference"], shown["hash"][:12]

    first = office.json("release", "approve", reference, "--seen", seen, "--as", "ADA")
    assert (first["complete"], first["by"], first["plan"]["planned"]) == (False, ["ada"], False)
    office.done("send-due")
    show = office.json("release", "show", reference)
    assert (show["state"], show["approved"]) == ("draft", None)
    assert [(one["by"], one["hash"], one["counts"], one["done"]) for one in show["approvals"]] == [
        ("ada", shown["hash"], True, False)
    ]
    (todo,) = office.json("todo")
    assert "waits for a second pair of eyes: ada agreed" in todo["what"]
    assert "waits for a second pair of eyes" in office.done("release", "show", reference).out

    answer = todo["answer"].removeprefix("distributor ").replace("OFFICER", "bea")
    second = office.json(*answer.split())
    assert (second["complete"], second["by"], second["plan"]["planned"]) == (True, ["ada", "bea"], True)
    show = office.json("release", "show", reference)
    assert (show["state"], show["approved"]["by"], show["approved"]["hash"]) == (
        "approved",
        "bea",
        shown["hash"],
    )
    assert [(one["by"], one["done"]) for one in show["approvals"]] == [("ada", True), ("bea", True)]
    assert "approved by ada and bea" in office.done("release", "show", reference).out
    assert office.json("todo") == []


def test_a_change_makes_the_first_yes_void(office: Office) -> None:
    four_eyes(office)
    reference = added(office)["reference"]
    office.done("release", "approve", reference, "--as", "ada")
    text = (office.folder / "harbour.en.md").read_text("utf-8")
    office.write("harbour.en.md", text.replace("Monday", "Tuesday"))
    added(office, "--reference", reference)
    office.done("release", "approve", reference, "--as", "bea")  # of another revision: a first one
    assert office.json("release", "show", reference)["state"] == "draft"

    office.configure('name = "Harbour Press"', 'name = "Harbour Office"')  # the same revision, other bytes
    said = office.done("release", "approve", reference, "--as", "ada")
    assert "! void: bea had agreed to something else" in said.out
    show = office.json("release", "show", reference)
    assert show["state"] == "draft"
    assert [(one["by"], one["counts"]) for one in show["approvals"]] == [
        ("ada", False),
        ("bea", False),
        ("ada", True),
    ]
    assert "void, it changed since" in office.done("release", "show", reference).out


def test_nobody_is_two_and_the_machine_is_nobody(office: Office) -> None:
    four_eyes(office)
    reference = added(office)["reference"]
    assert "four eyes are needed" in office.refused("release", "approve", reference)
    office.done("release", "approve", reference, "--as", "ada")
    assert "ada has agreed to it already" in office.refused("release", "approve", reference, "--as", "ada")
    assert "four eyes are needed" in office.refused("release", "approve", reference)
    office.done("officers", "remove", "ada")
    said = office.done("release", "approve", reference, "--as", "bea")
    assert "! void: ada had agreed" in said.out
    assert office.json("release", "show", reference)["state"] == "draft"


def test_send_is_a_first_yes_too(office: Office) -> None:
    four_eyes(office)
    said = office.done("release", "send", "harbour.en.md", "--embargo", EMBARGO, "--yes", "--as", "ada")
    assert "It waits for a second pair of eyes" in said.out
    (todo,) = office.json("todo")
    office.done(*todo["answer"].removeprefix("distributor ").replace("OFFICER", "bea").split())
    assert office.json("todo") == []


def test_the_log_tells_who_and_which_hash(office: Office) -> None:
    four_eyes(office)
    reference = added(office)["reference"]
    hash = office.json("release", "show", reference)["hash"]
    for name in ("ada", "bea"):
        office.done("release", "approve", reference, "--as", name)
    events = [one for one in office.json("log", reference)["events"] if one["kind"].startswith("approved")]
    assert [(one["kind"], one["actor"], one["hash"]) for one in events] == [
        ("approved_first", "ada", hash),
        ("approved", "bea", hash),
    ]
    assert events[1]["detail"].endswith("by ada and bea")


@pytest.mark.parametrize(
    ("who", "argv", "words"),
    [
        ("bea", ("release", "add", "harbour.en.md"), None),
        (
            "lia",
            ("release", "add", "harbour.en.md"),
            "lia (list keeper) may not do this. It takes an officer",
        ),
        ("ria", ("release", "hold", "2031-0001", "--reason", "no"), "ria (reader) may not do this"),
        ("lia", ("release", "hold", "2031-0001", "--reason", "wrong list"), None),
        ("ota", ("release", "show", "2031-0001"), "ota (operator) may not do this"),
        ("ria", ("release", "show", "2031-0001"), None),
        ("ada", ("lists", "sync", "--yes"), "ada (approver, author) may not do this"),
        ("lia", ("lists", "sync", "--yes"), None),
        ("ada", ("officers", "remove", "bea"), "ada (approver, author) may not do this"),
        ("ota", ("officers", "remove", "bea"), None),
        # a slip, and nobody
        ("beat", ("todo",), "there is no officer “beat”. Did you mean “bea”?"),
        ("mallory", ("todo",), "there is no officer “mallory”. “distributor officers list” names them all."),
    ],
)
def test_roles_are_kept_to(office: Office, who: str, argv: tuple[str, ...], words: str | None) -> None:
    added(office, "--reference", "2031-0001")
    people(office)
    if words is None:
        office.done(*argv, "--as", who)
    else:
        assert words in office.refused(*argv, "--as", who)


def test_without_officers_any_name_may_be_given(office: Office) -> None:
    added(office, "--reference", "2031-0001", "--as", "Mira of the desk")
    office.done("release", "approve", "2031-0001", "--as", "Mira of the desk")
    assert office.json("release", "show", "2031-0001")["approved"]["by"] == "Mira of the desk"


def test_officers_come_change_and_go(office: Office) -> None:
    assert "No officer yet" in office.done("officers", "list").out
    people(office)
    office.done("officers", "role", "Bea", "--role", "list keeper", "--role", "author")
    office.done("officers", "remove", "ria")
    listed = {one["name"]: one["roles"] for one in office.json("officers", "list")}
    assert listed == {
        "ada": ["author", "approver"],
        "bea": ["author", "list keeper"],
        "lia": ["list keeper"],
        "ota": ["operator"],
    }
    assert [one["name"] for one in office.json("officers", "list", "--all") if one["removed_at"]] == ["ria"]
    office.done("officers", "add", "ria", "--role", "author")
    assert "ria" in office.done("officers", "list").out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("add", "ada", "--role", "reader"), "ada: is an officer already"),
        (("add", "dot"), "dot: an officer needs a role. One of author, approver"),
        (("add", "dot", "--role", "boss"), "there is no role “boss”. Roles are author"),
        (("add", "clockwork", "--role", "author"), "cannot be an officer's name"),
        (("add", "cli:root", "--role", "author"), "cannot be an officer's name"),
        (("add", "dot", "--role", "author", "--address", "dot"), "--address"),
        (("role", "dot", "--role", "author"), "there is no officer “dot”"),
        (("remove", "dot"), "there is no officer “dot”"),
    ],
)
def test_what_is_no_officer_is_refused(office: Office, argv: tuple[str, ...], words: str) -> None:
    people(office)
    before = office.json("officers", "list", "--all")
    assert words in office.refused("officers", *argv)
    assert office.json("officers", "list", "--all") == before


def test_check_wants_two_who_approve(office: Office) -> None:
    office.configure("[schedule]", "[approval]\nfour_eyes = true\n[schedule]")
    assert "four eyes are needed, and 0 can approve" in office.run("check").out
    people(office)
    assert "5 officers, 2 can approve" in office.run("check").out


def test_four_eyes_on_no_approval_is_refused(office: Office) -> None:
    office.configure("[schedule]", "[approval]\nfour_eyes = true\nrequired = false\n[schedule]")
    assert "required = true" in office.refused("todo")
