"""Answers that are given again for a second: what several officers look at is asked once; what was done
shows.

Planted once by hand and caught: an answer that outlives a second of either clock, a row of the office's log
by another process, a transaction of this one; an error that is kept; two at once who both ask; a page that is
kept for all roles.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, update

from distributor.errors import Refused
from distributor.model.officer import Role
from distributor.office import officers, stop
from distributor.store import rows
from distributor.store.clock import Machine
from distributor.store.database import Store, open_store
from distributor.system import System
from distributor.web.recent import Recent
from tests.house import NOW, REFERENCE, House, tick
from tests.web.desk import hired, set_password, signed_in

PAGES = (
    "/office",
    "/office/releases",
    f"/office/releases/{REFERENCE}",
    f"/office/releases/{REFERENCE}/hold",
    f"/office/log/releases/{REFERENCE}",
    "/office/log",
    "/office/lists",
    "/office/lists/trade",
)


class Time:
    """How long the machine has been up: it goes on when a test says so."""

    up = 0.0

    def __call__(self) -> timedelta:
        return timedelta(seconds=self.up)


def asked(recent: Recent, answers: list[str], *, stamp: object = 0, after: float = 0.0) -> str:
    """What is told to one who asks so many seconds after NOW."""
    now = NOW + timedelta(seconds=after)
    return recent.ask("how many", lambda: answers.pop(0), stamp=stamp, now=now)


def test_an_answer_is_given_again_for_a_second_of_both_clocks() -> None:
    time, answers = Time(), ["one", "two", "three", "four"]
    recent = Recent(up=time)
    assert asked(recent, answers) == "one"
    time.up = 0.9
    assert asked(recent, answers, after=0.9) == "one"
    time.up = 1.1
    assert asked(recent, answers, after=0.9) == "two", "the clock on the wall was set back"
    assert asked(recent, answers, after=3600) == "three", "it was set ahead"
    assert asked(recent, answers, stamp=1, after=3600) == "four", "something was done"


@pytest.mark.parametrize(("took", "good"), [(0.5, 5.0), (3.0, 10.0)])
def test_what_takes_long_is_good_for_ten_times_as_long_and_ten_seconds_at_most(
    took: float, good: float
) -> None:
    time, answers = Time(), ["one", "two"]

    def slowly() -> str:
        time.up += took
        return answers.pop(0)

    recent = Recent(up=time)
    asked = [recent.ask("how many", slowly, stamp=0, now=NOW)]
    for up in (good - 0.1, good + 0.1):
        time.up = up
        asked.append(recent.ask("how many", slowly, stamp=0, now=NOW))
    assert asked == ["one", "one", "two"]


def test_another_question_has_its_own_answer() -> None:
    recent = Recent(up=Time())
    assert recent.ask(("press", "today"), lambda: "press", stamp=0, now=NOW) == "press"
    assert recent.ask(("green", "today"), lambda: "green", stamp=0, now=NOW) == "green"


def test_old_answers_are_not_kept() -> None:
    time = Time()
    recent = Recent(up=time)
    for number in range(100):
        time.up += 0.5
        recent.ask(number, lambda: "long", stamp=0, now=NOW)
    assert len(recent._answers) <= 3


def test_an_error_is_told_to_who_asked_and_is_not_kept() -> None:
    def refuse() -> str:
        raise Refused("no")

    recent = Recent(up=Time())
    with pytest.raises(Refused):
        recent.ask("how many", refuse, stamp=0, now=NOW)
    assert asked(recent, ["one"]) == "one"


def test_of_several_at_once_one_asks() -> None:
    begun, go, answers = threading.Event(), threading.Event(), ["one", "two"]

    def slowly() -> str:
        begun.set()
        go.wait()
        return answers.pop(0)

    recent = Recent(up=Time())
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(recent.ask, "how many", slowly, stamp=0, now=NOW)
        begun.wait()
        second = threads.submit(recent.ask, "how many", slowly, stamp=0, now=NOW)
        go.set()
        assert [first.result(), second.result()] == ["one", "one"]


@pytest.fixture
def built(house: House) -> Iterator[System]:
    """A release goes out: its mailout is open, and no sender is at work."""
    with house.system() as built:
        house.sync(built)
        house.add(built)
        house.approve(built)
        tick(built)
        still = replace(built, machine=Machine(up=Time()))
        vars(still)["renderer"] = built.renderer  # read once for all tests
        yield still


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """What is asked of the database within the block."""
    found: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def elsewhere(built: System) -> Store:
    """The same database, opened by another process."""
    return open_store(str(built.store.engine.url))


def test_a_second_officer_is_shown_what_the_first_one_was(built: System) -> None:
    """Her session is looked for, and nothing else; what she may do is her own."""
    ada, bea = hired(built), hired(built, "bea", [Role.READER])
    for page in PAGES:
        ada.look(page)
        with statements(built.store.engine) as found:
            bea.get(page)
            ada.look(page)
        assert len(found) == 2, (page, found)
        assert all("session" in statement for statement in found)


def test_what_another_process_did_shows_at_once(built: System) -> None:
    ada = hired(built)
    assert "for the minister" not in ada.look("/office")
    with closing(elsewhere(built)) as store:
        said: dict[str, Any] = {"actor": "cleo", "now": built.now(), "reference": REFERENCE, "house": None}
        stop.hold(store, publisher_id=built.publisher.id, reason="for the minister", **said)
    assert "for the minister" in ada.look("/office")


def test_what_a_sender_did_shows_after_a_second(house: House, built: System) -> None:
    """Until then the page says of when it is."""
    ada, page = hired(built), f"/office/releases/{REFERENCE}"
    before = ada.look(page)
    assert "As it was Mon 4 Mar 2030 10:00 Brussels." in before
    with closing(elsewhere(built)) as store, store.write() as connection:
        connection.execute(update(rows.delivery).values(state="sent", batch_id=None))
    assert ada.look(page) == before
    house.clock.move(seconds=2)
    assert '<dd data-group="accepted">3</dd>' in ada.look(page)


def test_what_this_process_did_shows_at_once(built: System) -> None:
    ada, page = hired(built), f"/office/releases/{REFERENCE}"
    ada.look(page)
    with built.store.write() as connection:
        connection.execute(update(rows.delivery).values(state="sent", batch_id=None))
    assert '<dd data-group="accepted">3</dd>' in ada.look(page)


def test_a_page_that_was_made_for_another_has_her_own_name_and_form(built: System) -> None:
    said: dict[str, Any] = {"now": built.now(), "publisher_id": built.publisher.id}
    ada = hired(built)
    officers.add(built.store, actor="test", name="bea", roles=frozenset(Role), display="Bea <b>", **said)
    set_password(built, "bea")
    bea = signed_in(built, "bea")
    for page in PAGES:
        first, second = ada.look(page), bea.look(page)
        assert ("Bea &lt;b&gt;" in first, "Bea &lt;b&gt;" in second) == (False, True), page
        assert ada._form != bea._form, page
        assert first.replace(ada._form, bea._form).replace(">ada<", ">Bea &lt;b&gt;<") == second, page
    bea.look(f"/office/releases/{REFERENCE}/hold")
    assert bea.say(f"/office/releases/{REFERENCE}/hold", reason="wait").status_code == 303


def test_other_roles_are_shown_another_page(built: System) -> None:
    ada, rory = hired(built), hired(built, "rory", [Role.READER])
    page = f"/office/releases/{REFERENCE}"
    assert f"{page}/hold" in ada.look(page)
    assert f"{page}/hold" not in rory.look(page)
    assert f"{page}/hold" in ada.look(page)
    assert rory.get(f"{page}/hold").status_code == 403
