"""Bytes by their SHA-256: the merge templates as approved. Never changed, never deleted here."""

from hashlib import sha256

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from distributor.store import rows


def keep(connection: Connection, content: bytes) -> str:
    """Store `content` once, whoever else does; returns its SHA-256 in hex."""
    digest = sha256(content).hexdigest()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(rows.blob).values(sha256=digest, content=content)
    connection.execute(statement.on_conflict_do_nothing())
    return digest


def fetch(connection: Connection, *, sha256: str) -> bytes:
    """The bytes with this SHA-256."""
    content: bytes = connection.execute(_FETCH, {"sha256": sha256}).scalar_one()
    return content


_FETCH = select(rows.blob.c.content).where(rows.blob.c.sha256 == bindparam("sha256"))
