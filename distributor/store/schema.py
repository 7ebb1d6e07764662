"""The schema's versions: which this program knows, which one a database has, and the way up.

Alembic runs the files of `migrations/versions`; it is loaded for an upgrade only.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from distributor.errors import Refused

if TYPE_CHECKING:
    from distributor.store.database import Store

_MIGRATIONS = Path(__file__).with_name("migrations")


def head() -> str:
    """The newest schema this program knows."""
    known = _known()
    if not known:
        raise Refused("no schema is shipped with this program", cure="Install it again.")
    return known[-1]


def _known() -> list[str]:
    """Revisions in their order, by the names of their files."""
    files = _MIGRATIONS.glob("versions/[0-9]*_*.py")
    return sorted(file.name.partition("_")[0] for file in files)


def is_empty(connection: Connection) -> bool:
    """Whether there is no table at all."""
    return not inspect(connection).get_table_names()


def require_head(connection: Connection, *, where: str) -> None:
    """Raises Refused when the database has an older schema, or one that only a newer program knows."""
    current = _current(connection)
    if current == head():
        return
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


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(store: "Store") -> tuple[str | None, str]:
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
def _only_one(store: "Store") -> Iterator[None]:
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
