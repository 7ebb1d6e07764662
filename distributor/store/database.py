"""The door to the database: connections, transactions, and the versions of the schema.

A Store hands out SQLAlchemy connections inside a transaction: `read()` sees one snapshot, `write()` is
the only writer on SQLite (BEGIN IMMEDIATE) and commits at its end. Functions of the store's modules take
such a connection first.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection as Connection
from sqlalchemy import Engine, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool

from distributor.errors import Refused
from distributor.store.trouble import explain

BUSY_MS = 5000


class Store:
    """One database. Close it when done."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reading = engine.execution_options(**_snapshot(engine))
        self._writing = engine.execution_options(distributor_begin="IMMEDIATE")

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database."""
        return Path(self.engine.url.database) if self.is_sqlite and self.engine.url.database else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one snapshot and changes nothing."""
        with self._guarded(self._reading) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back on an exception."""
        with self._guarded(self._writing) as connection:
            yield connection

    @contextmanager
    def _guarded(self, engine: Engine) -> Iterator[Connection]:
        try:
            with engine.begin() as connection:
                yield connection
        except (DBAPIError, PoolTimeout) as error:
            explained = explain(error, where=self.engine.url.render_as_string(hide_password=True))
            if explained is None:
                raise
            raise explained from error

    def close(self) -> None:
        self.engine.dispose()


def _snapshot(engine: Engine) -> dict[str, Any]:
    if engine.dialect.name == "sqlite":
        return {"distributor_begin": "DEFERRED"}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def open_store(url: str, *, upgrade: bool = True) -> Store:
    """Open the database at `url`; an empty one gets the schema when `upgrade`.

    Raises Refused when its schema is older or newer than this program, Busy when it does not answer.
    """
    store = Store(_engine(url))
    try:
        with store.read() as connection:
            current = _current(connection)
            empty = current is None and not inspect(connection).get_table_names()
        if empty and upgrade:
            upgrade_schema(store)
        elif current != head():
            _refuse(current, where=store.engine.url.render_as_string(hide_password=True))
    except BaseException:
        store.close()
        raise
    return store


def open_any(url: str) -> Store:
    """Open without looking at the schema's version: for `db upgrade` only."""
    return Store(_engine(url))


def _refuse(current: str | None, *, where: str) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()}
    if current is not None and current not in known:
        raise Refused(
            f"the database has schema {current}, which this program does not know",
            where=where,
            cure="Install the newer distributor that made it.",
        )
    raise Refused(
        f"the database has schema {current or 'none'}, this program needs {head()}",
        where=where,
        cure="Make a backup, then run “distributor db upgrade”.",
    )


def _engine(url: str) -> Engine:
    if url.startswith("sqlite:"):
        return _sqlite(url)
    try:
        return create_engine(url, pool_size=5, max_overflow=20, pool_pre_ping=True)
    except Exception as error:
        raise Refused(
            f"“{url.split('@')[-1]}” is not a database URL ({error})",
            where="[database] url",
            cure="Write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
        ) from None


def _sqlite(url: str) -> Engine:
    _private(Path(url.removeprefix("sqlite:///")))
    engine = create_engine(
        url, poolclass=NullPool, connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000}
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("distributor_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _private(path: Path) -> None:
    """A new database file is its owner's alone: it holds addresses and embargoed text."""
    with suppress(FileExistsError, FileNotFoundError, PermissionError):  # what cannot be, SQLite reports
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _alembic() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config


def head() -> str:
    """The newest schema this program knows."""
    newest = ScriptDirectory.from_config(_alembic()).get_current_head()
    if newest is None:
        raise Refused("no schema is shipped with this program", cure="Install it again.")
    return newest


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def upgrade_schema(store: Store) -> tuple[str | None, str]:
    """Bring the schema to `head()`, in one transaction; returns (before, after). Two at once are safe."""
    with _only_one(store), store.write() as connection:
        before = _current(connection)
        config = _alembic()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return before, head()


@contextmanager
def _only_one(store: Store) -> Iterator[None]:
    """SQLite's write lock and PostgreSQL's DDL do not cover “create if empty”: take a lock around it."""
    if store.path is None:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("SELECT pg_advisory_lock(7423905)")
            try:
                yield
            finally:
                connection.exec_driver_sql("SELECT pg_advisory_unlock(7423905)")
        return
    store.path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(f"{store.path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
