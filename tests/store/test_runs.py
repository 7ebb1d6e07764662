"""A run is alive while somebody holds its lock, and dead the moment nobody does, on both databases.

Planted bug: `proven_dead` that judges by the heartbeat instead of the lock: the test of the old heartbeat
fails; a lock that is not given back at the end: the test after kill -9 fails.
"""

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from distributor.errors import Busy
from distributor.store import rows, runs
from tests.waiting import until
from tests.world import NOW, World

_HOLD_A_RUN = """
import sys
from datetime import UTC, datetime
from distributor.store import runs
from distributor.store.database import open_store
with runs.started(open_store(sys.argv[1]), now=datetime.now(UTC)) as run:
    print(run.id, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def world(store):
    return World(store)


def _dead(store, run_id):
    with runs.proven_dead(store, id=run_id) as dead:
        return dead


def _asked_by_two(store, run_id):
    with runs.proven_dead(store, id=run_id) as one, runs.proven_dead(store, id=run_id) as other:
        return one, other


def test_a_living_run_is_not_dead_however_old_its_heartbeat(world):
    run = world.run()
    with world.store.write() as connection:
        connection.execute(update(rows.run).values(heartbeat_at=NOW - timedelta(days=3)))
    assert not _dead(world.store, run.id)
    world.die(run)
    assert _dead(world.store, run.id)


def test_only_one_may_bury_a_run(world):
    run = world.run()
    world.die(run)
    asked: list[tuple[bool, bool]] = [(False, False)]

    def first_has_it():  # PostgreSQL hears of the end of a session a moment later
        asked.append(_asked_by_two(world.store, run.id))
        return asked[-1][0]

    until(first_has_it)
    assert asked[-1] == (True, False)
    until(lambda: _dead(world.store, run.id))  # PostgreSQL hears of it a moment later


def test_a_run_that_was_taken_for_dead_hears_it_at_its_next_beat(world):
    run = world.run()
    run.beat(now=NOW + timedelta(seconds=1))
    with world.store.write() as connection:
        assert runs.ended(connection, id=run.id, now=NOW)
        assert not runs.ended(connection, id=run.id, now=NOW)
    with pytest.raises(Busy, match="taken for dead"):
        run.beat(now=NOW + timedelta(seconds=2))


def test_a_beat_says_when(world):
    run = world.run()
    run.beat(now=NOW + timedelta(seconds=7))
    with world.store.read() as connection:
        assert connection.execute(select(rows.run.c.heartbeat_at)).scalar_one() == NOW + timedelta(seconds=7)


def _note(store, run, reason, *, minutes=0):
    with store.write() as connection:
        runs.note(connection, id=run.id, trouble=reason, now=NOW + timedelta(minutes=minutes))


def _trouble(store):
    with store.read() as connection:
        found = runs.trouble(connection)
    return found and (found.reason, (found.since - NOW).total_seconds() / 60)


def test_trouble_lasts_until_it_works_again_through_other_words_and_the_next_run(world):
    """Planted bug: `since` of the latest words; with cron each run would begin its own trouble."""
    first = world.run()
    _note(world.store, first, "does not answer")
    _note(world.store, first, "554 no", minutes=3)
    assert _trouble(world.store) == ("554 no", 0)
    with world.store.write() as connection:
        runs.ended(connection, id=first.id, now=NOW)
    assert _trouble(world.store) == ("554 no", 0)  # who sends by cron has no living run
    second = world.run()
    assert _trouble(world.store) is None  # nobody knows yet
    _note(world.store, second, "does not answer", minutes=5)
    assert _trouble(world.store) == ("does not answer", 0)
    _note(world.store, second, None, minutes=6)
    assert _trouble(world.store) is None
    _note(world.store, second, "again", minutes=9)
    assert _trouble(world.store)[0] == "again"


def test_not_ended_names_the_living_and_the_crashed(world):
    crashed, over, living = world.run(), world.run(), world.run()
    with world.store.write() as connection:
        runs.ended(connection, id=over.id, now=NOW)
    world.die(crashed)
    world.die(over)
    with world.store.read() as connection:
        assert runs.not_ended(connection) == [crashed.id, living.id]


def test_a_killed_program_leaves_no_lock(store):
    """kill -9 runs no clean-up code at all: the operating system gives the lock back."""
    url = store.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", _HOLD_A_RUN, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        run_id = int(program.stdout.readline())
        assert not _dead(store, run_id)
        program.kill()
    until(lambda: _dead(store, run_id))  # PostgreSQL hears of it a moment later
