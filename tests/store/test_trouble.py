"""What goes wrong in the database is one clear error, and what is our own fault stays a bug.

Planted bugs: every OperationalError “does not answer”; every IntegrityError a clash with somebody.
"""

import pytest
from sqlalchemy import create_engine, insert, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import QueuePool

from distributor.errors import Busy, Refused
from distributor.store import rows
from distributor.store.database import Store


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


def test_no_free_connection_is_busy(sqlite_url):
    store = Store(create_engine(sqlite_url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0))
    with store.read(), pytest.raises(Busy, match="does not answer"), store.read():
        pass
    store.close()
