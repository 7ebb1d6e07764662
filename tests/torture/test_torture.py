"""The tortures run, in small, and find what they are for: a promise that is broken is told.

`./dev torture NAME` is the whole of it; docs/reliability.md has the figures.

Planted by hand and seen: `recover` that puts back without naming (second copies that nobody listed, a broken
log); a lost answer after the dot taken for “hand back” (the row of the dot); a relay whose slowest connection
is waited for before any is used (others waited).
"""

import asyncio
import random
from contextlib import closing

import pytest

from tests.house import people
from tests.torture import (
    crowding,
    deaths,
    faults,
    ledgerdays,
    paper,
    points,
    relaydays,
    stopping,
)
from tests.torture.cells import STATES, cells
from tests.torture.faulty import FAULTS, STEPS
from tests.torture.office import Office
from tests.torture.relaydays import Drip
from tests.torture.web import free_place

FEW = people(24)

#: Dies at the dot, and whoever looks after it dies too.
EDGE = "after the commit: doubt is named by “send-due”"
CELLS = (
    "banner hanging, once",  # the other connections do not wait for it
    "auth 5xx, always",  # held, and nobody is rejected
    "rcpt 5xx, once",
    "data reset, once, one by one",
    "dot hanging, once",
    "dot early, once",
    "dot refused, always",
)


@pytest.fixture
def office(tmp_path, database_url):
    made = Office(tmp_path / "office", FEW, connections=4, database_url=database_url)
    yield made
    made.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_death_at_an_edge(office):
    [case] = [case for case in points.cases() if case.name == EDGE]
    count = deaths.at_edges(office, case)
    assert count.died
    assert count.problems == []


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_death_at_random(office):
    assert deaths.at_random(office, random.Random(5)).problems == []


def test_the_edges_have_names_of_their_own():
    names = [case.name for case in points.cases()] + [stop.name for stop in stopping.cases()]
    assert len(names) == len(set(names)) > 50


def test_a_relay_that_says_later():
    """Four minutes have room for 24 tries, one in ten seconds."""
    day = relaydays.later("banner", recipients=12, minutes=4)
    assert day.problems == []
    assert day.facts["tries_while_closed"] <= 24


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_relay_most_of_whose_connections_drip(office):
    drip = Drip(connections=4, slow=2, seconds=0.05, pace=0.0, window=0.2)
    lost = [words for words in relaydays.dripping(office, drip).problems if "rate" not in words]
    assert lost == []  # how much of the rate is left, the whole torture measures


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_files_that_may_not_grow(office):
    assert ledgerdays.narrow(office, random.Random(1)).problems == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_rivals_on_one_mailout(office):
    assert crowding.workers(office, 3).problems == []
    assert crowding.at_once(office, 4).problems == []


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_held_and_left_while_it_goes_out(tmp_path, database_url):
    made = Office(tmp_path / "office", people(60), 4, database_url, free_place())
    with closing(made):
        day = crowding.stops(made, times=2, chance=random.Random(1), senders=1)
    assert day.problems == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_broken_promise_is_told(office):
    """What the relay has twice and no list named before is found; so is who never got it."""
    with office.release() as release:
        release.finish()
        lines = release.log.read_text().splitlines()
        accepted = [number for number, line in enumerate(lines) if '"accepted"' in line]
        twice, lost = lines[accepted[0]], accepted[1]
        release.log.write_text("\n".join([*lines[:lost], *lines[lost + 1 :], twice]) + "\n")
        found = deaths.reckon(release, case="", listed=release.doubted(), first=None, died=True, deaths=1)
    assert (found.lost, found.unlisted) == (1, 1)
    assert len(found.problems) == 3  # lost, unnamed, and called sent although the relay never had it


def test_cells_of_the_fault_table():
    chosen = [cell for cell in cells() if str(cell) in CELLS]
    assert len(chosen) == len(CELLS)
    found = asyncio.run(faults.play_all(chosen, patience=3.0))
    assert {str(result.cell): result.problems for result in found if result.problems} == {}


def test_every_cell_has_its_class():
    assert len(STEPS) == 13
    assert len(FAULTS) == 12
    assert {cell.expected for cell in cells()} == set(STATES.values())


def test_the_tables_of_the_paper_are_those_of_the_figures():
    text = paper.PAPER.read_text("utf-8")
    assert paper.filled(text) == text
