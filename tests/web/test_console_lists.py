"""Lists and contacts in the console: looked for, changed with their files, imported with a diff, undone.

Files and database are one truth throughout: after each change a sync would change nothing.

Planted once by hand and caught: a change that is made although the lists are not as they were shown; files
that are written although the database refused; an import that ends silence; a replacing import that drops a
colleague whose row is refused.
"""

import re
from collections.abc import Iterator

import pytest

from distributor.documents.listfiles import read_folder
from distributor.errors import Refused
from distributor.model.officer import Role
from distributor.office import silence, sync
from distributor.store import log
from distributor.system import System
from tests.house import House, furnished
from tests.web.desk import Desk, officer, signed_in

pytestmark = pytest.mark.xdist_group("console lists")

LISTS, CHANGES = "/office/lists", "/office/list-changes"
TRADE = """email;name;outlet;beat
ada@example.org;Ada Example;Quill Gazette;ports
bea@example.org;Bea;Héron Times;
not an address;Nobody;;
left@example.org;Lea;;
"""


@pytest.fixture
def house(tmp_path) -> Iterator[House]:
    """On trade: Ada, Bea, Lea who left; a row that is no address. Early has embargo access by her list."""
    with furnished(tmp_path, agencies=["early@example.com"]) as here:
        (here.folder / "lists" / "trade.csv").write_text(TRADE)
        yield here


@pytest.fixture
def built(house: House) -> Iterator[System]:
    with house.system() as built:
        house.sync(built)
        place = {"publisher_id": built.publisher.id, "address": "left@example.org", "now": built.now()}
        pseudonym = built.tokens.pseudonym
        silence.suppress(built.store, actor="ada", reason="asked by phone", pseudonym=pseudonym, **place)
        officer(built)
        yield built


@pytest.fixture
def ada(built: System) -> Desk:
    return signed_in(built)


def one_truth(built: System) -> bool:
    """A sync of the files would change nothing."""
    found = read_folder(built.config.path(built.config.paths.lists))
    place = {"publisher_id": built.publisher.id, "files": found.lists, "tree": found.topics}
    return sync.compare(built.store, **place).empty


def on(desk: Desk, name: str = "trade") -> list[str]:
    page = desk.look(f"{LISTS}/{name}").split('id="who"')[1]
    return sorted(set(re.findall(r"[\w.]+@[\w.]+", page)))


def bring(desk: Desk, **said) -> str:
    """Where the import leads: the page with its diff."""
    desk.look(f"{CHANGES}/import")
    answer = desk.say(f"{CHANGES}/import", **{"list": "trade", "how": "add", **said})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def yes(desk: Desk, page: str, **said):
    """The button of that page, pressed."""
    [seen] = re.findall(r'name="seen" value="(\w+)"', desk.look(page))
    return desk.say(page, seen=seen, **said)


def number(desk: Desk, address: str) -> str:
    """The page of a contact."""
    [found] = set(re.findall(r"/office/contacts/\d+", desk.look(f"{LISTS}?find={address}")))
    return found


@pytest.mark.parametrize(
    ("find", "found"),
    [
        ("BEA", {"bea@example.org"}),
        ("quill", {"ada@example.org"}),
        ("HÉRON", {"bea@example.org"}),
        ("example.com", {"early@example.com"}),
        ("agencies", {"Agencies"}),
        ("stranger", {"stranger@example.eu"}),
        ("%", set()),
    ],
)
def test_the_search_is_over_everything(ada: Desk, built: System, find: str, found: set[str]) -> None:
    ada.look("/office/silence")
    ada.say("/office/silence/suppress", address="stranger@example.eu", reason="bounced")
    page = ada.look(f"{LISTS}?find={find.replace('%', '%25')}").split('id="all"')[0]
    assert set(re.findall(r"[\w.]+@[\w.]+|Agencies", page)) - {"r@example.org"} == found


def test_an_import_shows_what_would_change_and_then_changes_it(
    ada: Desk, built: System, house: House
) -> None:
    page = bring(ada, text="Bcc: Ada X <ADA@example.org>; new@example.org,\nnobody here\nleft@example.org")
    shown = ada.look(page)
    assert re.findall(r"<dt>([\w ]+)</dt><dd>([\d,]+)</dd>", shown) == [
        *(("added", "1"), ("changed", "1"), ("gone", "0")),
        *(("unchanged", "2"), ("kept silent", "1"), ("refused", "2")),
    ]
    assert "what was pasted, line 2: “nobody here”" in shown
    assert "trade.csv, line 4" in shown
    assert "new@example.org" not in on(ada)
    assert yes(ada, page).headers["location"] == LISTS
    assert "new@example.org" in on(ada)
    text = (house.folder / "lists" / "trade.csv").read_text("utf-8-sig")
    assert "ada@example.org;Ada X;Quill Gazette;ports\n" in text.replace("\r", "")
    assert "not an address;Nobody;;" in text
    assert one_truth(built)
    assert "suppressed" in ada.look(number(ada, "left@example.org"))
    with built.store.read() as connection:
        synced = "SELECT actor FROM log WHERE kind = 'lists_synced' ORDER BY id DESC"
        assert connection.exec_driver_sql(synced).scalar() == "ada"
        assert log.last(connection, name=log.OFFICE).hash


def test_a_replacing_import_keeps_whom_a_refused_row_speaks_of(ada: Desk, built: System) -> None:
    page = bring(ada, text="email,name\nada@example.org,Ada\nbea@example,Bea\nc@example.eu,C", how="replace")
    assert "Gone from a list" in ada.look(page)
    yes(ada, page, leave="yes")
    assert on(ada) == ["ada@example.org", "bea@example.org", "c@example.eu"]
    assert one_truth(built)


def test_many_go_only_when_that_is_said(ada: Desk, house: House) -> None:
    before = (house.folder / "lists" / "trade.csv").read_bytes()
    page = bring(ada, text="c@example.eu", how="replace")
    assert yes(ada, page).status_code == 409
    assert (house.folder / "lists" / "trade.csv").read_bytes() == before
    assert yes(ada, page, leave="yes").status_code == 303
    assert on(ada) == ["c@example.eu"]


def test_only_what_was_shown_is_made(ada: Desk, built: System, house: House) -> None:
    file = house.folder / "lists" / "trade.csv"
    page = bring(ada, text="new@example.org")
    [seen] = re.findall(r'name="seen" value="(\w+)"', ada.look(page))
    house.sync(built)
    with built.store.write() as connection:
        connection.exec_driver_sql("UPDATE contact SET name = 'Other' WHERE address LIKE 'bea%'")
    again = ada.say(page, seen=seen)
    assert again.status_code == 409
    assert "Something has changed" in again.text
    assert "new@example.org" not in on(ada)
    file.write_text(TRADE + "late@example.org;;;\n")
    assert "has changed since" in ada.look(page, code=409)
    assert "late" in file.read_text()


def test_files_stay_when_the_database_refuses(
    ada: Desk, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (house.folder / "lists" / "trade.csv").read_bytes()
    page = bring(ada, text="new@example.org")
    with monkeypatch.context() as patch:
        patch.setattr(log, "record", _refuse)
        assert yes(ada, page).status_code == 409
    assert (house.folder / "lists" / "trade.csv").read_bytes() == before
    assert "new@example.org" not in on(ada)
    assert yes(ada, page).status_code == 303


def _refuse(*_: object) -> None:
    raise Refused("the disk is full")


def test_the_last_change_is_undone_and_silence_stays(ada: Desk, built: System, house: House) -> None:
    file = house.folder / "lists" / "trade.csv"
    yes(ada, bring(ada, text="new@example.org\nthird@example.org"))
    page = number(ada, "new@example.org")
    ada.look(f"{page}/suppress")
    ada.say(f"{page}/suppress", reason="asked")
    assert "import into trade" in ada.look(LISTS)
    back = ada.say(f"{CHANGES}/undo").headers["location"]
    assert "third@example.org (trade)" in ada.look(back)
    yes(ada, back, leave="yes")
    assert file.read_text() == TRADE
    assert one_truth(built)
    assert "third@example.org" not in on(ada)
    assert "suppressed" in ada.look(page)
    ada.look(LISTS)
    yes(ada, ada.say(f"{CHANGES}/undo").headers["location"])
    assert "third@example.org" in on(ada)
    file.write_text(TRADE)
    assert "has changed since" in ada.say(f"{CHANGES}/undo").text


def test_a_contact_is_edited_in_her_files(ada: Desk, built: System, house: House) -> None:
    page = number(ada, "ada@example.org")
    ada.look(f"{page}/edit")
    said = {"name": "Ada Example", "outlet": "Héron Times", "language": "fr en", "lists": ["agencies"]}
    onward = ada.say(f"{page}/edit", **said).headers["location"]
    assert "ada@example.org (trade)" in ada.look(onward)
    yes(ada, onward, leave="yes")
    shown = ada.look(page)
    assert "Héron Times" in shown
    assert "fr en" in shown
    assert on(ada) == ["bea@example.org", "left@example.org"]
    assert "ada@example.org" in on(ada, "agencies")
    assert one_truth(built)
    ada.look(f"{page}/edit")
    assert "nothing is different" in ada.say(f"{page}/edit", **said).text.lower()


def test_what_is_a_lists_own_is_edited_too(ada: Desk, built: System, house: House) -> None:
    """Her topics and embargo access on one list: in its file and in the database, and undone in both."""
    page, file = number(ada, "ada@example.org"), house.folder / "lists" / "trade.csv"
    said = {"name": "Ada Example", "outlet": "Quill Gazette", "lists": ["trade"]}
    for wrong, told in (({"topics trade": "prots"}, "no topic"), ({"embargo_access trade": "a b"}, "tier")):
        ada.look(f"{page}/edit")
        assert told in ada.say(f"{page}/edit", **said, **wrong).text
    ada.look(f"{page}/edit")
    own = {"topics trade": "trade/ports", "embargo_access trade": "agencies"}
    onward = ada.say(f"{page}/edit", **said, **own).headers["location"]
    assert "Embargo access given" in ada.look(onward)
    yes(ada, onward)
    assert "Ada Example;Quill Gazette;ports;trade/ports;agencies" in file.read_text("utf-8-sig")
    assert "agencies" in ada.look(page)
    edit = ada.look(f"{page}/edit")
    assert 'name="topics trade" value="trade/ports"' in edit
    assert 'name="embargo_access trade" value="agencies"' in edit
    assert one_truth(built)
    ada.look(LISTS)
    yes(ada, ada.say(f"{CHANGES}/undo").headers["location"])
    assert file.read_text() == TRADE
    assert 'name="topics trade" value=""' in ada.look(f"{page}/edit")
    assert one_truth(built)


def test_a_list_is_made_and_its_facts_changed(ada: Desk, built: System, house: House) -> None:
    ada.look(f"{CHANGES}/facts")
    said = {"name": "Sea people", "title": "The sea", "topics": "trade/ports"}
    yes(ada, ada.say(f"{CHANGES}/facts", **said).headers["location"])
    assert "The sea" in ada.look(f"{LISTS}/Sea%20people")
    ada.look(f"{CHANGES}/facts?name=Sea+people")
    assert "is no topic" in ada.say(f"{CHANGES}/facts", known="Sea people", topics="tarde").text
    onward = ada.say(f"{CHANGES}/facts", known="Sea people", topics="trade").headers["location"]
    yes(ada, onward)
    assert "trade/ports" not in ada.look(f"{LISTS}/Sea%20people")
    assert one_truth(built)
    ada.look(f"{CHANGES}/facts")
    for name in ("../up", "sea PEOPLE", ".hidden", ""):
        assert ada.say(f"{CHANGES}/facts", name=name).status_code == 409


def test_a_list_without_files_is_not_edited_before_it_has_some(
    ada: Desk, built: System, house: House
) -> None:
    for kind in ("csv", "toml"):
        (house.folder / "lists" / f"agencies.{kind}").unlink()
    assert "no file here" in ada.look(LISTS)
    ada.look(f"{CHANGES}/import")
    assert "has no file" in ada.say(f"{CHANGES}/import", list="agencies", text="x@example.org").text
    page = bring(ada, text="new@example.org")
    assert "agencies may end" in ada.look(page)
    assert yes(ada, page).status_code == 409
    ada.look(f"{LISTS}/agencies")
    assert ada.say(f"{LISTS}/agencies/files").status_code == 303
    assert one_truth(built)
    assert "may end" not in ada.look(page)
    yes(ada, page)
    assert on(ada, "agencies") == ["early@example.com"]


def test_embargo_access_by_buttons(ada: Desk, built: System) -> None:
    page = number(ada, "bea@example.org")

    def act(verb: str, **said: str) -> str:
        assert "before an embargo" in ada.look(f"{page}/grant")
        ada.look(f"{page}/{verb}")
        answer = ada.say(f"{page}/{verb}", **said)
        return answer.text if answer.status_code != 303 else ada.look(page)

    assert "has to be said" in act("grant", tier="agencies", criterion="", terms="1")
    assert "agencies, by ada: press card" in act("grant", tier="agencies", criterion="press card", terms="1")
    assert "until when is not said" in act("suspend", reason="why").lower()
    suspended = act("suspend", until="90d", reason="broke it", whole="yes")
    assert "of Héron Times suspended until" in suspended
    assert "it is her whole outlet" in act("reinstate", reason="x").lower()
    assert "suspended until" not in act("reinstate", reason="not them", whole="yes").split("<details")[0]
    assert "taken back" in act("revoke", reason="left the paper")
    assert f'href="{page}/revoke"' not in ada.look(page)
    assert "Only the contact" not in act("suppress", reason="asked")
    assert "gets nothing" not in act("unsuppress", reason="works again")


def test_who_may_not_is_not_offered(built: System) -> None:
    officer(built, "rhea", [Role.READER])
    rhea = Desk(built)
    rhea.sign_in("rhea")
    page = rhea.look(number(rhea, "bea@example.org")) + rhea.look(LISTS) + rhea.look(f"{LISTS}/trade")
    assert re.findall(r'<a class="button[^>]*href="(/office/(?:contacts|list)[^"]*)"', page) == []
    rhea.look("/office/list-changes/import", code=403)
