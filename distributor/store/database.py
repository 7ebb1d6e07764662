"""The door to the database: connections, transactions, and the versions of the schema.

A Store hands out SQLAlchemy connections inside a transaction: `read()` sees one snapshot, `write()` is
the only writer on SQLite (BEGIN IMMEDIATE) and commits at its end. Functions of the store's modules take
such a connection first. Writers on SQLite stand in a line (`store.turns`).
"""

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy import Connection as Connection
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import QueuePool

from distributor.errors import Refused
from distributor.store import prepared
from distributor.store.prepared import driven
from distributor.store.trouble import explain, troubles
from distributor.store.turns import Turn, Turns

BUSY_MS = 5000
_WRITE = "IMMEDIATE"  # SQLite: no other writer from the beginning on
_MIGRATIONS = Path(__file__).with_name("migrations")
OLDEST = (13,)  # of PostgreSQL: no older one is looked after by its makers


class Store:
    """One database. Close it when done."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reading = engine.execution_options(**_snapshot(engine))
        self._writing = engine.execution_options(distributor_begin=_WRITE)
        self.turns = Turns(self.path.with_name(f"{self.path.name}.runs")) if self.path else None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def driver_error(self) -> type[Exception]:
        """What the driver raises of its own."""
        error: type[Exception] = self.engine.dialect.loaded_dbapi.Error
        return error

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database."""
        return Path(self.engine.url.database) if self.is_sqlite and self.engine.url.database else None

    @property
    def where(self) -> str:
        """The URL without any password, for people."""
        url = self.engine.url.difference_update_query(["password"])
        return url.render_as_string(hide_password=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one snapshot and changes nothing."""
        with self._guarded(self._reading) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back on an exception."""
        with closing(self.turn()), self._guarded(self._writing) as connection:
            yield connection

    def turn(self) -> Turn:
        """The right to write next, as soon as it comes. On PostgreSQL everybody has it."""
        return self.turns.take() if self.turns else Turn()

    @contextmanager
    def rebuild(self) -> Iterator[Connection]:
        """A write transaction that may make tables anew: foreign keys are looked at when it ends."""
        if not self.is_sqlite:
            with self.write() as connection:
                yield connection
            return
        with self.explained(), self._writing.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")  # of no effect within a transaction
            try:
                with connection.begin():
                    yield connection
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                    if broken is not None:
                        raise Refused(f"rows of {broken[0]} point to nothing", where=self.where)
            finally:
                driver.execute("PRAGMA foreign_keys=ON")

    @contextmanager
    def _guarded(self, engine: Engine) -> Iterator[Connection]:
        with self.explained(), engine.begin() as connection:
            yield connection

    def connect_bare(self) -> Connection:
        """A connection that begins no transaction by itself."""
        return self.engine.execution_options(distributor_begin=None).connect()

    def still_there(self, connection: Connection) -> bool:
        """Whether its file is still the database; a server says so itself."""
        return not self.is_sqlite or connection.info.get("file") == _identity(self.engine.url.database)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """What the database refuses within the block, as a person reads it."""
        driver: Any = self.engine.dialect.loaded_dbapi
        try:
            yield
        except troubles(driver) as error:
            refusal = explain(error, driver=driver, where=self.where)
            if refusal is None:
                raise
            raise refusal from error

    def close(self) -> None:
        self.engine.dispose()


class Writer:
    """Transactions one after the other over one connection that is kept, begun and ended on the driver.

    SQLAlchemy sees one long transaction and is spared its bookkeeping for each. Only `Prepared` statements go
    in: on PostgreSQL what one returns is there when it is asked for, and Core would look before.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: Connection | None = None

    @contextmanager
    def write(self, turn: Turn | None = None) -> Iterator[Connection]:
        """As `Store.write`; with a `turn` that its caller has waited for, and that is over then."""
        with closing(turn or self._store.turn()), self._store.explained():
            try:
                connection = self._kept()
                with self._begun(driven(connection)) as lasting:
                    yield connection
                    prepared.commit(connection)
                    lasting()
            except BaseException:
                self.drop()
                raise

    @contextmanager
    def _begun(self, driver: Any) -> Iterator[Callable[[], object]]:
        """On PostgreSQL nothing is waited for but what is asked of an answer, and the end.

        What is given says that the transaction is over: a connection that breaks then undoes nothing.
        """
        if self._store.is_sqlite:
            driver.execute(f"BEGIN {_WRITE}")
            yield lambda: None
            return
        over: list[bool] = []
        try:
            with driver.pipeline():  # begins by itself
                yield lambda: over.append(True)
        except self._store.driver_error:
            if not over:
                raise
            self.drop()

    def drop(self) -> None:
        """End the connection; the next transaction gets another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _kept(self) -> Connection:
        if self._connection is not None and not self._store.still_there(self._connection):
            self.drop()
        if self._connection is None:
            self._connection = self._store.connect_bare()
        return self._connection


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
        _refuse_old(store)
        with store.read() as connection:
            current = _current(connection)
            empty = current is None and not inspect(connection).get_table_names()
        if empty and upgrade:
            upgrade_schema(store)
        elif current != head():
            _refuse(current, where=store.where)
    except BaseException:
        store.close()
        raise
    return store


def open_any(url: str) -> Store:
    """Open without looking at the schema's version: for `db upgrade`, and what comes before it."""
    store = Store(_engine(url))
    _refuse_old(store)
    return store


def open_existing(url: str) -> Store:
    """As `open_any`, for `db backup`: it makes no file. Raises Refused when there is none."""
    file = url.removeprefix("sqlite:///")
    if file != url and not Path(file).exists():
        raise Refused(
            "there is no database yet", where=url, cure="Go to the office’s folder, or name it with --config."
        )
    return open_any(url)


def _refuse_old(store: Store) -> None:
    if store.is_sqlite:
        return
    with store.read() as connection:
        version = connection.dialect.server_version_info or (0,)
    if version < OLDEST:
        raise Refused(
            f"this is PostgreSQL {'.'.join(map(str, version))}",
            where=store.where,
            cure=f"It needs PostgreSQL {OLDEST[0]} or newer.",
        )


def _refuse(current: str | None, *, where: str) -> None:
    _refuse_unknown(current, where=where)
    raise Refused(
        f"the database has schema {current or 'none'}, this program needs {head()}",
        where=where,
        cure="Make a backup, then run “distributor db upgrade”.",
    )


def _refuse_unknown(current: str | None, *, where: str) -> None:
    if current is not None and current not in _known():
        raise Refused(
            f"the database has schema {current}, which this program does not know",
            where=where,
            cure="Install the newer distributor that made it.",
        )


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername == "sqlite" and parsed.database and not parsed.query:
            return _sqlite(parsed)
        if parsed.drivername == "postgresql+psycopg":
            return _postgres(parsed)
    except (ArgumentError, ValueError):  # not a URL; a port that is no number
        pass
    raise Refused(
        f"“{url.split('@')[-1]}” is not the URL of a database that serves here",
        where="[database] url",
        cure="Write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
    )


def _sqlite(url: URL) -> Engine:
    _private(Path(url.database or ""))
    engine = create_engine(
        url,
        poolclass=QueuePool,
        max_overflow=20,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
    )

    @event.listens_for(engine, "checkout")
    def look(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info.get("file") != _identity(url.database):  # taken away or replaced: ours no longer
            raise DisconnectionError

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        record.info["file"] = _identity(url.database)
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("distributor_begin", "DEFERRED")
        if mode:
            connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _postgres(url: URL) -> Engine:
    """Both sides find out within VANISHED seconds that the other one's host is gone without a word."""
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # what broke a pipeline is raised, and told by us
    ours = {name: value for name, value in _OUR_SIDE.items() if name not in url.query}
    engine = create_engine(url, pool_size=5, max_overflow=20, pool_pre_ping=True, connect_args=ours)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        before, connection.autocommit = connection.autocommit, True
        connection.execute(_THEIR_SIDE)
        connection.autocommit = before

    return engine


_IDLE, _EVERY, _TIMES = 10, 5, 3
VANISHED = _IDLE + _EVERY * _TIMES
_OUR_SIDE: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives_idle": _IDLE,
    "keepalives_interval": _EVERY,
    "keepalives_count": _TIMES,
    "tcp_user_timeout": VANISHED * 1000,
}
_THEIR_SIDE = f"""
    SELECT set_config('tcp_keepalives_idle', '{_IDLE}', false),
           set_config('tcp_keepalives_interval', '{_EVERY}', false),
           set_config('tcp_keepalives_count', '{_TIMES}', false),
           set_config('tcp_user_timeout', '{VANISHED}s', false)
"""


def _identity(path: str | None) -> tuple[int, int] | None:
    """Device and inode of a database's file."""
    try:
        found = os.stat(path or "")
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _private(path: Path) -> None:
    """A new database file is its owner's alone: it holds addresses and embargoed text."""
    with suppress(FileExistsError, FileNotFoundError, PermissionError):  # what cannot be, SQLite reports
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def head() -> str:
    """The newest schema this program knows."""
    known = _known()
    if not known:
        raise Refused("no schema is shipped with this program", cure="Install it again.")
    return known[-1]


def _known() -> list[str]:
    """Revisions in their order, by the names of their files: Alembic is loaded for an upgrade only."""
    files = _MIGRATIONS.glob("versions/[0-9]*_*.py")
    return sorted(file.name.partition("_")[0] for file in files)


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade_schema(store: Store) -> tuple[str | None, str]:
    """Bring the schema to `head()`, in one transaction; returns (before, after). Two at once are safe."""
    with store.explained(), _only_one(store), store.rebuild() as connection:
        before = _current(connection)
        _refuse_unknown(before, where=store.where)
        _migrate(connection)
        return before, head()


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


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
