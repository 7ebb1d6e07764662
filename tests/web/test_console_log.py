"""The log in the console: what went to whom, page by page; one mail's conversation; plots; files; the proof.

Planted once by hand and caught: a page that leaves out its last row; a filter by state that a second page
forgets; a formula in a cell of the CSV; a page that counts every delivery there is.
"""

import asyncio
import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, update

from distributor.model.officer import Role
from distributor.policy.queueids import queue_id
from distributor.store import rows
from distributor.store.views import mails
from distributor.system import System
from distributor.worker import send_due
from tests.house import HEADLINE, REFERENCE, House, furnished, tick
from tests.waiting import until
from tests.web.desk import Desk, officer, signed_in
from tests.world import NOW, PUBLISHER, World, recipient

pytestmark = pytest.mark.xdist_group("console log")

LOG = "/office/log"
MANY = 61  # more than a page


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """MANY had a release that is out, three of them as an advance copy before; a second one waits."""
    people = "".join(f"r{n:02}@example.{('org', 'eu')[n % 2]},Quill Gazette\n" for n in range(MANY - 3))
    wires = [f"wire{n}@example.com" for n in range(3)]
    with furnished(tmp_path_factory.mktemp("house"), agencies=wires) as here:
        (here.folder / "lists" / "trade.csv").write_text(f"email,outlet\n{people}")
        yield here


@pytest.fixture(scope="module")
def built(house: House) -> Iterator[System]:
    with house.system() as built:
        house.sync(built)
        house.add(built, embargo="2030-03-04 12:00 UTC", advance=("agencies=-1h",))
        house.approve(built)
        tick(built)
        for minutes in (121, 60):
            house.clock.move(minutes=minutes)
            tick(built)
            asyncio.run(send_due(built))
            tick(built)
        officer(built)
        officer(built, "opal", [Role.OPERATOR])
        yield built


@pytest.fixture(scope="module")
def ada(built: System) -> Desk:
    return signed_in(built)


def shown(page: str) -> list[tuple[str, str]]:
    """(address, number of the mail) of each row."""
    to, mail = r'<td class="word">([\w.@]+)</td>\s*', r'<td class="word"><a href="/office/log/mails/(\d+)"'
    return re.findall(to + mail, page)


def all_pages(desk: Desk, query: str = "") -> list[tuple[str, str]]:
    found, onward = [], f"{LOG}?{query}"
    while onward:
        page = desk.look(onward)
        found += shown(page)
        links = re.findall(r'href="(/office/log\?[^"]*after=[^"]*)">Older', page)
        onward = links[0].replace("&amp;", "&") if links else ""
    return found


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", MANY + 3),
        (f"release={REFERENCE}", MANY + 3),
        ("state=sent", MANY),
        ("state=cancelled", 3),
        ("contact=wire1@EXAMPLE.com", 2),
        ("contact=wire1@example.com&state=cancelled", 1),
        ("outlet=quill+gazette", MANY - 3),
        ("since=2030-03-04&until=2030-03-04", MANY + 3),
        ("since=2030-03-05", 0),
        ("until=2030-03-03", 0),
    ],
)
def test_everything_that_fits_stands_on_one_page_each(ada: Desk, query: str, number: int) -> None:
    found = all_pages(ada, query)
    assert len(found) == len(set(found)) == number


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("release=2030-9999", "no release has"),
        ("contact=nobody", "not an e-mail address"),
        ("outlet=Unknown", "no contact works for"),
        ("since=yesterday", "is no day"),
    ],
)
def test_what_cannot_be_asked_is_said(ada: Desk, query: str, said: str) -> None:
    assert said in ada.look(f"{LOG}?{query}", code=409).lower()


@pytest.mark.parametrize("after", ["x", "1", "-", "9999999-99999999", "0-0", "1-%C2%B2"])
def test_a_key_of_nobody_is_a_page(ada: Desk, after: str) -> None:
    ada.look(f"{LOG}?after={after}")


def test_one_mail_tells_its_whole_conversation(ada: Desk) -> None:
    [(_, number)] = [row for row in shown(ada.look(f"{LOG}?contact=wire1@example.com&state=sent")) if row]
    page = ada.look(f"{LOG}/mails/{number}")
    for words in ("intent · attempt 1", "answer · attempt 1", "250", "kept as", "Message-ID", "bytes <code>"):
        assert words in page
    assert "Advance copy" in page
    for wrong in ("0", "x", "99999999999999999999"):
        ada.look(f"{LOG}/mails/{wrong}", code=404)


@pytest.mark.parametrize(
    ("words", "id"),
    [
        ("2.0.0 Ok: queued as 4XyZ12abC", "4XyZ12abC"),
        ("OK id=1rAbCd-0001xy-Gh", "1rAbCd-0001xy-Gh"),
        ("2.0.0 x1AB23cd004567 Message accepted for delivery", "x1AB23cd004567"),
        ("kept", None),
        (None, None),
    ],
)
def test_a_relay_says_its_queue_id(words: str | None, id: str | None) -> None:
    assert queue_id(words) == id


def test_a_release_has_plots_with_their_tables(ada: Desk) -> None:
    page = ada.look(f"{LOG}/releases/{REFERENCE}")
    assert page.count('<svg class="curve"') == 2
    assert page.count("<polyline") == 2
    assert re.findall(r'<td class="word">(example\.\w+)</td>', page) == [
        *("example.com", "example.eu", "example.org"),
    ]
    assert 'style="' not in page
    assert "opened" in page
    ada.look(f"{LOG}/releases/none", code=404)


def test_no_word_of_the_text(built: System) -> None:
    """Who may see the log need not be allowed to read texts."""
    opal = Desk(built)
    opal.sign_in("opal")
    for page in (LOG, f"{LOG}/events", f"{LOG}/releases/{REFERENCE}", f"{LOG}/export"):
        told = opal.look(page)
        assert HEADLINE not in told
        assert f'href="/office/releases/{REFERENCE}"' not in told


def test_what_was_done_goes_back_by_key(ada: Desk, built: System) -> None:
    page = ada.look(f"{LOG}/events")
    kinds = re.findall(r"<strong>([\w ]+)</strong>", page)
    assert {"approved", "opened", "lists synced"} <= set(kinds)
    assert "sealed" not in kinds
    with built.store.read() as connection:
        last = connection.exec_driver_sql("SELECT max(id) FROM log WHERE kind = 'approved'").scalar()
    older = ada.look(f"{LOG}/events?before={last}")
    assert "approved" not in re.findall(r"<strong>([\w ]+)</strong>", older)
    assert "lists synced" in older


def test_the_log_as_a_file(ada: Desk, built: System, monkeypatch: pytest.MonkeyPatch) -> None:
    with built.store.write() as connection:
        connection.exec_driver_sql("UPDATE delivery SET language = '=1+1' WHERE address LIKE 'r01%'")
    monkeypatch.setattr("distributor.web.office.log._EXPORTED", 7)
    answer = ada.get(f"{LOG}/export?release={REFERENCE}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text[0] == "\ufeff"
    lines = list(csv.DictReader(io.StringIO(answer.text[1:])))
    assert len(lines) == MANY + 3
    assert {line["language"] for line in lines} == {"en", "'=1+1"}
    told = ada.get(f"{LOG}/export?state=sent&form=json").json()
    assert len(told) == MANY
    assert all(one["attempts"][0]["code"] == 250 for one in told)
    assert ada.get(f"{LOG}/export?since=2031-01-01&form=json").json() == []


def test_the_log_is_proven_by_a_button(ada: Desk, built: System) -> None:
    assert "not proven since" in ada.look(f"{LOG}/verify")
    assert ada.say(f"{LOG}/verify").status_code == 303
    until(lambda: "being proven" not in ada.look(f"{LOG}/verify"))
    assert "The log is as it was written" in ada.look(f"{LOG}/verify")


PAGES = (
    *(LOG, f"{LOG}?state=rejected", f"{LOG}?contact=r01@example.eu", f"{LOG}?outlet=Quill+Gazette"),
    *(f"{LOG}?since=2030-03-01", f"{LOG}?release={REFERENCE}", f"{LOG}/events"),
    *(f"{LOG}/releases/{REFERENCE}", f"{LOG}/mails/1", "/office/contacts/1", "/office/lists/trade"),
)
#: Mailouts and releases are read in the order of an index, so many of them; deliveries and log rows are not.
GROWING = re.compile(r"SCAN ((delivery|log)\b|(mailout|release|revision|version)\b(?! USING))")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_goes_through_all_there_is(ada: Desk, built: System, path: str) -> None:
    """By SQLite's own plans: what grows with the years is reached by an index."""
    asked: list[tuple[str, Any]] = []

    def note(_connection, _cursor, statement, parameters, _context, _many) -> None:
        asked.append((statement, parameters))

    event.listen(built.store.engine, "before_cursor_execute", note)
    try:
        ada.look(path)
    finally:
        event.remove(built.store.engine, "before_cursor_execute", note)
    with built.store.read() as connection:
        for statement, parameters in asked:
            if statement.startswith(("SELECT", "WITH")):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                found = [row[3] for row in plan if GROWING.search(row[3])]
                assert found == [], (statement, found)


def test_a_page_looks_at_so_much_and_says_so(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """On both databases: of what is rare a page shows what it found, and where it goes on."""
    monkeypatch.setattr(mails, "WINDOW", 2)
    world = World(store)
    release = world.release(reference="2030-0001")
    ids = []
    for n in range(5):
        ids.append(world.mailout(release, kind="hold"))
        world.deliver(ids[-1], [recipient(f"r{n}@example.org"), recipient("all@example.org")], strangers=True)
    asked = mails.Asked(PUBLISHER, state="rejected")
    with store.write() as connection:
        rare = update(rows.delivery).where(rows.delivery.c.address_key == "r0@example.org")
        connection.execute(rare.values(state="rejected"))
        found, after, looks = [], "", 0
        while looks == 0 or after:
            leaf = mails.page(connection, asked, after=after, limit=1)
            found, after, looks = found + leaf.rows, leaf.onward, looks + 1
            assert leaf.back_to is None or leaf.back_to <= NOW
        everybody = mails.page(connection, mails.Asked(PUBLISHER), limit=3)
        hers = mails.page(connection, mails.Asked(PUBLISHER, keys=["all@example.org"]), limit=10)
    assert [row["address"] for row in found] == ["r0@example.org"]
    assert looks == 3
    assert [row["mailout_id"] for row in everybody.rows] == [ids[4], ids[4], ids[3]]
    assert [row["mailout_id"] for row in hers.rows] == ids[::-1]
