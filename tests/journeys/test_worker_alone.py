"""A worker alone on PostgreSQL: it opens what is due and sends; it outlives its database and says so once.

Planted bugs, each caught here: a worker that ends with its database; a warning each second.
"""

import psycopg
import pytest
from sqlalchemy import make_url

from tests.house import DOCUMENT, REFERENCE, House, people, real
from tests.sink import sink

PEOPLE = people(6)
SECOND = "2030-0043"


class Cut:
    """The database takes no connection, and ends those it has, until `mend`."""

    def __init__(self, url: str) -> None:
        target = make_url(url)
        self._name = target.database
        admin = target.set(drivername="postgresql", database="postgres")
        self._admin = psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True)
        self._allow("false")
        self._admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (self._name,)
        )

    def mend(self) -> None:
        self._allow("true")
        self._admin.close()

    def _allow(self, allowed: str) -> None:
        self._admin.execute(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS {allowed}")


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


def _until(said, program):
    while said not in program.stderr:
        pass


def test_it_opens_sends_and_outlives_its_database(house, tmp_path, postgres_url):
    with sink(tmp_path / "sink.log") as relay:
        house.configure(port=relay.port)
        _prepare(house, REFERENCE, DOCUMENT)
        worker = house.start("worker")
        relay.until(lambda sink: len(sink.accepted) == len(PEOPLE))
        cut = Cut(postgres_url)
        _until("Until the database answers nothing is sent", worker)
        cut.mend()
        _until("the database answers again", worker)
        _prepare(house, SECOND, DOCUMENT.replace("opens to", "closes to"))
        relay.until(lambda sink: len(sink.accepted) == 2 * len(PEOPLE))
        worker.terminate()
        assert worker.wait() == 0
        assert worker.stderr.count("WARNING") == 1
        assert sorted(event["recipient"] for event in relay.accepted) == sorted(2 * PEOPLE)
