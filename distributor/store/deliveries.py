"""Deliveries: queued, answered, gathered, ended. The guard that is the intent is `store.guard`.

Every function changes rows by `policy.lifecycle` alone. None writes the log: its caller does, in the same
transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from distributor.model.audience import Reason, Recipient
from distributor.policy.lifecycle import DELIVERY, DeliveryState
from distributor.store import rows
from distributor.store.transitions import allowed, move, statement

d, m, r, c = rows.delivery.c, rows.mailout.c, rows.release.c, rows.contact.c


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mailout to one address; `attempts` counts intents written so far."""

    id: int
    mailout_id: int
    publisher_id: str
    contact_id: int | None
    address: str
    address_key: str
    name: str
    language: str
    reasons: tuple[Reason, ...]
    state: str
    attempts: int


def add(
    connection: Connection,
    *,
    mailout_id: int,
    publisher_id: str,
    batch_id: int,
    recipients: Sequence[tuple[int, Recipient]],
    now: datetime,
) -> int:
    """Queue (position, recipient) pairs; returns how many were new to the mailout."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(rows.delivery).on_conflict_do_nothing(
        index_elements=["mailout_id", "address_key"]
    )
    common = {
        "mailout_id": mailout_id,
        "publisher_id": publisher_id,
        "batch_id": batch_id,
        "state": DELIVERY.start.value,
        "attempts": 0,
        "changed_at": now,
        "last_text": "",
    }
    values = [common | _columns(position, person) for position, person in recipients]
    return len(connection.execute(statement.values(values).returning(d.id)).all())


def _columns(position: int, person: Recipient) -> dict[str, Any]:
    reasons = [{"list": x.list, "topic": x.topic, "covers": x.covers} for x in person.reasons]
    return {
        "contact_id": person.contact_id,
        "address": person.address,
        "address_key": person.address_key,
        "name": person.name,
        "language": person.language,
        "reasons": reasons,
        "position": position,
    }


def of_batch(connection: Connection, *, batch_id: int) -> list[Delivery]:
    """What is still to be handed over in a batch, in its fair order."""
    found = connection.execute(
        select(rows.delivery)
        .where(d.batch_id == batch_id, allowed(rows.delivery, DELIVERY, "intend"))
        .order_by(d.position)
    )
    return [delivery(row) for row in found]


def answer(
    connection: Connection,
    *,
    event: str,
    id: int,
    run_id: int,
    now: datetime,
    code: int,
    text: str,
    next_at: datetime | None = None,
) -> bool:
    """The end of a hand-over by `run_id`; False when the delivery is no longer its own."""
    return bool(
        move(
            connection,
            rows.delivery,
            DELIVERY,
            event,
            d.id == id,
            d.run_id == run_id,
            d.state == DeliveryState.SENDING.value,
            changed_at=now,
            last_code=code or None,
            last_text=text,
            next_at=next_at,
            run_id=None,
            batch_id=None,
        )
    )


def any_over(connection: Connection, *, event: str, now: datetime) -> bool:
    """True when `end` would move something."""
    return bool(connection.execute(select(d.id).where(*_over(event, now)).limit(1)).first())


def end(connection: Connection, *, event: str, now: datetime) -> list[Row[Any]]:
    """What will not be sent any more; returns what the log needs of each.

    "expire": in no batch, and the mailout has expired. "cancel": the mailout is cancelled, and this one
    came back from its hand-over only after that.
    """
    moved = statement(rows.delivery, DELIVERY, event, *_over(event, now), changed_at=now, batch_id=None)
    return list(connection.execute(moved.returning(d.id, d.mailout_id, d.address, d.address_key)))


def _over(event: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    waiting = allowed(rows.delivery, DELIVERY, "intend")
    if event == "cancel":
        return (waiting, exists().where(m.id == d.mailout_id, m.state == "cancelled"))
    late = exists().where(m.id == d.mailout_id, m.state == "sending", m.expires_at <= now)
    return (waiting, d.batch_id.is_(None), late)


def give_up(connection: Connection, *, ids: Sequence[int], now: datetime) -> list[int]:
    """Cancel these if they still wait to be handed over; returns which."""
    waiting = allowed(rows.delivery, DELIVERY, "intend")
    moved = statement(
        rows.delivery, DELIVERY, "cancel", d.id.in_(ids), waiting, changed_at=now, batch_id=None
    )
    return list(connection.execute(moved.returning(d.id)).scalars())


def loose(connection: Connection, *, now: datetime, limit: int) -> list[Row[Any]]:
    """Deliveries to gather: of sending mailouts, in no batch, their time come: (id, mailout_id, priority)."""
    return list(
        connection.execute(
            select(d.id, d.mailout_id, m.priority)
            .join(rows.mailout, m.id == d.mailout_id)
            .where(
                m.state == "sending",
                d.batch_id.is_(None),
                allowed(rows.delivery, DELIVERY, "intend"),
                or_(d.next_at.is_(None), d.next_at <= now),
            )
            .order_by(d.mailout_id, d.position)
            .limit(limit)
        )
    )


def into_batch(connection: Connection, *, ids: Sequence[int], batch_id: int) -> int:
    """Put loose deliveries into a batch; returns how many were still loose."""
    return connection.execute(
        update(rows.delivery)
        .where(and_(d.id.in_(ids), d.batch_id.is_(None), allowed(rows.delivery, DELIVERY, "intend")))
        .values(batch_id=batch_id)
    ).rowcount


def cancel_open(connection: Connection, *, mailout_ids: Sequence[int], now: datetime) -> int:
    """Cancel what is queued or deferred; what may have gone out stays doubtful."""
    waiting = d.state.in_([DeliveryState.QUEUED.value, DeliveryState.DEFERRED.value])
    return move(
        connection,
        rows.delivery,
        DELIVERY,
        "cancel",
        d.mailout_id.in_(mailout_ids),
        waiting,
        changed_at=now,
        batch_id=None,
    )


def counts(connection: Connection, *, mailout_id: int) -> dict[str, int]:
    """{state: how many}, states with none left out."""
    found = connection.execute(
        select(d.state, func.count().label("number")).where(d.mailout_id == mailout_id).group_by(d.state)
    )
    return {row.state: row.number for row in found}


def keys(connection: Connection, *, mailout_id: int) -> frozenset[str]:
    """The address keys that the mailout has deliveries for."""
    return frozenset(connection.scalars(select(d.address_key).where(d.mailout_id == mailout_id)))


def delivery(row: Row[Any]) -> Delivery:
    """A row of the delivery table as a value."""
    names = [name for name in Delivery.__dataclass_fields__ if name != "reasons"]
    reasons = tuple(Reason(**reason) for reason in row.reasons)
    return Delivery(**{name: getattr(row, name) for name in names}, reasons=reasons)
