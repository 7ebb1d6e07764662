"""Add people to a release and leave one out, in the console: said first, bound by approval, sent so.

Planted once by hand and caught: a next revision that forgets whom an officer left out; `people` that the hash
does not bind.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from distributor.errors import Refused
from distributor.model.officer import Role
from distributor.office.proof import bound
from distributor.store import releases
from distributor.store.views.releases import shown
from distributor.system import System
from distributor.worker import send_due
from tests.house import REFERENCE, House, furnished, mailouts, states, tick
from tests.web.desk import officer, signed_in

PAGE = f"/office/releases/{REFERENCE}"
AUDIENCE = f"{PAGE}/audience"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Two on the list that trade follows; Cem and Dea on one that follows nothing of it; Dea is silent."""
    with furnished(tmp_path, trade=["ada@example.org", "bea@example.com"]) as here:
        (tmp_path / "lists" / "rest.toml").write_text('title = "Rest"\ntopics = []\n')
        (tmp_path / "lists" / "rest.csv").write_text("email\ncem@example.org\ndea@example.org\n")
        yield here


@pytest.fixture
def built(house: House) -> Iterator[System]:
    with house.system() as built:
        house.sync(built)
        house.add(built, embargo="2030-03-05 12:00 UTC")
        with built.store.write() as connection:
            connection.exec_driver_sql("UPDATE contact SET standing = 'paused' WHERE address LIKE 'dea@%'")
        officer(built)
        yield built


BCC = (
    'Bcc: "Example, Cem" <cem@example.org>; ada@example.org, ADA@example.org; '
    "dea@example.org, who@example.org, nobody"
)


def test_a_bcc_line_is_sorted_and_the_known_are_added(built: System) -> None:
    ada = signed_in(built)
    ada.look(AUDIENCE)
    before = len(release(built).revisions)
    page = ada.say(f"{AUDIENCE}/look", addresses=BCC).text
    assert page.count('name="address"') == 1
    assert 'value="cem@example.org" checked' in page
    for told in ("1 get it already", "1 stand there more than once", "1 unknown", "1 must not be mailed"):
        assert told in page
    assert "dea@example.org: paused" in page
    assert "“nobody” is not an e-mail address" in page
    assert len(release(built).revisions) == before, "looking adds nobody"
    assert ada.say(f"{AUDIENCE}/add", address="cem@example.org").headers["location"] == AUDIENCE
    page = ada.look(AUDIENCE)
    assert "added by ada" in page
    assert "3 get it" in page
    assert "This is of revision 2, which waits for approval" in page


def test_more_than_it_looks_at_is_said(built: System) -> None:
    ada = signed_in(built)
    ada.look(AUDIENCE)
    many = ";".join(f"who{n}@example.org" for n in range(1002))
    page = ada.say(f"{AUDIENCE}/look", addresses=many).text
    assert "1,000 read; the last 2 are not" in page
    assert "1,000 unknown" in page


def release(built: System):
    with built.store.read() as connection:
        return releases.get(connection, publisher_id=built.publisher.id, reference=REFERENCE)


def test_who_is_left_out_does_not_get_it(built: System, house: House) -> None:
    """Nor after a next revision of the text; what was approved before is another audience."""
    ada = signed_in(built)
    hash = ada.look(f"{PAGE}/approve").split('name="seen" value="')[1][:64]
    ada.look(AUDIENCE)
    ada.say(f"{AUDIENCE}/leave-out", address="bea@example.com")
    page = ada.look(AUDIENCE)
    assert "left out of this release by ada" in page
    assert "Take back" in page
    with pytest.raises(Refused, match="it changed since it was shown"):
        house.approve(built, seen=hash)
    text = (house.folder / "release.md").read_text()
    house.document(text.replace("eleven", "twelve"))
    house.add(built, embargo="2030-03-05 12:00 UTC")
    with built.store.read() as connection:
        document = shown(connection, release(built), zone="UTC", hash=None)
    assert document["people"] == [{"address": "bea@example.com", "by": "ada", "gets": False}]
    found = release(built)
    as_before = replace(found.latest, sending=replace(found.latest.sending, people=()))
    assert bound(found, found.latest, {}) != bound(found, as_before, {})
    house.approve(built)
    house.clock.move(hours=27)
    tick(built)
    asyncio.run(send_due(built))
    assert states(built) == {"ada@example.org": "sent"}


def test_a_change_after_approval_waits_for_another(built: System, house: House) -> None:
    """Taken back, added, and approved anew: until then the old one stays in force."""
    house.approve(built)
    built.plan()
    ada = signed_in(built)
    ada.look(AUDIENCE)
    ada.say(f"{AUDIENCE}/leave-out", address="bea@example.com")
    assert "Revision 2 waits for approval; revision 1 goes" in ada.look(PAGE)
    ada.look(AUDIENCE)
    ada.say(f"{AUDIENCE}/add", address="bea@example.com")
    answer = ada.say(f"{AUDIENCE}/add", address="bea@example.com")
    assert (answer.status_code, "said of all of them already" in answer.text) == (409, True)
    assert "2 get it" in ada.look(AUDIENCE)
    assert [one.gets for one in release(built).latest.sending.people] == [True]
    house.approve(built)
    assert release(built).in_force.number == 3


def test_once_it_has_begun_it_is_a_copy(built: System, house: House) -> None:
    house.approve(built)
    house.clock.move(hours=27)
    tick(built)
    ada = signed_in(built)
    page = ada.look(AUDIENCE)
    assert "Leave out" not in page
    page = ada.say(f"{AUDIENCE}/look", addresses="cem@example.org")
    assert "1 have it already" not in page.text, "nobody has it yet"
    assert "Send it to them now" in page.text
    answer = ada.say(f"{AUDIENCE}/copy", address=["cem@example.org"])
    assert answer.headers["location"] == AUDIENCE, answer.text
    assert mailouts(built)["release"] == "sending"
    assert states(built)["cem@example.org"] == "queued"
    answer = ada.say(f"{AUDIENCE}/add", address="cem@example.org")
    assert "its text has begun to go out" in answer.text.lower()
    assert (
        "dea@example.org: nothing is sent to it"
        in ada.say(f"{AUDIENCE}/copy", address="dea@example.org").text.lower()
    )


def test_a_reader_only_looks(built: System) -> None:
    officer(built, "dea", [Role.READER])
    dea = signed_in(built, "dea")
    page = dea.look(AUDIENCE)
    assert "Leave out" not in page
    assert 'name="addresses"' not in page
    for way in ("add", "leave-out", "copy"):
        assert dea.say(f"{AUDIENCE}/{way}", address="bea@example.com").status_code == 403
