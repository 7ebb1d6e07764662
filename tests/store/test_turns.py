"""Writers on SQLite stand in a line: in order, in the kernel, and never for the sake of the line alone.

Planted bugs, each caught here: a turn that is taken past those who wait; one that is kept after its end, or
after `kill -9` of who had it; a wait for it in the event loop.
"""

import asyncio
import fcntl
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from distributor.pipeline.group import Group
from distributor.pipeline.ledger import Ledger
from distributor.store import log, turns
from distributor.store.database import open_store
from distributor.store.turns import Turns
from tests.program import CONTEXT
from tests.waiting import until
from tests.world import NOW, World


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """However slow this machine is, the line is not left."""
    monkeypatch.setattr(turns, "PATIENCE", 600.0)


@pytest.fixture
def line(tmp_path):
    return Turns(tmp_path / "line")


@pytest.fixture
def store(sqlite_url):
    opened = open_store(sqlite_url)
    yield opened
    opened.close()


def somebody_waits(line: Turns) -> bool:
    try:
        turns._locked(line._next, fcntl.LOCK_NB).close()
    except BlockingIOError:
        return True
    return False


def test_who_has_just_written_goes_behind_who_waits(line):
    writing = line.take()
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(line.take)
        until(lambda: somebody_waits(line))
        assert line.at_once() is None
        writing.close()
        assert line.at_once() is None
        waiting.result().close()
    again = line.at_once()
    assert again is not None
    again.close()


def _take(folder: Path, taken) -> None:
    Turns(folder).take()
    taken.set()
    signal.pause()


def test_kill_9_passes_the_turn_on(line, tmp_path):
    taken = CONTEXT.Event()
    other = CONTEXT.Process(target=_take, args=(tmp_path / "line", taken))
    other.start()
    taken.wait()
    assert line.at_once() is None
    os.kill(other.pid, signal.SIGKILL)
    other.join()
    turn = line.at_once()
    assert turn is not None
    turn.close()


def test_a_line_that_does_not_move_is_left_and_its_turn_passed_on(line, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.0)
    stuck = line.take()
    for _ in range(3 * turns._MOST):  # each goes on without a turn, and few threads wait
        line.take().close()
    stuck.close()
    until(lambda: (turn := line.at_once()) is not None and (turn.close() or True))


def test_where_there_is_no_such_lock_everybody_writes(store, tmp_path):
    (tmp_path / "file").write_text("no folder")
    store.turns = Turns(tmp_path / "file")
    World(store)
    with store.write() as first, store.read() as second:
        assert first is not second


def test_readers_do_not_stand_in_the_line(store):
    turn = store.turn()
    with store.read() as connection:
        assert log.last(connection, name=log.OFFICE) is not None
    turn.close()


def test_a_turn_ends_with_its_transaction(store):
    World(store)
    with pytest.raises(ZeroDivisionError), store.write():
        raise ZeroDivisionError
    turn = store.turns.at_once()
    assert turn is not None
    turn.close()


def test_the_loop_goes_on_while_a_ledger_waits_for_its_turn(store):
    run = World(store).run()
    ledger = Ledger(store, run.id, lambda key: key, log.Chain(f"run:{run.id}"))

    async def scene() -> None:
        turn = store.turn()
        writing = asyncio.create_task(ledger.write(Group(lease=True), now=NOW))
        while not somebody_waits(store.turns):
            await asyncio.sleep(0)  # what a session would do meanwhile
        assert not writing.done()
        turn.close()
        assert (await writing).lease is None

    asyncio.run(scene())
    ledger.close()
    turn = store.turns.at_once()
    assert turn is not None
    turn.close()
