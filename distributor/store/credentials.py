"""How officers prove who they are: a password's hash, and the sealed key of an authenticator.

`read` finds the officer of a name with her credential; nobody found looks like somebody without one, so that
faces need no case of its own for it. Who is an officer of several publishers has one: it stays with the row
that got it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, or_, select, update

from distributor.store import rows

_c, _o = rows.credential.c, rows.officer.c


@dataclass(frozen=True, slots=True)
class Credential:
    """`officer_id` None: nobody of this name. `password` None: she has set none yet."""

    officer_id: int | None = None
    name: str = ""
    password: str | None = None
    code: str | None = None
    code_offered: str | None = None


def read(connection: Connection, *, publisher_id: str, name: str) -> Credential:
    """Of the officer of this name who was not removed; hers of this publisher before hers of another."""
    own = rows.officer.alias("own")
    is_one = own.c.publisher_id == publisher_id, own.c.name == name, own.c.removed_at.is_(None)
    row = connection.execute(
        select(_o.id, _o.name, _c.password, _c.code, _c.code_offered)
        .select_from(rows.officer.outerjoin(rows.credential, _c.officer_id == _o.id))
        .where(_o.name == name, exists().where(*is_one))
        .where(or_(_o.publisher_id == publisher_id, _c.officer_id.is_not(None)))
        .order_by(_c.officer_id.is_(None), _o.publisher_id != publisher_id, _o.id)
        .limit(1)
    ).first()
    return Credential(*row) if row else Credential()


def set_password(
    connection: Connection, *, officer_id: int, password: str, now: datetime, drops_code: bool
) -> None:
    """A first or another password; the authenticator stays unless `drops_code`."""
    values: dict[str, Any] = {"password": password, "changed_at": now}
    values |= {"code": None, "code_offered": None} if drops_code else {}
    if not _change(connection, officer_id, **values):
        connection.execute(insert(rows.credential).values(officer_id=officer_id, code_step=0, **values))


def rehash(connection: Connection, *, officer_id: int, old: str, new: str) -> None:
    """The same password under today's parameters, unless it was changed meanwhile."""
    where = (_c.officer_id == officer_id, _c.password == old)
    connection.execute(update(rows.credential).where(*where).values(password=new))


def offer_code(connection: Connection, *, officer_id: int, sealed: str) -> None:
    """A key for her authenticator that she has still to confirm."""
    _change(connection, officer_id, code_offered=sealed)


def confirm_code(connection: Connection, *, officer_id: int, sealed: str, step: int) -> None:
    """From now on her authenticator's code is asked for."""
    _change(connection, officer_id, code=sealed, code_offered=None, code_step=step)


def drop_code(connection: Connection, *, officer_id: int) -> None:
    """No code is asked for any more."""
    _change(connection, officer_id, code=None, code_offered=None)


def use_code(connection: Connection, *, officer_id: int, step: int) -> bool:
    """Mark the code of this period as used; False when it, or a later one, was used before."""
    where = (_c.officer_id == officer_id, _c.code_step < step)
    return connection.execute(update(rows.credential).where(*where).values(code_step=step)).rowcount == 1


def forget(connection: Connection, *, officer_id: int) -> None:
    """She cannot sign in any more."""
    connection.execute(delete(rows.credential).where(_c.officer_id == officer_id))


def _change(connection: Connection, officer_id: int, **values: Any) -> int:
    return connection.execute(
        update(rows.credential).where(_c.officer_id == officer_id).values(**values)
    ).rowcount
