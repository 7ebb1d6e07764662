"""Browsers that are signed in, and browsers in which an officer has signed in before.

Only the hashes of their cookies are kept. A session ends by its time, by signing out, with every change of
the password, and with its officer.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from distributor.model.officer import Officer
from distributor.store import officers, rows

_s, _d, _o = rows.session.c, rows.device.c, rows.officer.c


def begin(
    connection: Connection, *, officer_id: int, token_hash: str, now: datetime, ends_at: datetime
) -> None:
    """A new session; those that are over are cleared away."""
    connection.execute(delete(rows.session).where(_s.ends_at <= now))
    connection.execute(
        insert(rows.session).values(
            token_hash=token_hash, officer_id=officer_id, began_at=now, ends_at=ends_at
        )
    )


def officer(connection: Connection, *, publisher_id: str, token_hash: str, now: datetime) -> Officer | None:
    """Whose session it is, with the roles that she has now; None when it is over or never was."""
    name = connection.scalar(
        select(_o.name)
        .join(rows.session, _s.officer_id == _o.id)
        .where(_s.token_hash == token_hash, _s.ends_at > now)
        .where(_o.publisher_id == publisher_id, _o.removed_at.is_(None))
    )
    return None if name is None else officers.find(connection, publisher_id=publisher_id, name=name)


def end(connection: Connection, *, token_hash: str) -> None:
    """This one is over."""
    connection.execute(delete(rows.session).where(_s.token_hash == token_hash))


def end_all(connection: Connection, *, officer_id: int) -> None:
    """Every session of hers is over, and no browser is known any more."""
    connection.execute(delete(rows.session).where(_s.officer_id == officer_id))
    connection.execute(delete(rows.device).where(_d.officer_id == officer_id))


def know_device(
    connection: Connection, *, officer_id: int, token_hash: str, now: datetime, ends_at: datetime
) -> None:
    """She has signed in with this browser; forgotten ones are cleared away."""
    connection.execute(delete(rows.device).where(_d.ends_at <= now))
    connection.execute(
        insert(rows.device).values(token_hash=token_hash, officer_id=officer_id, ends_at=ends_at)
    )


def knows_device(connection: Connection, *, officer_id: int, token_hash: str, now: datetime) -> bool:
    """Whether she has."""
    found = select(_d.officer_id).where(
        _d.token_hash == token_hash, _d.officer_id == officer_id, _d.ends_at > now
    )
    return connection.scalar(found) is not None
