"""The schema: models and migrations agree, two may open an empty database at once, strangers are refused.

Planted once by hand and caught: a column in tables.py only; PostgreSQL’s lock around “create if empty” taken
away.
"""

from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from distributor.errors import Refused
from distributor.store import tables
from distributor.store.database import Store, head, open_any, open_store, upgrade_schema
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
        assert upgrade_schema(store) == (None, head())
        assert upgrade_schema(store) == (head(), head())


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
