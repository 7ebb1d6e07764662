"""Lists from files to the database and back, on both databases.

Planted bugs that these tests caught: the diff not looked at again when contacts changed meanwhile; the
rows of silent contacts applied; contacts of another publisher taken for ours; an empty diff written.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, select

from distributor.documents import listfiles, listwriting
from distributor.errors import NotFound, Refused
from distributor.model.contact import Standing
from distributor.model.listdiff import Counts, ListDiff
from distributor.office import silence
from distributor.office.sync import compare, summary, sync
from distributor.policy.topics import resolve
from distributor.resources import shipped
from distributor.store import contacts, lists, rows, topics
from distributor.store.database import Store
from distributor.store.publishers import ensure
from distributor.store.views import contacts as contact_view
from distributor.store.views import lists as list_view
from distributor.store.views import topics as topic_view
from tests.proof import meanwhile

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def office(store: Store) -> Store:
    ensure(store, id="press", name="Press Office")
    return store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "lists"
    path.mkdir()
    (path / "topics.toml").write_text(
        '[trade]\nlabel.en = "Trade"\n["trade/export"]\naliases = ["dual use"]\n[energy]\n'
    )
    (path / "trade.toml").write_text(
        'title = "Trade correspondents"\ntopics = ["trade"]\nembargo_access = "early"\n'
    )
    (path / "trade.csv").write_text(
        "email,name,outlet,language,topics,desk\n"
        "anna@example.org,Anna Weir,The Quay,en;fr,,EU\n"
        "bo@example.org,Bo Linden,Radio Bo,de,dual use,\n"
    )
    (path / "energy.csv").write_text("email,name\nanna@example.org,\ncy@example.org,Cy Marsh\n")
    return path


def diff(store: Store, folder: Path, *, publisher_id: str = "press") -> ListDiff:
    found = listfiles.read_folder(folder)
    return compare(store, publisher_id=publisher_id, files=found.lists, tree=found.topics)


def synced(store: Store, folder: Path, *, publisher_id: str = "press", allow_gone: int = 0) -> ListDiff:
    found = listfiles.read_folder(folder)
    return sync(
        store,
        actor="cli:mira",
        now=NOW,
        publisher_id=publisher_id,
        files=found.lists,
        tree=found.topics,
        shown=diff(store, folder, publisher_id=publisher_id),
        allow_gone=allow_gone,
    )


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def card(store: Store, address: str) -> contact_view.Card | None:
    from distributor.model.address import Address

    with store.read() as connection:
        return contact_view.card(connection, publisher_id="press", address=Address.parse(address))


def events(store: Store) -> list[tuple[str, str, str]]:
    with store.read() as connection:
        found = connection.execute(select(rows.log).order_by(rows.log.c.id))
        return [(row.kind, row.actor, row.detail) for row in found]


def everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    tables = (
        rows.topic,
        rows.contact_list,
        rows.contact,
        rows.membership,
        rows.access,
        rows.suppression,
        rows.log,
    )
    with store.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=str)
            for table in tables
        }


def silenced(store: Store, address: str, **asked: str) -> bool:
    return silence.suppress(
        store,
        actor="cli:mira",
        now=NOW,
        publisher_id="press",
        address=address,
        reason=asked.get("reason", "asked by phone"),
        pseudonym=lambda key: f"nym of {key}",
    )


def test_a_sync_puts_everything_there_and_is_one_event(office, folder):
    assert synced(office, folder).counts == Counts(added=4)
    anna = card(office, "Anna@Example.org")
    assert (anna.contact.person.name, anna.contact.person.languages) == ("Anna Weir", ("en", "fr"))
    assert anna.contact.person.extra == {"desk": "EU"}
    assert anna.contact.standing is Standing.ACTIVE
    assert [m.list.shown for m in anna.memberships] == ["energy", "Trade correspondents"]
    assert (anna.contact.access.tier, anna.contact.access.granted_by) == ("early", "lists sync")
    assert anna.contact.access.criterion == "list trade"
    assert [m.topics for m in card(office, "bo@example.org").memberships] == [("trade/export",)]
    assert card(office, "cy@example.org").contact.access is None
    assert events(office) == [
        ("lists_synced", "cli:mira", "added 4, changed 0, gone 0, unchanged 0, kept silent 0, refused 0")
    ]
    with office.read() as connection:
        assert resolve("Dual Use", tree=topics.tree(connection)) == "trade/export"
        assert lists.titles(connection, publisher_id="press") == {
            "trade": "Trade correspondents",
            "energy": "energy",
        }


def test_a_second_run_writes_nothing(office, folder):
    synced(office, folder)
    before = everything(office)
    statements: list[str] = []
    event.listen(office.engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
    assert synced(office, folder).counts == Counts(unchanged=4)
    assert not [s for s in statements if s.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert everything(office) == before


def test_changes_of_every_kind_in_one_go(office, folder):
    synced(office, folder)
    edit(folder / "trade.csv", "The Quay", "The Pier")
    edit(folder / "trade.csv", "dual use,", "trade,")
    edit(folder / "energy.csv", "cy@example.org,Cy Marsh", "di@example.org,Di")
    edit(folder / "trade.toml", 'embargo_access = "early"\n', "")
    edit(folder / "topics.toml", "[energy]", "[energy]\n[health]")
    changes = synced(office, folder, allow_gone=1)
    assert changes.counts == Counts(added=1, changed=2, gone=1, unchanged=1)
    assert card(office, "anna@example.org").contact.person.outlet == "The Pier"
    assert card(office, "anna@example.org").contact.access is None
    assert card(office, "bo@example.org").memberships[0].topics == ("trade",)
    cy = card(office, "cy@example.org")
    assert (cy.memberships, cy.contact.standing) == ((), Standing.ACTIVE)
    with office.read() as connection:
        assert "health" in topics.tree(connection)
    assert diff(office, folder).empty


def test_a_list_without_files_goes_with_its_memberships(office, folder):
    synced(office, folder)
    (folder / "energy.csv").unlink()
    assert synced(office, folder, allow_gone=2).lists_gone == ("energy",)
    with office.read() as connection:
        assert list(lists.titles(connection, publisher_id="press")) == ["trade"]


def test_who_left_stays_silent_whatever_the_file_says(office, folder):
    """Law 4."""
    synced(office, folder)
    assert silenced(office, "BO@example.org")
    silenced(office, "new@example.org")
    edit(folder / "trade.csv", "Bo Linden,Radio Bo", "Bo Lind,Radio Two")
    with (folder / "trade.csv").open("a") as file:
        file.write("new@example.org,New,,,,\n")
    edit(folder / "energy.csv", "cy@example.org", "bo@example.org")
    changes = synced(office, folder, allow_gone=9)
    assert changes.counts == Counts(gone=1, unchanged=2, kept_silent=3)
    bo = card(office, "bo@example.org")
    assert (bo.contact.standing, bo.contact.person.name) == (Standing.SUPPRESSED, "Bo Linden")
    assert [m.list.name for m in bo.memberships] == ["trade"]
    new = card(office, "new@example.org")
    assert (new.contact, new.suppression.reason) == (None, "asked by phone")


def test_a_fifth_of_the_memberships_goes_only_when_allowed(office, folder):
    synced(office, folder)
    (folder / "energy.csv").write_text("email\nanna@example.org\n")
    before = everything(office)
    with pytest.raises(Refused, match=r"1 of 4 memberships would go\. If that is meant, say --allow-gone 1"):
        synced(office, folder)
    assert everything(office) == before
    assert synced(office, folder, allow_gone=1).counts.gone == 1


def test_a_diff_that_is_no_longer_true_is_not_applied(office, folder):
    found = listfiles.read_folder(folder)
    shown = diff(office, folder)
    silenced(office, "bo@example.org")
    before = everything(office)
    common = {"publisher_id": "press", "files": found.lists, "tree": found.topics}
    with pytest.raises(Refused, match="contacts changed since this was shown"):
        sync(office, actor="cli:mira", now=NOW, shown=shown, **common)
    assert everything(office) == before


def test_a_failure_in_the_middle_leaves_nothing(office, folder):
    def breaks():
        raise Refused("the disk is full")

    before = everything(office)
    meanwhile(office, after="INSERT INTO access", do=breaks)
    with pytest.raises(Refused, match="disk"):
        synced(office, folder)
    assert everything(office) == before


def test_publishers_do_not_see_each_other(office, folder):
    ensure(office, id="other", name="Other")
    synced(office, folder)
    silenced(office, "anna@example.org")
    assert synced(office, folder, publisher_id="other").counts == Counts(added=4)
    edit(folder / "energy.csv", "cy@example.org,Cy Marsh\n", "cy@example.org,Cy Marsh\nbo@example.org,\n")
    assert synced(office, folder).counts == Counts(added=1, unchanged=2, kept_silent=2)
    assert [m.list.name for m in card(office, "bo@example.org").memberships] == ["energy", "trade"]
    with office.read() as connection:
        assert (
            contacts.find(connection, publisher_id="other", address_key="anna@example.org").standing
            == "active"
        )


def test_exported_files_sync_back_without_change(office, tmp_path):
    """Also with a silent member, an access that differs from its list's, and a row that is refused now."""
    original = tmp_path / "original"
    found = listfiles.read_folder(shipped("lists"))
    listwriting.write(found.lists, tree=found.topics, folder=original)
    edit(original / "national.csv", "Jadranski glas", '"Jadranski, ""glas"""')
    synced(office, original)
    edit(original / "trade.csv", "floor.duinhoven@example.org", "floor.duinhoven@@example.org")
    silenced(office, "mira.oldenkamp@example.org")
    assert diff(office, original).empty
    copy = tmp_path / "copy"
    with office.read() as connection:
        files = list_view.files(connection, publisher_id="press")
        listwriting.write(files, tree=topics.tree(connection), folder=copy)
    changes = diff(office, copy)
    assert changes.empty
    assert changes.counts == Counts(unchanged=67, kept_silent=2)
    assert changes.differences == ()


def test_many_rows_go_in_chunks(office, tmp_path):
    """Thousands of rows twice: more than the chunks and the parameters of one statement hold."""
    (tmp_path / "big.csv").write_text(
        "email,name\n" + "".join(f"p{n}@example.org,P {n}\n" for n in range(2500))
    )
    assert synced(office, tmp_path).counts == Counts(added=2500)
    (tmp_path / "big.csv").write_text(
        "email,name\n" + "".join(f"p{n}@example.org,Q {n}\n" for n in range(2300))
    )
    assert synced(office, tmp_path).counts == Counts(changed=2300, gone=200)
    assert diff(office, tmp_path).counts == Counts(unchanged=2300)


def test_a_thing_is_written_down_once(office, folder):
    done: list[int] = []
    found = listfiles.read_folder(folder)
    common = {"publisher_id": "press", "files": found.lists, "tree": found.topics}
    shown = compare(office, **common)
    changes = sync(office, actor="a", now=NOW, shown=shown, done=done.append, **common)
    assert sum(done) == len(changes.new_contacts) + len(changes.members_added)
    assert summary(changes).startswith("added 4")
    assert replace(shown) == changes


def test_names_of_lists_are_found_in_any_case_and_near_misses_named(office, folder):
    synced(office, folder)
    with office.read() as connection:
        assert lists.require(connection, publisher_id="press", names=["TRADE", "trade"]) == ("trade",)
        with pytest.raises(NotFound, match=r"x\.md: there is no list “trad”\. Did you mean “trade”"):
            lists.require(connection, publisher_id="press", names=["trad"], where="x.md")


def test_lists_and_topics_as_people_look_at_them(office, folder):
    synced(office, folder)
    silenced(office, "bo@example.org")
    with office.read() as connection:
        sizes = list_view.sizes(connection, publisher_id="press")
        size, people = list_view.members(connection, publisher_id="press", name="Trade")
        branches = topic_view.branches(connection, publisher_id="press")
    assert [(one.list.name, one.members, one.silent) for one in sizes] == [("energy", 2, 0), ("trade", 2, 1)]
    assert size == sizes[1]
    assert [(one.address, one.standing, one.tier) for one in people] == [
        ("anna@example.org", "active", "early"),
        ("bo@example.org", "suppressed", "early"),
    ]
    assert [(b.depth, b.topic.id, b.lists) for b in branches] == [
        (0, "energy", ()),
        (0, "trade", ("trade",)),
        (1, "trade/export", ()),
    ]
