"""Browsers that are signed in, and browsers in which an officer has signed in before.

Only the hashes of their cookies are kept. A session ends by its time, by signing out, with every change of
the password, and with its officer. It is for one publisher at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from distributor.model.officer import Officer
from distributor.store import officers, rows
from distributor.store.log import OFFICE

_s, _d, _o, _e = rows.session.c, rows.device.c, rows.officer.c, rows.log.c


@dataclass(frozen=True, slots=True)
class Signed:
    """An officer as she is at the publisher she is at work for, and all publishers that have her.

    `done`: the last row of the office's log when she was looked for.
    """

    officer: Officer
    publisher_id: str
    publishers: tuple[str, ...]
    done: int = 0


def begin(
    connection: Connection,
    *,
    officer_id: int,
    token_hash: str,
    now: datetime,
    ends_at: datetime,
    publisher_id: str | None = None,
) -> None:
    """A new session, for this publisher; those that are over are cleared away."""
    connection.execute(delete(rows.session).where(_s.ends_at <= now))
    values = {"officer_id": officer_id, "began_at": now, "ends_at": ends_at, "publisher_id": publisher_id}
    connection.execute(insert(rows.session).values(token_hash=token_hash, **values))


def find(
    connection: Connection, *, publishers: Sequence[str], token_hash: str, now: datetime
) -> Signed | None:
    """Whose session it is, with the roles that she has now; None when it is over or never was.

    She is at work for the publisher that she chose, else for the first of `publishers` that has her.
    """
    found = connection.execute(_FIND, {"token": token_hash, "now": now}).all()
    known = {row.publisher_id: row for row in found}
    hers = {id: officers.officer(known[id]) for id in publishers if id in known}
    if not hers:
        return None
    at = found[0].chosen if found[0].chosen in hers else next(iter(hers))
    return Signed(hers[at], at, tuple(hers), found[0].done or 0)


_whose = rows.officer.alias("whose")  # who signed in; her name is the same at each publisher
_DONE = select(func.max(_e.seq)).where(_e.chain == OFFICE).scalar_subquery().label("done")
_FIND = (
    select(rows.officer, _s.publisher_id.label("chosen"), _DONE)
    .join(_whose, _whose.c.name == _o.name)
    .join(rows.session, _s.officer_id == _whose.c.id)
    .where(
        _s.token_hash == bindparam("token"),
        _s.ends_at > bindparam("now", type_=_s.ends_at.type),
        _o.removed_at.is_(None),
    )
)


def work_for(connection: Connection, *, token_hash: str, publisher_id: str) -> None:
    """This session is for that publisher from now on."""
    chosen = update(rows.session).where(_s.token_hash == token_hash)
    connection.execute(chosen.values(publisher_id=publisher_id))


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
