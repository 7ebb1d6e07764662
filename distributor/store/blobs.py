"""Bytes by their SHA-256: the merge templates as approved. Never changed, never deleted here."""

from hashlib import sha256

from sqlalchemy import Connection, insert, select

from distributor.store import rows


def keep(connection: Connection, content: bytes) -> str:
    """Store `content` once; returns its SHA-256 in hex."""
    digest = sha256(content).hexdigest()
    known = connection.execute(select(rows.blob.c.sha256).where(rows.blob.c.sha256 == digest)).first()
    if known is None:
        connection.execute(insert(rows.blob).values(sha256=digest, content=content))
    return digest


def fetch(connection: Connection, *, sha256: str) -> bytes:
    """The bytes with this SHA-256."""
    content: bytes = connection.execute(
        select(rows.blob.c.content).where(rows.blob.c.sha256 == sha256)
    ).scalar_one()
    return content
