"""Copies: each way of copying a database that shows, and what confirming changes (law 8).

Planted bug: `look` that stores the fingerprint it sees instead of comparing: the plain copy sends.
"""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from distributor.errors import Refused
from distributor.store import installation
from distributor.store.database import open_store
from tests.world import World, leased


@pytest.fixture
def sqlite(sqlite_url):
    with closing(open_store(sqlite_url)) as store:
        yield store


def _opened(path):
    return closing(open_store(f"sqlite:///{path}"))


def test_the_first_look_remembers_and_the_next_finds_it_unchanged(store):
    assert installation.look(store) is None
    assert installation.look(store) is None


def test_a_plain_copy_of_the_file_sends_nothing(sqlite, tmp_path):
    run, _, ids = leased(World(sqlite))
    installation.look(sqlite)
    shutil.copy(sqlite.path, tmp_path / "copy.db")
    with _opened(tmp_path / "copy.db") as copy:
        assert "copied" in installation.look(copy)
        world = World.__new__(World)
        world.store = copy
        assert world.intend(run, ids) == set()
        assert installation.look(copy)  # asking again is no answer
        assert installation.confirm(copy)
        assert installation.look(copy) is None
        assert world.intend(run, ids) == set(ids)
    assert installation.look(sqlite) is None  # the original sends on


def test_a_backup_is_marked_even_when_it_takes_the_original_s_place(sqlite, tmp_path):
    installation.look(sqlite)
    installation.backup(sqlite, to=tmp_path / "backup.db")
    where = sqlite.path
    sqlite.close()
    for file in (f"{where}-wal", f"{where}-shm"):
        Path(file).unlink(missing_ok=True)
    where.write_bytes((tmp_path / "backup.db").read_bytes())  # same file, same inode: only the mark tells
    with _opened(where) as restored:
        assert "backup" in installation.look(restored)
        assert installation.confirm(restored)
        assert not installation.confirm(restored)


def test_a_backup_does_not_change_the_original_and_holds_what_it_held(sqlite, tmp_path):
    _, mailout, _ = leased(World(sqlite))
    installation.look(sqlite)
    installation.backup(sqlite, to=tmp_path / "backup.db")
    assert installation.look(sqlite) is None
    with _opened(tmp_path / "backup.db") as copy:
        world = World.__new__(World)
        world.store = copy
        assert world.states(mailout) == ["queued"] * 3


def test_a_backup_never_overwrites_and_leaves_nothing_half_done(sqlite, tmp_path):
    taken = tmp_path / "taken.db"
    taken.write_text("precious")
    for to in (taken, tmp_path / "nowhere" / "backup.db"):
        with pytest.raises(Refused):
            installation.backup(sqlite, to=to)
    assert taken.read_text() == "precious"
    assert not list(tmp_path.glob(".*part"))


def test_another_database_of_the_same_server_is_another_one(postgres_url, empty_postgres_url):
    with closing(open_store(postgres_url)) as one, closing(open_store(empty_postgres_url)) as other:
        assert installation.fingerprint(one) != installation.fingerprint(other)
        assert installation.fingerprint(one) == installation.fingerprint(one)
