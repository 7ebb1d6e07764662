"""The door to the database: it is opened here, and read and written in transactions.

A Store hands out SQLAlchemy connections inside a transaction: `read()` sees one snapshot, `write()` is
the only writer on SQLite (BEGIN IMMEDIATE) and commits at its end. Functions of the store's modules take
such a connection first. Writers on SQLite stand in a line (`store.turns`). One statement alone needs no
transaction: `glance()`.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Engine

from distributor.errors import Refused
from distributor.store import schema
from distributor.store.engines import WRITING, engine_of, identity
from distributor.store.trouble import explain, troubles
from distributor.store.turns import Turn, Turns

OLDEST = (13,)  # of PostgreSQL: no older one is looked after by its makers
_SNAPSHOT: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_ALONE: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"}


class Store:
    """One database. Close it when done.

    `written` changes with each write transaction of this process that ends: what was read before is old then.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.written = 0
        self._reading = engine if self.is_sqlite else engine.execution_options(**_SNAPSHOT)
        self._writing = engine.execution_options(distributor_begin=WRITING)
        alone: dict[str, Any] = {"distributor_begin": None} if self.is_sqlite else _ALONE
        self._glancing = engine.execution_options(**alone)
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
    def glance(self) -> Iterator[Connection]:
        """A connection for one statement that reads: a snapshot by itself, with nothing to begin and end."""
        with self.explained(), self._glancing.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back on an exception."""
        try:
            with closing(self.turn()), self._guarded(self._writing) as connection:
                yield connection
        finally:
            self.written += 1

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
        return not self.is_sqlite or connection.info.get("file") == identity(self.engine.url.database)

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


def open_store(url: str, *, upgrade: bool = True) -> Store:
    """Open the database at `url`; an empty one gets the schema when `upgrade`.

    Raises Refused when its schema is older or newer than this program, Busy when it does not answer.
    """
    store = Store(engine_of(url))
    try:
        _refuse_old(store)
        with store.read() as connection:
            empty = schema.is_empty(connection)
            if not empty or not upgrade:
                schema.require_head(connection, where=store.where)
        if empty and upgrade:
            schema.upgrade(store)
    except BaseException:
        store.close()
        raise
    return store


def open_any(url: str) -> Store:
    """Open without looking at the schema's version: for `db upgrade`, and what comes before it."""
    store = Store(engine_of(url))
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
