"""The audience of a release in the console: who and why, who not and why; asked for, and a page at a time.

Planted once by hand and caught: a page that leaves out its last row.
"""

import re
from collections.abc import Iterator

import pytest

from distributor.model.officer import Role
from distributor.system import System
from tests.house import HEADLINE, REFERENCE, House, furnished, tick
from tests.web.desk import Desk, officer, signed_in

pytestmark = pytest.mark.xdist_group("console audience")

PAGE = f"/office/releases/{REFERENCE}/audience"
MANY = 61  # more than a page


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """MANY on the list that follows trade, one with embargo access, two with an outlet, one who is silent."""
    named = "ada@example.org,Ada Example,Quill Gazette\nbea@example.org,,Heron Times\n"
    people = "".join(f"r{n:02}@example.org,,\n" for n in range(MANY - 2))
    with furnished(tmp_path_factory.mktemp("house"), agencies=["early@example.com"]) as here:
        (here.folder / "lists" / "trade.csv").write_text(f"email,name,outlet\n{named}{people}")
        yield here


@pytest.fixture(scope="module")
def built(house: House) -> Iterator[System]:
    with house.system() as built:
        house.sync(built)
        house.add(built, embargo="2030-03-05 12:00 UTC", advance=("agencies=-26h",))
        with built.store.write() as connection:
            connection.exec_driver_sql("UPDATE contact SET standing = 'paused' WHERE address LIKE 'r00@%'")
        officer(built)
        officer(built, "cem", [Role.OPERATOR])
        yield built


@pytest.fixture(scope="module")
def ada(built: System) -> Desk:
    return signed_in(built)


def shown(page: str) -> list[str]:
    """The addresses in the table of those who get it."""
    inside = page.split('id="in"')[1].split('id="out"')[0]
    return re.findall(r"([\w.]+@[\w.]+)</td>", inside)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("find=ADA", ["ada@example.org"]),
        ("find=heron", ["bea@example.org"]),
        ("outlet=quill+g", ["ada@example.org"]),
        ("on=agencies", ["early@example.com"]),
        ("tier=agencies", ["early@example.com"]),
        ("tier=agencies&on=trade", []),
        ("language=fr", []),
        ("find=%3Cscript%3E", []),
    ],
)
def test_who_is_asked_for(ada: Desk, asked: str, found: list[str]) -> None:
    page = ada.look(f"{PAGE}?{asked}")
    assert shown(page) == found
    assert "<script>" not in page


def test_everybody_stands_on_one_page_and_one_side(ada: Desk) -> None:
    first, second = ada.look(PAGE), ada.look(f"{PAGE}?page=2")
    people = shown(first) + shown(second)
    assert len(people) == len(set(people)) == MANY
    assert "page 2 of 2" in second
    assert shown(ada.look(f"{PAGE}?page=99")) == shown(second)
    assert "list trade follows trade (covers trade/ports)" in first
    assert "advance copy for agencies" in first + second
    silent = first.split('id="out"')[1]
    assert "r00@example.org" not in people
    assert "r00@example.org" in silent
    assert "paused" in silent


def test_a_link_to_the_next_page_keeps_what_was_asked(ada: Desk) -> None:
    page = ada.look(f"{PAGE}?on=trade&find=example.org")
    [onward] = re.findall(r'href="\?([^"]*page=2)"', page)
    found = ada.look(f"{PAGE}?{onward.replace('&amp;', '&')}")
    assert len(shown(found)) == 10
    assert 'value="example.org"' in found


def test_no_word_of_the_text(built: System) -> None:
    """Whoever may see an audience need not be allowed to read texts."""
    cem = Desk(built)
    cem.sign_in("cem")
    page = cem.look(PAGE)
    assert "ada@example.org" in page
    assert HEADLINE not in page
    assert f'href="{PAGE.removesuffix("/audience")}"' not in page


def test_what_there_is_not(ada: Desk) -> None:
    assert "no such page" in ada.look(f"{PAGE}?page=second", code=404)
    ada.look("/office/releases/2030-9999/audience", code=404)


def test_once_it_is_taken_each_has_a_state(ada: Desk, built: System, house: House) -> None:
    """Stands last: it approves the release that the others look at."""
    house.approve(built)
    house.clock.move(hours=26, minutes=55)
    tick(built)
    ada.sign_in()  # a session is over by then
    page = ada.look(f"{PAGE}?find=ada")
    assert "queued" in page
    assert "Quill Gazette" in page
