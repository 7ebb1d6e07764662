"""Deliveries: answered, gathered, ended. They are queued in `store.queueing`; the guard that is the intent is
`store.guard`.

Every function changes rows by `policy.lifecycle` alone. None writes the log: its caller does, in the same
transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from distributor.policy.lifecycle import DELIVERY, DONE, DeliveryState
from distributor.store import rows
from distributor.store.columns import UTC
from distributor.store.live import sending_live
from distributor.store.prepared import Prepared, among, given
from distributor.store.tables import WAITING
from distributor.store.transitions import allowed, statement, values

d, m, r, c = rows.delivery.c, rows.mailout.c, rows.release.c, rows.contact.c


class Delivery(NamedTuple):
    """One mailout to one address; `attempts` counts intents so far, `failures` those that failed for now.

    `answers_id`: of a notice, the mailout by which she had the text.
    """

    id: int
    mailout_id: int
    publisher_id: str
    contact_id: int | None
    address: str
    address_key: str
    name: str
    language: str
    reason: str
    state: str
    attempts: int
    failures: int
    answers_id: int | None = None


def of_batch(connection: Connection, *, batch_id: int) -> list[Delivery]:
    """What is still to be handed over in a batch, in its fair order."""
    return list(map(Delivery._make, _OF_BATCH.run(connection, batch=batch_id).fetchall()))


def answer(
    connection: Connection,
    *,
    event: str,
    ids: Sequence[int],
    run_id: int,
    now: datetime,
    next_at: datetime | None = None,
) -> Callable[[], set[int]]:
    """The end of hand-overs by `run_id`; what is returned tells, later, which were still its own and moved.

    With `next_at` they failed for now: they are tried again from then on.
    """
    done = _ANSWER[event].run(
        connection, ids=list(ids), run=run_id, now=now, next_at=next_at, failed=int(next_at is not None)
    )
    return lambda: {id for (id,) in done.fetchall()}


def _of_batch(dialect: str) -> Select[Any]:  # noqa: ARG001
    return (
        select(*_DELIVERY)
        .where(d.batch_id == given("batch"), allowed(rows.delivery, DELIVERY, "intend"))
        .order_by(d.position)
    )


def _answer(event: str) -> Callable[[str], ReturningUpdate[tuple[int]]]:
    return lambda dialect: statement(
        rows.delivery,
        DELIVERY,
        event,
        among(d.id, "ids", dialect),
        d.run_id == given("run"),
        d.state == DeliveryState.SENDING.value,
        changed_at=given("now", UTC()),
        next_at=given("next_at", UTC()),
        failures=d.failures + given("failed"),
        run_id=None,
        batch_id=None,
    ).returning(d.id)


_DELIVERY = [d[name] for name in Delivery._fields]
_OF_BATCH = Prepared(_of_batch)
_ANSWER = {
    event: Prepared(_answer(event)) for event in ("accept", "defer", "reject", "expire", "doubt", "hand_back")
}


def any_over(connection: Connection, *, event: str, now: datetime, release_id: int | None = None) -> bool:
    """True when `end` would move something."""
    if release_id is None:
        return bool(connection.execute(_any_over(event), {"now": now}).first())
    return bool(connection.execute(select(d.id).where(*_over(event, now, release_id)).limit(1)).first())


@cache
def _any_over(event: str) -> Select[Any]:
    return select(d.id).where(*_over(event, bindparam("now", type_=m.expires_at.type), None)).limit(1)


def end(
    connection: Connection, *, event: str, now: datetime, limit: int, release_id: int | None = None
) -> list[Row[Any]]:
    """What will not be sent any more (of one release), `limit` at most; returns what the log needs of each.

    "expire": in no batch, and the mailout has expired while it could go: what is held waits for its answer.
    "cancel": the mailout is cancelled, and this one
    still waits, or came back from its hand-over only after that.
    """
    over = _over(event, now, release_id)
    return _moved(connection, event, d.id.in_(select(d.id).where(*over).limit(limit)), *over, now=now)


def _over(
    event: str, now: datetime | BindParameter[datetime], release_id: int | None
) -> tuple[ColumnElement[bool], ...]:
    waiting = allowed(rows.delivery, DELIVERY, "intend")
    mailouts = select(m.id) if release_id is None else select(m.id).where(m.release_id == release_id)
    if event == "cancel":
        return (waiting, d.mailout_id.in_(mailouts.where(m.state == "cancelled")))
    late = mailouts.join(rows.release, r.id == m.release_id).where(sending_live(), m.expires_at <= now)
    return (waiting, d.batch_id.is_(None), d.mailout_id.in_(late))


def give_up(connection: Connection, *, ids: Sequence[int], now: datetime) -> list[int]:
    """Cancel these if they still wait to be handed over; returns which."""
    return [id for (id,) in _GIVE_UP.run(connection, ids=list(ids), now=now)]


def _give_up(dialect: str) -> ReturningUpdate[tuple[int]]:
    mine, waiting = among(d.id, "ids", dialect), allowed(rows.delivery, DELIVERY, "intend")
    return statement(
        rows.delivery, DELIVERY, "cancel", mine, waiting, changed_at=given("now", UTC()), batch_id=None
    ).returning(d.id)


_GIVE_UP = Prepared(_give_up)


def loose(connection: Connection, *, now: datetime, limit: int) -> list[Row[Any]]:
    """Deliveries to gather: of sending mailouts, in no batch, their time come.

    Each as (id, mailout_id, address_key, priority).
    """
    return list(connection.execute(_LOOSE, {"now": now, "most": limit}))


_LOOSE = (
    select(d.id, d.mailout_id, d.address_key, m.priority)
    .join(rows.mailout, m.id == d.mailout_id + 0)  # loose ones first, in the order of their index
    .where(
        m.state == "sending",
        d.batch_id.is_(None),
        text(f"delivery.{WAITING}"),  # constants: the index holds only these deliveries
        or_(d.next_at.is_(None), d.next_at <= bindparam("now", type_=d.next_at.type)),
    )
    .order_by(d.mailout_id, d.position)
    .limit(bindparam("most"))
)


def into_batch(connection: Connection, *, ids: Sequence[int], batch_id: int) -> int:
    """Put loose deliveries into a batch; returns how many were still loose."""
    return connection.execute(
        update(rows.delivery)
        .where(and_(d.id.in_(ids), d.batch_id.is_(None), allowed(rows.delivery, DELIVERY, "intend")))
        .values(batch_id=batch_id)
    ).rowcount


def cancel_open(connection: Connection, *, mailout_ids: Sequence[int], now: datetime) -> list[Row[Any]]:
    """Cancel what is queued or deferred; returns what the log needs. What may be out stays doubtful."""
    waiting = allowed(rows.delivery, DELIVERY, "intend")
    return _moved(connection, "cancel", d.mailout_id.in_(mailout_ids), waiting, now=now)


def _moved(connection: Connection, event: str, *where: ColumnElement[bool], now: datetime) -> list[Row[Any]]:
    moved = statement(rows.delivery, DELIVERY, event, *where, changed_at=now, batch_id=None)
    return list(connection.execute(moved.returning(d.id, d.mailout_id, d.address, d.address_key)))


def counts(connection: Connection, *, mailout_id: int) -> dict[str, int]:
    """{state: how many}, states with none left out."""
    return {row.state: row.number for row in connection.execute(_COUNTS, {"mailout": mailout_id})}


_COUNTS = (
    select(d.state, func.count().label("number"))
    .where(d.mailout_id == bindparam("mailout"))
    .group_by(d.state)
)


def count(connection: Connection, *, mailout_id: int) -> int:
    """How many deliveries the mailout has."""
    return sum(counts(connection, mailout_id=mailout_id).values())


def answer_to(connection: Connection, *, mailout_id: int, answers: Mapping[str, int]) -> None:
    """Of a notice, by address key: the mailout by which she had the text that it tells of."""
    mine = (d.mailout_id == mailout_id, d.address_key == bindparam("key"))
    told = update(rows.delivery).where(*mine).values(answers_id=bindparam("mailout"))
    connection.execute(told, [{"key": key, "mailout": id} for key, id in answers.items()])


def silence(connection: Connection, *, mailout_id: int, keys: Sequence[str], now: datetime) -> list[Row[Any]]:
    """Who must not be mailed ends before she begins; returns what the log needs of each."""
    return _moved(connection, "suppress", d.mailout_id == mailout_id, d.address_key.in_(keys), now=now)


def keys(connection: Connection, *, mailout_id: int, waiting: bool = False) -> frozenset[str]:
    """The address keys that the mailout has deliveries for; `waiting`: those not at their end."""
    mine = select(d.address_key).where(d.mailout_id == mailout_id)
    if waiting:
        mine = mine.where(d.state.not_in(values(DONE)))
    return frozenset(connection.scalars(mine))


def delivery(row: Row[Any]) -> Delivery:
    """A row of the delivery table as a value."""
    return Delivery(*(getattr(row, name) for name in Delivery._fields))
