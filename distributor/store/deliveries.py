"""Deliveries: the guard that is the intent (law 2, 3, 4, 5), the answers, and what a crash leaves.

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
from distributor.store.mailout_guard import sending_live
from distributor.store.transitions import allowed, move, statement

#: An advance copy in one of these stands for the release copy: had, or refused for good.
_COVERED = (DeliveryState.SENT, DeliveryState.BOUNCED, DeliveryState.REJECTED)

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


def intend(connection: Connection, *, ids: Sequence[int], run_id: int, now: datetime) -> set[int]:
    """THE guard: only the returned deliveries may be handed over, and only by this run.

    The batch is leased by this living run, the mailout is open, its instant has come, nothing is held,
    the release is live, the contact is not silent, the address not suppressed, and no advance copy is
    with the address or on its way there. On PostgreSQL a verb that stops the release waits for this
    transaction, or this one for it: what it does not see under way cannot begin.
    """
    _lock_releases(connection, ids=ids)
    batch, run = rows.batch.c, rows.run.c
    leased = exists().where(
        batch.id == d.batch_id,
        batch.run_id == run_id,
        batch.state == "leased",
        run.id == batch.run_id,
        run.ended_at.is_(None),
    )
    open_now = exists().where(
        m.id == d.mailout_id, m.due <= now, now < m.expires_at, r.id == m.release_id, sending_live()
    )
    granted = connection.execute(
        statement(
            rows.delivery,
            DELIVERY,
            "intend",
            d.id.in_(ids),
            leased,
            open_now,
            ~_silent(),
            ~_advance(*_COVERED, DeliveryState.SENDING),
            run_id=run_id,
            attempts=d.attempts + 1,
            changed_at=now,
        ).returning(d.id)
    )
    return set(granted.scalars())


def _lock_releases(connection: Connection, *, ids: Sequence[int]) -> None:
    """Share the releases' rows with other intents, not with `releases.lock` (SQLite has one writer)."""
    mailouts = select(d.mailout_id).where(d.id.in_(ids))
    of_these = select(m.release_id).where(m.id.in_(mailouts))
    connection.execute(select(r.id).where(r.id.in_(of_these)).order_by(r.id).with_for_update(read=True))


def refuse(connection: Connection, *, ids: Sequence[int], now: datetime) -> dict[str, list[int]]:
    """Sort out candidates that the guard left: {event: ids}, after moving them.

    Silent ones are suppressed, those with their advance copy cancelled, late ones expired; the others
    (held, cancelled mailout, advance under way) are handed back to be looked at again: key "hand_back".
    """
    mine = d.id.in_(ids)
    late = exists().where(m.id == d.mailout_id, m.expires_at <= now)
    events = {
        "suppress": _silent(),
        "cancel": _advance(*_COVERED),
        "expire": late,
    }
    moved: dict[str, list[int]] = {}
    for event, condition in events.items():
        done = connection.execute(
            statement(
                rows.delivery, DELIVERY, event, mine, condition, changed_at=now, batch_id=None
            ).returning(d.id)
        )
        moved[event] = list(done.scalars())
    left = connection.execute(
        update(rows.delivery)
        .where(mine, allowed(rows.delivery, DELIVERY, "intend"))
        .values(batch_id=None)
        .returning(d.id)
    )
    moved["hand_back"] = list(left.scalars())
    return moved


def _silent() -> ColumnElement[bool]:
    silent = exists().where(c.id == d.contact_id, c.standing != "active")
    s = rows.suppression.c
    suppressed = exists().where(s.publisher_id == d.publisher_id, s.address_key == d.address_key)
    return or_(silent, suppressed)


def _advance(*states: DeliveryState) -> ColumnElement[bool]:
    """An advance delivery of the same release and revision to the same address is in one of `states`."""
    release_mailout = rows.mailout.alias("release_mailout").c
    advance_mailout = rows.mailout.alias("advance_mailout").c
    advance = rows.delivery.alias("advance").c
    return exists().where(
        release_mailout.id == d.mailout_id,
        release_mailout.kind == "release",
        advance_mailout.revision_id == release_mailout.revision_id,
        advance_mailout.kind == "advance",
        advance.mailout_id == advance_mailout.id,
        advance.address_key == d.address_key,
        advance.state.in_([state.value for state in states]),
    )


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


def left_by(connection: Connection, *, run_id: int) -> list[Delivery]:
    """What a run has under way: after its death, what may have gone out unseen."""
    found = connection.execute(
        select(rows.delivery).where(d.run_id == run_id, d.state == DeliveryState.SENDING.value)
    )
    return [delivery(row) for row in found]


def doubt(connection: Connection, *, ids: Sequence[int], now: datetime) -> None:
    """sending → doubtful."""
    move(
        connection,
        rows.delivery,
        DELIVERY,
        "doubt",
        d.id.in_(ids),
        changed_at=now,
        run_id=None,
        batch_id=None,
    )


def doubtful(
    connection: Connection, *, release_id: int | None = None, address_key: str | None = None
) -> list[Row[Any]]:
    """Doubtful deliveries with their mailout's and release's facts, oldest first.

    `doubted` counts how often each became doubtful.
    """
    e = rows.log.c
    doubted = select(func.count()).where(e.delivery_id == d.id, e.kind == "doubted").scalar_subquery()
    query = (
        select(
            rows.delivery,
            m.kind,
            m.wave,
            m.state.label("mailout_state"),
            m.release_id,
            r.reference,
            r.embargo,
            r.until_lifted,
            doubted.label("doubted"),
        )
        .join(rows.mailout, m.id == d.mailout_id)
        .join(rows.release, r.id == m.release_id)
        .where(d.state == DeliveryState.DOUBTFUL.value)
        .order_by(d.changed_at, d.id)
    )
    if release_id is not None:
        query = query.where(m.release_id == release_id)
    if address_key is not None:
        query = query.where(d.address_key == address_key)
    return list(connection.execute(query))


def settle(connection: Connection, *, event: str, ids: Sequence[int], now: datetime) -> list[int]:
    """doubtful → queued ("resend"), sent ("settle") or cancelled ("cancel"); returns those that moved."""
    moved = connection.execute(
        statement(
            rows.delivery,
            DELIVERY,
            event,
            d.id.in_(ids),
            d.state == DeliveryState.DOUBTFUL.value,
            changed_at=now,
            next_at=None,
        ).returning(d.id)
    )
    return list(moved.scalars())


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


def cancel_covered(connection: Connection, *, mailout_id: int, now: datetime) -> list[int]:
    """Of a release mailout: cancel those whose advance copy is sent (or was refused for good)."""
    covered = _advance(*_COVERED)
    moved = connection.execute(
        statement(
            rows.delivery, DELIVERY, "cancel", d.mailout_id == mailout_id, covered, changed_at=now
        ).returning(d.id)
    )
    return list(moved.scalars())


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
