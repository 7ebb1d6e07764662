"""Who releases come from: one row for each publisher of the installation."""

from sqlalchemy import Connection, insert, select, update

from distributor.store import rows
from distributor.store.database import Store


def ensure(store: Store, *, id: str, name: str) -> None:
    """The publisher is there and is called `name`; writes only when that is news."""
    c = rows.publisher.c
    with store.read() as connection:
        if connection.scalar(select(c.name).where(c.id == id)) == name:
            return
    with store.write() as connection:
        if connection.execute(update(rows.publisher).where(c.id == id).values(name=name)).rowcount == 0:
            connection.execute(insert(rows.publisher).values(id=id, name=name))


def lock(connection: Connection, *, id: str) -> None:
    """Only one at a time, until the transaction's end (PostgreSQL; on SQLite every writer is alone)."""
    connection.execute(select(rows.publisher.c.id).where(rows.publisher.c.id == id).with_for_update())
