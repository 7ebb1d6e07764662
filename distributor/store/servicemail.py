"""Service mail: what one person, or the webhook, is told; and up to which row of the log they were.

Whoever hands one over takes it for a while (`take`); what was taken and not ended, for its taker died, may be
taken again after that, and has the same Message-ID. Copies of the database take nothing (law 8).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from distributor.policy.lifecycle import SERVICE_MAIL, ServiceMailState
from distributor.store import rows
from distributor.store.installation import original
from distributor.store.log import OFFICE
from distributor.store.transitions import move

MAIL, WEBHOOK = "mail", "webhook"

s, t, e = rows.service_mail.c, rows.told.c, rows.log.c
_QUEUED = s.state == ServiceMailState.QUEUED.value


@dataclass(frozen=True, slots=True)
class ServiceMail:
    """`tries` counts this one, when it was taken."""

    id: int
    publisher_id: str
    kind: str
    address: str
    subject: str
    content: str
    tries: int
    expires_at: datetime
    created_at: datetime


_COLUMNS = [s[name] for name in ServiceMail.__dataclass_fields__]


def add(
    connection: Connection,
    *,
    publisher_id: str,
    way: str,
    kind: str,
    content: str,
    now: datetime,
    lasts: timedelta,
    address: str = "",
    subject: str = "",
) -> None:
    """One to be handed over from now on, for so long as it `lasts`."""
    values = {"publisher_id": publisher_id, "way": way, "kind": kind, "address": address, "subject": subject}
    times = {"created_at": now, "changed_at": now, "next_at": now, "expires_at": now + lasts}
    connection.execute(insert(rows.service_mail).values(**values, content=content, reason="", **times))


def due(connection: Connection, *, publisher_id: str, way: str, now: datetime) -> bool:
    """True when `take` would find one."""
    mine = (s.publisher_id == publisher_id, s.way == way, _QUEUED, s.next_at <= now, original())
    return connection.execute(select(s.id).where(*mine).limit(1)).first() is not None


def take(
    connection: Connection, *, publisher_id: str, way: str, now: datetime, until: datetime
) -> ServiceMail | None:
    """The oldest that is due, for nobody else `until` then; None without one."""
    mine = (s.publisher_id == publisher_id, s.way == way, _QUEUED, s.next_at <= now, original())
    oldest = select(s.id).where(*mine).order_by(s.id).limit(1)
    taken = (
        update(rows.service_mail)
        .where(s.id == oldest.scalar_subquery(), _QUEUED, s.next_at <= now)  # another may have been quicker
        .values(next_at=until, tries=s.tries + 1, changed_at=now)
    )
    row = connection.execute(taken.returning(*_COLUMNS)).first()
    return ServiceMail(*row) if row else None


def end(connection: Connection, *, id: int, event: str, now: datetime, reason: str = "") -> bool:
    """It was accepted, or will not be; False when it is at its end already."""
    mine = (s.id == id,)
    return bool(
        move(connection, rows.service_mail, SERVICE_MAIL, event, *mine, changed_at=now, reason=reason)
    )


def again(connection: Connection, *, id: int, at: datetime, now: datetime, reason: str) -> None:
    """It was tried in vain, and is due again then."""
    values = {"next_at": at, "changed_at": now, "reason": reason}
    connection.execute(update(rows.service_mail).where(s.id == id, _QUEUED).values(**values))


def put_back(connection: Connection, *, mail: ServiceMail, at: datetime, now: datetime) -> None:
    """Nobody was asked to take it: that was no try."""
    values = {"next_at": at, "changed_at": now, "tries": mail.tries - 1}
    mine = (s.id == mail.id, s.tries == mail.tries, _QUEUED)
    connection.execute(update(rows.service_mail).where(*mine).values(**values))


def expire(connection: Connection, *, publisher_id: str, now: datetime) -> int:
    """Give up what lasted long enough, and is with nobody; returns how many."""
    over = (s.publisher_id == publisher_id, s.expires_at <= now, s.next_at <= now)
    return move(connection, rows.service_mail, SERVICE_MAIL, "expire", *over, changed_at=now)


def any_over(connection: Connection, *, publisher_id: str, now: datetime) -> bool:
    """True when `expire` would give one up."""
    over = (s.publisher_id == publisher_id, _QUEUED, s.expires_at <= now, s.next_at <= now)
    return connection.execute(select(s.id).where(*over).limit(1)).first() is not None


def forget(connection: Connection, *, publisher_id: str, before: datetime) -> int:
    """Delete what was made before then and is at its end; returns how many. The log keeps that they went."""
    return connection.execute(rows.service_mail.delete().where(*_old(publisher_id, before))).rowcount


def any_old(connection: Connection, *, publisher_id: str, before: datetime) -> bool:
    """True when `forget` would delete one."""
    old = select(s.id).where(*_old(publisher_id, before)).limit(1)
    return connection.execute(old).first() is not None


def _old(publisher_id: str, before: datetime) -> tuple[ColumnElement[bool], ...]:
    """The last one stays: Message-IDs are made of numbers, and SQLite would give its number again."""
    last = select(func.max(rows.service_mail.alias().c.id)).scalar_subquery()
    return (s.publisher_id == publisher_id, s.created_at < before, ~_QUEUED, s.id < last)


def rounds(connection: Connection, *, publisher_id: str, way: str, since: datetime) -> list[datetime]:
    """The times at which people were told since then, the oldest first."""
    mine = (s.publisher_id == publisher_id, s.way == way, s.created_at >= since)
    return list(connection.scalars(select(s.created_at).where(*mine).distinct().order_by(s.created_at)))


def waits(connection: Connection, *, publisher_id: str, way: str) -> bool:
    """True while one is not at its end."""
    mine = (s.publisher_id == publisher_id, s.way == way, _QUEUED)
    return connection.execute(select(s.id).where(*mine).limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class Trouble:
    """What could not be handed over. `given_up`: it will not be tried again."""

    way: str
    reason: str
    since: datetime
    given_up: bool


def trouble(connection: Connection, *, publisher_id: str, since: datetime) -> list[Trouble]:
    """By way the last that failed since then; else one that was tried in vain so far."""
    found: dict[str, Trouble] = {}
    asked = {"publisher": publisher_id, "since": since, "made": since - timedelta(days=2)}
    for query in (_FAILED, _IN_VAIN):
        for row in connection.execute(query, asked):
            over = row.state == ServiceMailState.FAILED.value
            at = row.changed_at if over else row.created_at
            found.setdefault(row.way, Trouble(row.way, row.reason, at, over))
    return list(found.values())


_LATELY = (
    select(s.way, s.reason, s.changed_at, s.created_at, s.state)
    .where(s.publisher_id == bindparam("publisher"))
    .where(s.created_at >= bindparam("made", type_=s.created_at.type))
    .order_by(s.id.desc())
    .limit(200)
)
_FAILED = _LATELY.where(
    s.state == ServiceMailState.FAILED.value, s.changed_at >= bindparam("since", type_=s.changed_at.type)
)
_IN_VAIN = _LATELY.where(_QUEUED, s.tries > 0, s.reason != "")


def told(connection: Connection, *, publisher_id: str, way: str) -> int | None:
    """The last row of the office's log that people were told of; None: they never were."""
    mine = select(t.seq).where(t.publisher_id == publisher_id, t.way == way)
    seq: int | None = connection.execute(mine).scalar()
    return seq


def begin(connection: Connection, *, publisher_id: str, way: str, since: datetime) -> None:
    """From now on people are told what happened after `since`."""
    before = select(e.seq).where(e.chain == OFFICE, e.at < since).order_by(e.seq.desc()).limit(1)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    seq = connection.execute(before).scalar() or 0
    fresh = dialect.insert(rows.told).values(publisher_id=publisher_id, way=way, seq=seq)
    connection.execute(fresh.on_conflict_do_nothing())


def tell_up_to(connection: Connection, *, publisher_id: str, way: str, before: int, seq: int) -> bool:
    """People are told up to this row; False when another did it since `before` was read."""
    mine = (t.publisher_id == publisher_id, t.way == way, t.seq == before)
    return bool(connection.execute(update(rows.told).where(*mine).values(seq=seq)).rowcount)


def tell_no_more(connection: Connection, *, publisher_id: str, ways: Sequence[str]) -> None:
    """Nobody is told this way any more."""
    connection.execute(rows.told.delete().where(t.publisher_id == publisher_id, t.way.in_(ways)))
