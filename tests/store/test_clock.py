"""The clock of several hosts: a database that is away does not stop it, once it has been asked.

Planted bug: Busy let out of `now()`.
"""

from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.engine import make_url

from distributor.errors import Busy
from distributor.store import clock
from distributor.store.database import open_store


def _take_away(url: str) -> None:
    """Nobody gets into the database any more, and whoever is in is thrown out."""
    made = make_url(url)
    server = made.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {made.database} ALLOW_CONNECTIONS false")
        admin.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s",
            [made.database],
        )


def test_the_last_reading_is_carried_on_without_the_database(postgres_url, monkeypatch):
    monkeypatch.setattr(clock, "_FRESH", timedelta(-1))  # each call asks the database
    with closing(open_store(postgres_url)) as store:
        asked = clock.Clock(store)
        before = asked.now()
        _take_away(postgres_url)
        with pytest.raises(Busy):
            clock.Clock(store).now()
        first, second = asked.now(), asked.now()
    assert before < first < second


def test_times_are_aware_and_go_forward(store):
    told = clock.Clock(store)
    first, second = told.now(), told.now()
    assert first <= second
    assert first.tzinfo is not None
