"""SQL is compiled once a process, not anew for each database that a test opens.

SQLAlchemy keeps what it compiled with the engine and asks which dialect it was for; here all engines of one
kind share both. What the statements do is not touched.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

_first: dict[type, Engine] = {}


def share() -> None:
    """From now on, in this process and those forked from it."""
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.engine_created = classmethod(_created)  # type: ignore[method-assign,assignment]


def close() -> None:
    """Close the connections of the engines whose compiled SQL is shared: who forks must have none."""
    for engine in _first.values():
        engine.dispose()


def _created(kind: type, engine: Any) -> None:
    first: Any = _first.setdefault(kind, engine)
    if first.dialect.server_version_info is None:  # it never reached its database, and knows nothing of it
        _first[kind] = engine
    else:
        engine.dialect = engine.pool._dialect = first.dialect
        engine._compiled_cache = first._compiled_cache
