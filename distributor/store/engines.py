"""How SQLite and PostgreSQL are spoken to: SQLAlchemy's engines, as a URL names them.

SQLite's file is its owner's alone, and its transactions begin as we say (`distributor_begin`). A host that
vanishes without a word is noticed on both sides within VANISHED seconds.
"""

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import QueuePool

from distributor.errors import Refused

BUSY_MS = 5000
WRITING = "IMMEDIATE"  # SQLite: no other writer from the beginning on


def engine_of(url: str) -> Engine:
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
        if record.info.get("file") != identity(url.database):  # taken away or replaced: ours no longer
            raise DisconnectionError

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        record.info["file"] = identity(url.database)
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("lower", 1, _lower, deterministic=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("distributor_begin", "DEFERRED")
        if mode:
            driver: Any = connection.connection.driver_connection
            driver.execute(f"BEGIN {mode}")  # SQLAlchemy's own way takes as long as a whole transaction else

    return engine


def _lower(text: str | None) -> str | None:
    """SQLite's own knows A to Z only: who looks for émile would not find Émile."""
    return None if text is None else text.lower()


def _postgres(url: URL) -> Engine:
    """Both sides find out within VANISHED seconds that the other one's host is gone without a word."""
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # what broke a pipeline is raised, and told by us
    ours = {name: value for name, value in _OUR_SIDE.items() if name not in url.query}
    engine = create_engine(
        url,
        pool_size=5,
        max_overflow=20,
        pool_pre_ping=True,
        pool_use_lifo=True,  # whoever was just asked has the statements ready
        connect_args=ours,
    )

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        before, connection.autocommit = connection.autocommit, True
        connection.execute(_THEIR_SIDE)
        connection.autocommit = before

    @event.listens_for(engine, "checkin")
    def follow(connection: Any, _record: Any) -> None:
        """After a snapshot SQLAlchemy says READ WRITE at each BEGIN, even to a server set to be only read."""
        if connection is not None and not connection.closed:
            connection.read_only = None

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


def identity(path: str | None) -> tuple[int, int] | None:
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
