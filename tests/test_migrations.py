"""The schema: models and migrations agree, two may open an empty database at once, strangers are refused.

Planted once by hand and caught: a column in tables.py only; PostgreSQL’s lock around “create if empty” taken
away; an upgrade that leaves a column of the old rows out.
"""

from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from distributor.errors import Refused
from distributor.policy.plan import Planned
from distributor.store import holders, mailouts, schema, tables
from distributor.store.columns import to_micros
from distributor.store.database import Store, open_any, open_store
from distributor.store.schema import head
from distributor.store.views import releases
from tests.program import CONTEXT


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table, of each kind."""
    if request.param == "postgres":
        return str(request.getfixturevalue("empty_postgres_url"))
    return f"sqlite:///{tmp_path}/empty.db"


def test_models_and_migrations_agree(store: Store) -> None:
    assert tables.Delivery.__tablename__ in SQLModel.metadata.tables
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_checks_are_in_the_database(store: Store) -> None:
    """compare_metadata does not look at CHECK constraints."""
    for table in SQLModel.metadata.tables.values():
        expected = {c.name for c in table.constraints if c.__visit_name__ == "check_constraint"}
        found = {check["name"] for check in inspect(store.engine).get_check_constraints(table.name)}
        assert expected <= found, table.name


def _open(url: str) -> int:
    with closing(open_store(url)) as store, store.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one())


def test_two_processes_open_an_empty_database(empty_url: str) -> None:
    with ProcessPoolExecutor(2, mp_context=CONTEXT) as pool:
        assert list(pool.map(_open, [empty_url] * 4)) == [1, 1, 1, 1]


def test_upgrade_twice_changes_nothing(empty_url: str) -> None:
    with closing(open_any(empty_url)) as store:
        assert schema.upgrade(store) == (None, head())
        assert schema.upgrade(store) == (head(), head())


def _up_to(store: Store, version: str) -> None:
    """The schema as a program of that time made it."""
    config = Config()
    config.set_main_option("script_location", str(Path(tables.__file__).with_name("migrations")))
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)


#: A release with an advance copy that has gone and a release mailout that waits, as version 0006 wrote them.
FILLED = (
    "INSERT INTO publisher (id, name) VALUES ('press', 'Press Office')",
    """INSERT INTO release (id, publisher_id, reference, type, state, embargo, until_lifted, created_at,
                            created_by)
       VALUES (7, 'press', 'r-1', 'release', 'open', :at, false, :at, 'officer')""",
    """INSERT INTO revision (id, release_id, number, state, type, sha256, until_lifted, created_at,
                             created_by)
       VALUES (8, 7, 1, 'approved', 'release', 'ab', false, :at, 'officer')""",
    """INSERT INTO mailout (id, publisher_id, release_id, revision_id, kind, wave, state, due, expires_at,
                            priority, seed, late_accepted, clock_answered, expected_size, created_at)
       VALUES (9, 'press', 7, 8, 'advance', 'agencies', 'finished', :at, :at, 0, 5, true, 3, 1, :at),
              (10, 'press', 7, 8, 'release', '', 'planned', :at, :at, 0, 6, false, NULL, 2, :at)""",
    """INSERT INTO version (revision_id, language, position, content)
       VALUES (8, 'fr', 0, '{"headline": "Une École au Port"}'), (8, 'en', 1, '{"headline": "A School"}')""",
    """INSERT INTO delivery (id, mailout_id, publisher_id, address, address_key, name, language, reason,
                             position, state, attempts, failures, changed_at)
       VALUES (11, 9, 'press', 'ada@example.org', 'ada@example.org', 'Ada', 'en', '', 0, 'sent', 1, 0,
               :at)""",
)


def test_a_filled_database_of_before_the_notices_is_upgraded(empty_url: str) -> None:
    """SQLite's table of mailouts is made anew: nothing in it is lost, and what points at it still does."""
    now = datetime(2030, 3, 4, 10, 0, tzinfo=UTC)
    with closing(open_any(empty_url)) as store:
        _up_to(store, "0006")
        at = now if not store.is_sqlite else to_micros(now)
        with store.write() as connection:
            for statement in FILLED:
                connection.execute(text(statement), {"at": at})
            before = connection.execute(text("SELECT * FROM mailout ORDER BY id")).mappings().all()
        assert schema.upgrade(store) == ("0006", head())
        with store.read() as connection:
            after = connection.execute(text("SELECT * FROM mailout ORDER BY id")).mappings().all()
            assert [{key: row[key] for key in before[0]} for row in after] == [dict(row) for row in before]
            first, second = mailouts.of_release(connection, release_id=7)
            assert (first.wave, first.late_accepted, first.clock_answered, first.due) == (
                "agencies",
                True,
                3,
                now,
            )
            assert (second.renderings, second.note, second.extra, second.replaced) == ({}, "", False, False)
            assert [one.address for one in holders.of_release(connection, release_id=7)] == [
                "ada@example.org"
            ]
            for words, number in (("ÉCOLE au p", 1), ("school", 0)):  # the original's, in its latest revision
                found = releases.listing(connection, publisher_id="press", limit=2, find=words)
                assert len(found) == number
            if store.is_sqlite:
                assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        with store.write() as connection:
            assert _mailout(connection, "release") is None  # planned once, as before
            assert None not in [_mailout(connection, "hold"), _mailout(connection, "hold")]


def _mailout(connection: Connection, kind: str) -> int | None:
    at = datetime(2030, 3, 4, 11, 0, tzinfo=UTC)
    return mailouts.add(
        connection,
        publisher_id="press",
        release_id=7,
        revision_id=8,
        planned=Planned(kind, "", at, at),
        seed=1,
        expected_size=1,
        now=at,
    )


@pytest.mark.parametrize(
    ("version", "what", "cure"),
    [
        # made by a later program
        ("9999", "which this program does not know", "newer distributor"),
        # tables without a version: an upgrade was cut short, or it is somebody else's database
        (None, "schema none", "db upgrade"),
    ],
)
def test_other_schema_is_refused(database_url: str, version: str | None, what: str, cure: str) -> None:
    with closing(open_any(database_url)) as store, store.write() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        if version:
            connection.execute(text("INSERT INTO alembic_version VALUES (:v)"), {"v": version})
    with pytest.raises(Refused) as caught:
        open_store(database_url)
    assert what in caught.value.what
    assert cure in caught.value.cure


@pytest.mark.parametrize("url", ["mysql://somewhere/db", "nonsense", "postgresql+psycopg2://u@h/db"])
def test_other_database_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="postgresql"):
        open_store(url)


def test_the_newest_file_is_alembics_head():
    """The files' names tell the order without Alembic, which takes longer to load than most commands."""
    config = Config()
    config.set_main_option("script_location", str(Path(tables.__file__).with_name("migrations")))
    assert ScriptDirectory.from_config(config).get_heads() == [head()]
