"""Who releases come from: one row for each publisher of the installation."""

from collections.abc import Collection

from sqlalchemy import Connection, Row, insert, select, update

from distributor.policy.lifecycle import MailoutState
from distributor.store import rows
from distributor.store.database import Store

_p, m, r = rows.publisher.c, rows.mailout.c, rows.release.c
_OVER = (MailoutState.FINISHED.value, MailoutState.CANCELLED.value)


def ensure(store: Store, *, id: str, name: str, first: bool = True) -> None:
    """The publisher is there and is called `name`; writes only when that is news.

    `first`: the installation's first one, whose is what the log said before there were several.
    """
    with store.read() as connection:
        known = connection.execute(select(_p.name, _p.first).where(_p.id == id)).first()
    if known is not None and tuple(known) == (name, first):
        return
    with store.write() as connection:
        values = {"name": name, "first": first}
        if connection.execute(update(rows.publisher).where(_p.id == id).values(**values)).rowcount == 0:
            connection.execute(insert(rows.publisher).values(id=id, **values))


def lock(connection: Connection, *, id: str) -> None:
    """Only one at a time, until the transaction's end (PostgreSQL; on SQLite every writer is alone)."""
    connection.execute(select(_p.id).where(_p.id == id).with_for_update())


def name(connection: Connection, *, id: str) -> str:
    """What it was called last; its id when nobody knows."""
    return str(connection.scalar(select(_p.name).where(_p.id == id)) or id)


def is_first(connection: Connection, *, id: str) -> bool:
    """Whether it is the installation's first one, or not known."""
    return connection.scalar(select(_p.first).where(_p.id == id)) is not False


def others(connection: Connection, *, known: Collection[str]) -> list[str]:
    """Publishers of the database that are not among these."""
    return sorted(set(connection.scalars(_IDS)) - set(known))


_IDS = select(_p.id)


def open_mail(connection: Connection, *, id: str) -> list[int]:
    """Its mailouts that are not over, held or not."""
    return list(connection.scalars(select(m.id).where(m.publisher_id == id, m.state.not_in(_OVER))))


def foreign(connection: Connection, *, ids: Collection[str]) -> list[Row[tuple[int, int, str]]]:
    """(id, release_id, publisher_id) of their mailouts that are not over and not held."""
    query = (
        select(m.id, m.release_id, m.publisher_id)
        .join(rows.release, r.id == m.release_id)
        .where(m.publisher_id.in_(ids), m.state.not_in(_OVER), m.held_at.is_(None))
    )
    return list(connection.execute(query.order_by(m.id)))
