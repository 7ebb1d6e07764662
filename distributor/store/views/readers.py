"""Contacts whose name, address or outlet has some letters in it: whom an officer means. Reads only."""

from typing import Any

from sqlalchemy import Connection, Row, or_, select

from distributor.store import rows

c = rows.contact.c


def found(connection: Connection, *, publisher_id: str, find: str, limit: int) -> list[Row[Any]]:
    """(address, name, outlet) in the order of addresses."""
    asked = or_(*(column.icontains(find, autoescape=True) for column in (c.address, c.name, c.outlet)))
    query = select(c.address, c.name, c.outlet).where(c.publisher_id == publisher_id, asked)
    return list(connection.execute(query.order_by(c.address_key).limit(limit)))
