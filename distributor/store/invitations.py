"""One-time links by which an officer sets her password; only the hash of a link's token is kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, insert, or_, select

from distributor.store import rows

_i, _o = rows.invitation.c, rows.officer.c


@dataclass(frozen=True, slots=True)
class Invitation:
    """`officer_id` None: it makes the first officer. `drops_code`: her authenticator is forgotten too."""

    publisher_id: str
    officer_id: int | None
    name: str | None
    drops_code: bool


def add(
    connection: Connection,
    *,
    publisher_id: str,
    officer_id: int | None,
    token_hash: str,
    drops_code: bool,
    now: datetime,
    ends_at: datetime,
    actor: str,
) -> None:
    """A new one; those before it for the same officer are worth nothing any more."""
    end(connection, publisher_id=publisher_id, officer_id=officer_id)
    connection.execute(
        insert(rows.invitation).values(
            token_hash=token_hash,
            publisher_id=publisher_id,
            officer_id=officer_id,
            drops_code=drops_code,
            created_at=now,
            created_by=actor,
            ends_at=ends_at,
        )
    )


def find(connection: Connection, *, token_hash: str, now: datetime) -> Invitation | None:
    """The invitation of this token while it lasts and its officer is one."""
    own = rows.officer.alias("own").c
    is_one = own.publisher_id == _i.publisher_id, own.name == _o.name, own.removed_at.is_(None)
    row = connection.execute(
        select(_i.publisher_id, _i.officer_id, _o.name, _i.drops_code)
        .select_from(rows.invitation.outerjoin(rows.officer, _o.id == _i.officer_id))
        .where(_i.token_hash == token_hash, _i.ends_at > now)
        .where(or_(_i.officer_id.is_(None), exists().where(*is_one)))
    ).first()
    return Invitation(*row) if row else None


def use(connection: Connection, *, token_hash: str, now: datetime) -> Invitation | None:
    """The same, and nobody uses it again: of two at once one gets it."""
    found = find(connection, token_hash=token_hash, now=now)
    gone = connection.execute(delete(rows.invitation).where(_i.token_hash == token_hash)).rowcount
    return found if gone else None


def end(connection: Connection, *, publisher_id: str, officer_id: int | None) -> None:
    """What was given to this officer, or for the first one, is worth nothing any more."""
    first = and_(_i.officer_id.is_(None), _i.publisher_id == publisher_id)
    whose: ColumnElement[bool] = first if officer_id is None else _i.officer_id == officer_id
    connection.execute(delete(rows.invitation).where(whose))


def end_of(connection: Connection, *, publisher_id: str, name: str) -> None:
    """What this publisher gave to the officer of this name is worth nothing any more."""
    hers = select(_o.id).where(_o.name == name)
    connection.execute(
        delete(rows.invitation).where(_i.publisher_id == publisher_id, _i.officer_id.in_(hers))
    )
