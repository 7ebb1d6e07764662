"""A worker alone on PostgreSQL: it opens what is due and sends; it outlives its database and says so once.

Planted bugs, each caught here: a worker that ends with its database; a warning each second.
"""

from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import make_url

from tests.house import DOCUMENT, REFERENCE, House, people, real
from tests.sink import sink

PEOPLE = people(6)
SECOND = "2030-0043"


@contextmanager
def cut(url):
    """For the length of the block the database takes no connection; those that it has are ended."""
    target = make_url(url)
    admin = target.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {target.database} ALLOW_CONNECTIONS false")
        try:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                (target.database,),
            )
            yield
        finally:
            connection.execute(f"ALTER DATABASE {target.database} ALLOW_CONNECTIONS true")


@pytest.fixture
def house(tmp_path, postgres_url):
    made = House(tmp_path, postgres_url)
    made.furnish(trade=PEOPLE)
    yield made
    made.close()


def _prepare(house, reference, text):
    """Approved and prepared, and not opened."""
    house.document(text.replace(REFERENCE, reference), name=f"{reference}.md")
    with house.system(now=real) as built:
        house.sync(built)
        house.add(built, name=f"{reference}.md")
        house.approve(built, reference)
        built.plan()
        assert built.prepare() == 1


def test_it_opens_sends_and_outlives_its_database(house, tmp_path, postgres_url):
    with sink(tmp_path / "sink.log") as relay:
        house.configure(port=relay.port)
        _prepare(house, REFERENCE, DOCUMENT)
        worker = house.start("worker")
        relay.until(lambda sink: len(sink.accepted) == len(PEOPLE))
        with cut(postgres_url):
            worker.until_said("Until the database answers nothing is sent")
        worker.until_said("the database answers again")
        _prepare(house, SECOND, DOCUMENT.replace("opens to", "closes to"))
        relay.until(lambda sink: len(sink.accepted) == 2 * len(PEOPLE))
        worker.terminate()
        assert worker.wait() == 0
        assert worker.stderr.count("WARNING") == 1
        assert sorted(event["recipient"] for event in relay.accepted) == sorted(2 * PEOPLE)
