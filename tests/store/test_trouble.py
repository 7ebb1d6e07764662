"""What goes wrong in the database is one clear error, and what is our own fault stays a bug.

Planted bugs: every OperationalError “does not answer”; every IntegrityError a clash with somebody.
"""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import QueuePool

from distributor.errors import Busy, DistributorError, Refused
from distributor.store import rows
from distributor.store.database import Store, open_store


def test_the_same_row_twice_is_a_clash(store):
    row = {"id": "press", "name": "Press Office"}
    with pytest.raises(Refused, match="changed at the same time") as caught, store.write() as connection:
        connection.execute(insert(rows.publisher), [row, row])
    assert "try again" in caught.value.cure


def test_a_column_left_empty_is_a_bug(store):
    with pytest.raises(IntegrityError), store.write() as connection:
        connection.execute(insert(rows.publisher).values(id="press", name=None))


@pytest.mark.parametrize(
    "statement",
    ["SELECT 1 FROM nowhere", "SELECT absent FROM publisher", "INSERT INTO publisher (absent) VALUES (1)"],
)
def test_a_part_of_the_schema_that_is_missing_is_no_silence(store, statement):
    with pytest.raises(Refused, match="lacks a part of its schema") as caught, store.write() as connection:
        connection.execute(text(statement))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_server_that_is_to_be_only_read_is_not_written_to(store):
    """As managed ones do when their disk is full. Planted bug: what a snapshot leaves at the connection."""
    store.engine.dispose()
    with store.write() as connection:  # the only one of this pool
        connection.execute(text("SET default_transaction_read_only = on"))
    with store.read() as connection:
        connection.execute(select(rows.publisher))
    with pytest.raises(Busy, match="cannot be written"), store.write() as connection:
        connection.execute(insert(rows.publisher).values(id="press", name="Press Office"))
    store.engine.dispose()


def test_no_free_connection_is_busy(sqlite_url):
    store = Store(create_engine(sqlite_url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0))
    with store.read(), pytest.raises(Busy, match="does not answer"), store.read():
        pass
    store.close()


@pytest.mark.parametrize(
    ("content", "said", "cure"),
    [
        # a text file; a database whose pages were overwritten; a folder
        (b"no database " * 50, "the file is no database", "move this one away"),
        (None, "cannot be opened", "Name a file"),
    ],
)
def test_a_file_that_is_no_database_is_said_so(tmp_path, content, said, cure):
    where = tmp_path / "distributor.db"
    where.mkdir() if content is None else where.write_bytes(content)
    with pytest.raises(DistributorError, match=said) as caught:
        open_store(f"sqlite:///{where}")
    assert cure in caught.value.cure
    assert str(where) in caught.value.where


def test_a_damaged_database_is_said_so(sqlite_url):
    where = Path(sqlite_url.removeprefix("sqlite:///"))
    content = bytearray(where.read_bytes())
    content[4096:65536] = b"\xff" * (65536 - 4096)
    where.write_bytes(content)
    with pytest.raises(Refused, match="is damaged") as caught:
        open_store(sqlite_url)
    assert "restore a backup" in caught.value.cure


def _fill(store):
    with store.write() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        connection.execute(insert(rows.blob), [{"sha256": str(n), "content": b"x" * 9999} for n in range(99)])


def test_a_full_disk_is_busy_and_nothing_is_lost(sqlite_url):
    with closing(open_store(sqlite_url)) as store:
        with pytest.raises(Busy, match="the disk is full"):
            _fill(store)
        with store.read() as connection:
            assert connection.execute(select(rows.blob)).all() == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite://",
        "sqlite:distributor.db",
        "sqlite:///x.db?mode=ro",
        "mysql://u:hush@h/d",
        "postgresql://u:hush@h/d",
        "postgresql+psycopg://u:hush@h:x/d",
    ],
)
def test_a_url_that_serves_nothing_is_refused(url):
    with pytest.raises(Refused, match="is not the URL of a database") as caught:
        open_store(url)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"database": "nowhere"}, 'database "nowhere" does not exist'),
        ({"username": "stranger"}, 'role "stranger" does not exist'),
        ({"host": "nohost.invalid", "query": {}}, "failed to resolve host"),
        ({"host": "127.0.0.1", "port": 1, "query": {}}, "Connection refused"),
    ],
)
def test_a_server_that_lets_nobody_in_is_one_line(postgres_url, change, said):
    url = make_url(postgres_url).set(**change)
    with pytest.raises(Busy, match=said) as caught:
        open_store(url.render_as_string(hide_password=False))
    assert "[database] url" in caught.value.cure
    assert "\n" not in str(caught.value)


def _lose(store):
    with store.write() as connection:
        own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with store.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
        connection.execute(text("SELECT 1"))


def test_a_connection_that_is_lost_in_the_middle_is_busy(postgres_url):
    with closing(open_store(postgres_url)) as store:
        with pytest.raises(Busy, match="the database was stopped"):
            _lose(store)
        with store.read() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_a_password_in_the_query_is_not_shown(postgres_url):
    url = make_url(postgres_url).set(database="nowhere").update_query_dict({"password": "hush"})
    with pytest.raises(Busy) as caught:
        open_store(url.render_as_string(hide_password=False))
    assert "hush" not in str(caught.value)
