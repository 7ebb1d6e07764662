"""An officer of two publishers: signs in once, is at work for one of them at a time, with its roles there.

Planted once by hand and caught: the switch without its form's token; a form's token of the session alone, so
that a page from before the switch withdraws the other's release; roles of the first publisher everywhere; the
switch to a publisher of which she is no officer; guesses of her password counted by publisher; answers of the
store that are given again whoever the publisher is (`web.recent`).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from distributor.errors import Refused
from distributor.model.officer import Role
from distributor.office import invite, officers
from distributor.store import releases
from distributor.web.office.today import _still
from distributor.web.visit import Place, Visit
from tests.house import REFERENCE
from tests.twohouses import Two, release, two
from tests.web.desk import PASSWORD, Desk, set_password

PAGE = f"/office/releases/{REFERENCE}"


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Two]:
    """Both have a release of the same reference; Cleo is an approver of one and a reader of the other."""
    with two(tmp_path) as found:
        for side in (found.press, found.green):
            release(found.house, side, embargo="2030-03-05 12:00 UTC")
        found.whole.plan()
        cleo(found)
        yield found


def cleo(found: Two) -> None:
    said = {"actor": "test", "now": found.whole.now(), "name": "cleo"}
    for side, role in ((found.press, Role.APPROVER), (found.green, Role.READER)):
        officers.add(found.whole.store, publisher_id=side.id, roles=[role], **said)
    set_password(found.press.system, "cleo")


def signed_in(found: Two, name: str = "cleo") -> Desk:
    desk = Desk(found.whole)
    assert desk.sign_in(name).status_code == 303
    return desk


def switch(desk: Desk, to: str) -> int:
    desk.look("/office/account")
    return desk.say("/office/publisher", publisher=to).status_code


def test_she_sees_one_at_a_time_with_her_roles_there(found: Two) -> None:
    desk = signed_in(found)
    assert "quokka" in desk.look(PAGE)
    assert "zyzzyva in" not in desk.look(PAGE)
    assert desk.get(f"{PAGE}/withdraw").status_code == 200
    assert switch(desk, "green") == 303
    assert "zyzzyva" in desk.look(PAGE)
    assert "quokka in" not in desk.look(PAGE)
    assert desk.get(f"{PAGE}/withdraw").status_code == 403
    assert switch(desk, "press") == 303
    assert desk.get(f"{PAGE}/withdraw").status_code == 200


def test_who_has_one_publisher_has_no_switch(found: Two) -> None:
    for side in (found.press, found.green):
        set_password(side.system, side.officer)
        desk = signed_in(found, side.officer)
        page = desk.look(PAGE)
        assert "/office/publisher" not in page
        for wanted in (*("green" if side is found.press else "press",), "nobody", ""):
            desk.look("/office/account")
            answer = desk.say("/office/publisher", publisher=wanted)
            assert (answer.status_code, "no such publisher" in answer.text) == (404, True), wanted
        assert desk.look(PAGE) == page


def test_the_switch_wants_a_form_of_ours(found: Two) -> None:
    desk = signed_in(found)
    for fields in ({}, {"form": "x" * 43}):
        assert desk.post("/office/publisher", data={"publisher": "green", **fields}).status_code == 403
    form = {"publisher": "green", "form": desk._form}
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert desk.post("/office/publisher", data=form, headers=headers).status_code == 403
    assert "quokka" in desk.look(PAGE)
    assert desk.get("/office/publisher?publisher=green").status_code in (404, 405)


def test_a_page_from_before_the_switch_does_nothing(found: Two) -> None:
    """Two tabs: the form of one publisher's release meets the other's of the same reference."""
    officers.set_roles(
        found.whole.store,
        actor="test",
        now=found.whole.now(),
        publisher_id="green",
        name="cleo",
        roles=[Role.APPROVER],
    )
    desk = signed_in(found)
    desk.look(f"{PAGE}/withdraw")
    stale = desk._form
    assert switch(desk, "green") == 303
    answer = desk.post(f"{PAGE}/withdraw", data={"form": stale})
    assert (answer.status_code, "too old" in answer.text) == (403, True)
    with found.whole.store.read() as connection:
        for side in (found.press, found.green):
            stands = releases.get(connection, publisher_id=side.id, reference=REFERENCE)
            assert stands.state == "open", side.id


def test_who_looks_at_the_same_address_at_the_other_is_not_told_what_was_told_here(found: Two) -> None:
    """Nothing is done between the two, so that each might be given the other's answer."""
    here, there = signed_in(found), signed_in(found)
    assert switch(there, "green") == 303
    for path in (PAGE, "/office", "/office/releases", f"/office/log/releases/{REFERENCE}"):
        ours, theirs = here.look(path), there.look(path)
        assert ("zyzzyva in" in ours, "quokka in" in theirs) == (False, False), path


def test_progress_ends_with_the_switch(found: Two) -> None:
    desk = signed_in(found)
    session = desk.cookies["session"]
    visit = Visit(Place(right=True, secure=False), session=session)
    assert _still(found.press.system, visit) is not None
    assert _still(found.green.system, visit) is None
    switch(desk, "green")
    assert _still(found.press.system, visit) is None
    assert _still(found.green.system, visit) is not None


def test_removed_at_one_she_goes_on_at_the_other(found: Two) -> None:
    desk = signed_in(found)
    said = {"actor": "test", "now": found.whole.now(), "name": "cleo"}
    officers.remove(found.whole.store, publisher_id="press", **said)
    page = desk.look(PAGE)
    assert "zyzzyva" in page
    assert "/office/publisher" not in page
    assert signed_in(found).get(PAGE).status_code == 200
    officers.remove(found.whole.store, publisher_id="green", **said)
    assert desk.get(PAGE).status_code == 303
    assert Desk(found.whole).sign_in("cleo").status_code == 403


def test_a_link_of_either_publisher_sets_her_one_password(found: Two) -> None:
    said = {"actor": "cli:root", "now": found.whole.now(), "name": "cleo"}
    link = invite.invite(found.whole.store, publisher_id="green", **said)
    older = signed_in(found)
    desk = Desk(found.whole)
    desk.look(f"/office/join/{link.token}")
    words = {"password": f"{PASSWORD} now", "again": f"{PASSWORD} now"}
    assert desk.say(f"/office/join/{link.token}", **words).status_code == 303
    assert "zyzzyva" in desk.look(PAGE)  # where the link came from
    assert older.get(PAGE).status_code == 303
    assert Desk(found.whole).sign_in("cleo").status_code == 403
    assert Desk(found.whole).sign_in("cleo", f"{PASSWORD} now").status_code == 303


def test_an_officer_of_one_sets_no_password_of_the_other(found: Two) -> None:
    """Who invites Cleo at one publisher could sign in as her at the other."""
    said = {"now": found.whole.now(), "name": "cleo"}
    for side in (found.press, found.green):
        with pytest.raises(Refused, match="another publisher, too"):
            invite.invite(found.whole.store, actor=side.officer, publisher_id=side.id, **said)
    own = {"actor": "test", "now": found.whole.now(), "publisher_id": "green"}
    officers.add(found.whole.store, name=found.press.officer, roles=[Role.READER], **own)
    with pytest.raises(Refused, match="another publisher, too"):
        invite.invite(found.whole.store, actor=found.press.officer, publisher_id="press", **said)
    officers.set_roles(found.whole.store, name=found.press.officer, roles=[Role.OPERATOR], **own)
    assert invite.invite(found.whole.store, actor=found.press.officer, publisher_id="press", **said).token


def test_several_publishers_are_no_more_guesses_of_her_password(found: Two) -> None:
    """In a browser left alone: the wait goes with her, as it does at the sign-in."""
    desk = signed_in(found)
    said = [desk.say("/office/account/no-code", old=f"guess {n}").text for n in range(5)]
    assert switch(desk, "green") == 303
    desk.look("/office/account")
    said += [desk.say("/office/account/no-code", old="guess 5").text]
    assert ["not your password" in text for text in said] == [True] * 5 + [False]
    assert "too many attempts" in said[-1]
