"""Copies: each way of copying a database that shows, and what confirming changes (law 8).

Planted bugs: `look` that stores the fingerprint it sees instead of comparing: the plain copy sends; a
dump with this table's data, or a `look` that takes any database without a fingerprint for a new one.
"""

import os
import shutil
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from distributor.errors import Busy, Refused
from distributor.store import installation
from distributor.store.database import open_existing, open_store
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
    installation.look(sqlite)
    run, _, ids = leased(World(sqlite))
    sqlite.close()  # all of it is in the file now
    shutil.copy(sqlite.path, tmp_path / "copy.db")
    with _opened(tmp_path / "copy.db") as copy:
        assert "copied" in installation.look(copy)
        world = World.__new__(World)
        world.store = copy
        assert world.intend(run, ids) == set()
        assert installation.look(copy)  # asking again is no answer
        assert installation.confirm(copy, mark="ours")
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
        assert installation.confirm(restored, mark="ours")
        assert not installation.confirm(restored, mark="ours")


def test_a_backup_does_not_change_the_original_and_holds_what_it_held(sqlite, tmp_path):
    installation.look(sqlite)
    _, mailout, _ = leased(World(sqlite))
    installation.backup(sqlite, to=tmp_path / "backup.db")
    assert installation.look(sqlite) is None
    with _opened(tmp_path / "backup.db") as copy:
        world = World.__new__(World)
        world.store = copy
        assert world.states(mailout) == ["queued"] * 3


def test_a_backup_never_overwrites_and_leaves_nothing_half_done(sqlite, tmp_path):
    taken = tmp_path / "taken.db"
    taken.write_text("precious")
    for to, cure in (
        (taken, "Name a new file."),
        (tmp_path / "nowhere" / "backup.db", "Make it first."),
        (taken / "backup.db", "Name a file in a folder."),
        (tmp_path / f"{'x' * 300}.db", "Name a file in a folder that this user may write to."),
    ):
        with pytest.raises((Refused, Busy)) as caught:
            installation.backup(sqlite, to=to)
        assert caught.value.cure == cure
    assert taken.read_text() == "precious"
    assert not list(tmp_path.glob(".*part"))


def test_a_backup_is_its_owner_s_alone_whatever_the_folder_is_called(sqlite_url, tmp_path):
    odd = tmp_path / "50% of #1?"
    odd.mkdir()
    shutil.copy(sqlite_url.removeprefix("sqlite:///"), odd / "distributor.db")
    with _opened(odd / "distributor.db") as store:
        installation.backup(store, to=odd / "backup.db")
    assert stat.S_IMODE((odd / "backup.db").stat().st_mode) == 0o600
    assert sorted(file.name for file in odd.iterdir()) == ["backup.db", "distributor.db"]


@pytest.fixture
def postgres_tools(postgres_url, monkeypatch):
    """The folder of the programs that fit the server of the tests, first in PATH."""
    with closing(open_store(postgres_url)) as store, store.read() as connection:
        tools = Path(connection.scalar(text("SELECT setting FROM pg_config WHERE name = 'BINDIR'")))
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    return tools


def test_a_restored_dump_sends_nothing(postgres_url, empty_postgres_url, postgres_tools, tmp_path):
    dump = tmp_path / "backup.dump"
    with closing(open_store(postgres_url)) as store:
        installation.look(store)
        run, _, ids = leased(World(store))
        installation.backup(store, to=dump)
        assert installation.look(store) is None
    assert stat.S_IMODE(dump.stat().st_mode) == 0o600
    target = empty_postgres_url.replace("+psycopg", "")
    command = [postgres_tools / "pg_restore", "--no-owner", f"--dbname={target}", dump]
    subprocess.run(command, check=True, capture_output=True)
    with closing(open_store(empty_postgres_url)) as restored:
        assert installation.look(restored) == "this database was restored"
        assert installation.look(restored)  # asking again is no answer
        world = World.__new__(World)
        world.store = restored
        assert world.intend(run, ids) == set()
        assert installation.confirm(restored, mark="ours")
        assert installation.look(restored) is None


@pytest.mark.parametrize(
    ("ending", "reason"),
    [("exit 3", "exit code 3"), ("echo no room >&2; exit 1", "no room")],
)
def test_a_dump_that_fails_is_named_and_leaves_nothing(postgres_url, tmp_path, monkeypatch, ending, reason):
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "pg_dump").write_text(
        f'#!/bin/sh\necho "$PGPASSWORD" >"{tmp_path}/told"\necho "$@" >"{tmp_path}/said"\n{ending}\n'
    )
    (tools / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    url = make_url(postgres_url).set(password="hush: hush")
    opened = closing(open_store(url.render_as_string(hide_password=False)))
    with opened as store, pytest.raises(Busy, match=reason):
        installation.backup(store, to=tmp_path / "backup.dump")
    assert (tmp_path / "told").read_text() == "hush: hush\n"
    assert "hush" not in (tmp_path / "said").read_text()
    assert not list(tmp_path.glob("*backup.dump*"))


def test_another_database_of_the_same_server_is_another_one(postgres_url, empty_postgres_url):
    with closing(open_store(postgres_url)) as one, closing(open_store(empty_postgres_url)) as other:
        assert installation.fingerprint(one) != installation.fingerprint(other)
        assert installation.fingerprint(one) == installation.fingerprint(one)


def test_the_first_secret_is_the_database_s(store):
    assert installation.knows_secret(store, mark="ours")
    assert installation.knows_secret(store, mark="ours")
    assert not installation.knows_secret(store, mark="another")
    assert installation.confirm(store, mark="another")
    assert installation.knows_secret(store, mark="another")
    assert not installation.knows_secret(store, mark="ours")


def test_a_backup_knows_the_secret(sqlite, tmp_path):
    assert installation.knows_secret(sqlite, mark="ours")
    installation.backup(sqlite, to=tmp_path / "backup.db")
    with _opened(tmp_path / "backup.db") as copy:
        assert not installation.knows_secret(copy, mark="another")


def test_an_older_pg_dump_is_refused_with_the_cure(postgres_url, tmp_path, monkeypatch):
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    (tools / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    with (
        closing(open_store(postgres_url)) as store,
        pytest.raises(Refused, match="of PostgreSQL 9") as caught,
    ):
        installation.backup(store, to=tmp_path / "backup.dump")
    assert "client" in caught.value.cure
    assert not list(tmp_path.glob("*backup.dump*"))


def test_a_database_is_backed_up_before_it_is_upgraded(sqlite_url, tmp_path):
    """Planted bug: the backup wants the schema that only the upgrade makes."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    store = open_existing(sqlite_url)
    installation.backup(store, to=tmp_path / "kept.db")
    store.close()
    assert (tmp_path / "kept.db").exists()


def test_a_backup_of_nothing_makes_nothing(tmp_path):
    with pytest.raises(Refused, match="there is no database yet"):
        open_existing(f"sqlite:///{tmp_path}/none.db")
    assert list(tmp_path.iterdir()) == []
