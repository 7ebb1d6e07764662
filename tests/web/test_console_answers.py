"""What needs a person is answered by buttons on Today: doubt, copies, clocks, what is held, whom to phone.

Planted once by hand and caught: an answer of `todo` without a page (to lift, whom to phone).
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from distributor.model.officer import Role
from distributor.store import installation, jumps, officers, rows
from distributor.system import System
from distributor.web.office.answers import answers
from distributor.web.visit import Place, Visit
from tests.house import HEADLINE, REFERENCE, House, states
from tests.web.desk import officer, signed_in

pytestmark = pytest.mark.xdist_group("console answers")

PAGE = f"/office/releases/{REFERENCE}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A release that is going out; three of its five may have gone unseen."""
    house = House(tmp_path_factory.mktemp("house"))
    house.configure()
    house.furnish(trade=[f"r{n}@example.org" for n in range(5)])
    with closing(house), house.system() as built:
        house.release(built)
        with built.store.write() as connection:  # what a death leaves
            connection.exec_driver_sql(
                "UPDATE delivery SET state = 'doubtful', batch_id = NULL WHERE address < 'r3'"
            )
        officer(built)
        for role in (Role.READER, Role.OPERATOR):
            officer(built, role.value, [role])
        yield built


def log(built: System) -> list[tuple[str, str]]:
    with built.store.read() as connection:
        found = connection.execute(select(rows.log.c.kind, rows.log.c.actor).order_by(rows.log.c.id))
        return [(row.kind, row.actor) for row in found]


def test_doubt_is_answered_for_one_and_for_all(built: System) -> None:
    ada, doubt = signed_in(built), f"{PAGE}/doubt"
    with built.store.write() as connection:  # the rule sends nothing of it again
        connection.exec_driver_sql("UPDATE mailout SET state = 'cancelled'")
    assert f'href="{doubt}"' in ada.look("/office")
    assert "Send it again" not in ada.look(doubt), "its sending is over"
    with built.store.write() as connection:
        connection.exec_driver_sql("UPDATE mailout SET state = 'sending'")
    page = ada.look(doubt)
    assert "all 3" in page
    assert HEADLINE not in page
    assert ada.say(f"{doubt}/settle", address="r0@example.org").status_code == 409, "what became of it?"
    assert ada.say(f"{doubt}/settle", address="r0@example.org", outcome="sent").status_code == 303
    assert ada.say(f"{doubt}/settle", address="r1@example.org", outcome="cancelled").status_code == 303
    assert ada.say(f"{doubt}/resend").status_code == 303
    found = states(built)
    assert [found[f"r{n}@example.org"] for n in range(3)] == ["sent", "cancelled", "queued"]
    assert "Nothing of it is in doubt" in ada.look(doubt)
    assert ada.say(f"{doubt}/resend").status_code == 404


def test_a_reader_sees_doubt_and_has_no_button(built: System) -> None:
    dea = signed_in(built, "reader")
    assert "/doubt/resend" not in dea.look(f"{PAGE}/doubt")
    assert dea.say(f"{PAGE}/doubt/resend").status_code == 403


def test_an_operator_says_that_this_one_sends(built: System) -> None:
    with built.store.write() as connection:  # as `db backup` marks its copy
        connection.execute(insert(rows.installation).values(name="copy", value="this is a backup"))
    assert "for an officer who is operator" in signed_in(built, "reader").look("/office")
    oda = signed_in(built, "operator")
    assert 'href="/office/copy"' in oda.look("/office")
    assert "this is a backup" in oda.look("/office/copy")
    assert oda.say("/office/copy").headers["location"] == "/office"
    with built.store.read() as connection:
        assert installation.copied(connection) is None
    assert log(built)[-1] == ("copy_confirmed", "operator")
    assert "Nobody asks" in oda.look("/office/copy")
    oda.say("/office/copy")
    assert log(built)[-1] == ("copy_confirmed", "operator"), "once"
    assert log(built).count(("copy_confirmed", "operator")) == 1


def test_an_operator_says_that_the_clock_is_right(built: System) -> None:
    with built.store.write() as connection:
        jumps.lock(connection)
        ahead = timedelta(hours=3)
        jumps.add(connection, at=built.now(), shift=ahead, ahead=ahead, boot="first")
    oda = signed_in(built, "operator")
    assert 'href="/office/clock"' in oda.look("/office")
    assert "The clock went ahead" in oda.look("/office/clock")
    oda.say("/office/clock")
    with built.store.read() as connection:
        assert jumps.unconfirmed(connection) is None
    assert "Nobody asks" in oda.look("/office/clock")


def test_what_is_held_goes_on_or_is_cancelled(built: System) -> None:
    ada = signed_in(built)
    ada.look(f"{PAGE}/hold")
    ada.say(f"{PAGE}/hold", reason="wait", quiet="yes")
    page = ada.look("/office")
    assert f'href="{PAGE}/resume"' in page
    assert f'href="{PAGE}/cancel"' in page
    ada.look(f"{PAGE}/resume")
    ada.say(f"{PAGE}/resume")


def test_whom_no_mail_has_reached(built: System) -> None:
    """Stands last: a notice is made up."""
    with built.store.write() as connection:
        connection.exec_driver_sql("UPDATE mailout SET kind = 'hold'")
        connection.exec_driver_sql("UPDATE delivery SET state = 'rejected' WHERE address LIKE 'r4%'")
    ada = signed_in(built)
    assert f'href="{PAGE}/unreached"' in ada.look("/office")
    assert "1 to phone" in ada.look(PAGE)
    page = ada.look(f"{PAGE}/unreached")
    assert "r4@example.org" in page
    assert HEADLINE not in page
    dea = signed_in(built, "reader")
    assert "Told by phone" not in dea.look(f"{PAGE}/unreached")
    assert dea.say(f"{PAGE}/unreached", address="r4@example.org").status_code == 403
    ada.look(f"{PAGE}/unreached")
    assert ada.say(f"{PAGE}/unreached").status_code == 409, "nobody was named"
    assert ada.say(f"{PAGE}/unreached", address="r4@example.org", note="Her desk.").status_code == 303
    page = ada.look(f"{PAGE}/unreached")
    assert "All of them were told by phone" in page
    assert "Her desk." in page
    assert f"{PAGE}/unreached" not in ada.look("/office") + ada.look(PAGE)


@pytest.mark.parametrize(
    ("answer", "page"),
    [
        ("release add FILE --reference r-1 --topics TOPIC", "/office/new/r-1"),
        ("release approve r-1 --seen 0123 --as OFFICER", "/office/releases/r-1/approve"),
        ("release correct r-1 --minor --as OFFICER", "/office/releases/r-1/correct"),
        ('release embargo r-1 "2030-03-05 12:00 UTC" --as OFFICER', "/office/releases/r-1/embargo"),
        ("release lift r-1 --as OFFICER", "/office/releases/r-1/lift"),
        ("release resume r-1", "/office/releases/r-1/resume"),
        ("release unreached r-1", "/office/releases/r-1/unreached"),
        ("doubt settle r-1 --cancelled", "/office/releases/r-1/doubt"),
        ("log r-1", "/office/log/releases/r-1"),
        ("check --confirm-copy", "/office/copy"),
        ("check --confirm-clock", "/office/clock"),
        ("check", None),  # the machine's: relays, the disk
        ("send-due", None),  # a service that is not running
    ],
)
def test_each_answer_of_todo_has_a_page(built: System, answer: str, page: str | None) -> None:
    with built.store.read() as connection:
        everybody = officers.everybody(connection, publisher_id=built.publisher.id)
    [ada] = [one for one in everybody if one.name == "ada"]
    visit = Visit(Place(right=True, secure=False), officer=ada)
    found: dict[str, Any] = answers(visit, {"answer": f"distributor {answer}", "reference": "r-1"})
    assert [button.page for button in found["buttons"]][:1] == ([page] if page else [])
    assert bool(found["command"]) == (page is None)
