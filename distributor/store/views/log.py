"""What went to whom and when, as one document: mailouts, deliveries, their attempts, events. Reads only.

An attempt is an intent and its end, two rows of the log: an answer, a doubt, or that it was handed back and
nothing had been sent. Message-IDs are computed (they are functions
of mailout and address), so the function that does it is given.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, or_, select

from distributor.model.release import Held
from distributor.store import rows
from distributor.store.views.releases import held
from distributor.store.views.unreached import PHONED

d, m, r, e = rows.delivery.c, rows.mailout.c, rows.release.c, rows.log.c

MessageId = Callable[[int, str], str]
_EVENTS = 200


@dataclass(frozen=True, slots=True)
class Filter:
    """Which deliveries: None leaves a column open. `since`: changed at or after."""

    publisher_id: str
    release_id: int | None = None
    address_key: str | None = None
    state: str | None = None
    since: datetime | None = None

    def mailouts(self) -> list[ColumnElement[bool]]:
        of_release = [m.release_id == self.release_id] if self.release_id is not None else []
        return [m.publisher_id == self.publisher_id, *of_release]

    def deliveries(self) -> list[ColumnElement[bool]]:
        asked = {d.address_key: self.address_key, d.state: self.state}
        since = [d.changed_at >= self.since] if self.since else []
        return [*self.mailouts(), *(column == v for column, v in asked.items() if v is not None), *since]

    @property
    def narrow(self) -> bool:
        """True when it asks for a release, a person or a state, and not for everything."""
        return any(fact is not None for fact in (self.release_id, self.address_key, self.state))


def document(
    connection: Connection, *, reference: str | None, asked: Filter, message_id: MessageId, latest: int = 20
) -> dict[str, Any]:
    """The log of a release, else the `latest` mailouts and events; deliveries when `asked` is narrow."""
    return {
        "reference": reference,
        "mailouts": mailouts(connection, asked, limit=None if reference else latest),
        "deliveries": list(deliveries(connection, asked, message_id=message_id)) if asked.narrow else [],
        "events": events(connection, asked, limit=_EVENTS if reference else latest),
    }


def mailouts(connection: Connection, asked: Filter, *, limit: int | None = None) -> list[dict[str, Any]]:
    """Mailouts in the order of their instants, with counts and the milliseconds of acceptance after due."""
    found = _asked(connection, asked, limit=limit)
    ids = [row.id for row in found]
    counts, accepted = _counts(connection, ids), _accepted(connection, ids)
    return [_mailout(row, counts.get(row.id, {}), accepted.get(row.id)) for row in found]


def under_way(connection: Connection, asked: Filter) -> list[dict[str, Any]]:
    """`mailouts` without the times of acceptance: for who looks again and again."""
    found = _asked(connection, asked, limit=None)
    counts = _counts(connection, [row.id for row in found])
    return [_mailout(row, counts.get(row.id, {}), None) for row in found]


def _asked(connection: Connection, asked: Filter, *, limit: int | None) -> list[Row[Any]]:
    query = (
        select(rows.mailout, r.reference).join(rows.release, r.id == m.release_id).where(*asked.mailouts())
    )
    if asked.since is not None:
        query = query.where(func.coalesce(m.finished_at, m.due) >= asked.since)
    return list(connection.execute(query.order_by(m.due.desc(), m.id.desc()).limit(limit)))[::-1]


def _counts(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    counts: dict[int, dict[str, int]] = {}
    for id, state, number in connection.execute(_COUNTS, {"ids": ids}):
        counts.setdefault(id, {})[state] = number
    return counts


_COUNTS = (
    select(d.mailout_id, d.state, func.count())
    .where(d.mailout_id.in_(bindparam("ids", expanding=True)))
    .group_by(d.mailout_id, d.state)
    .order_by(d.state)
)


def _accepted(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[datetime, datetime]]:
    """First and last acceptance by mailout."""
    accepted = and_(e.delivery_id == d.id, e.kind == "answer", e.detail == "accept")
    query = (
        select(d.mailout_id, func.min(e.at), func.max(e.at))
        .join(rows.log, accepted)
        .where(d.mailout_id.in_(ids))
        .group_by(d.mailout_id)
    )
    return {id: (first, last) for id, first, last in connection.execute(query)}


def _mailout(
    row: Row[Any], counts: dict[str, int], times: tuple[datetime, datetime] | None
) -> dict[str, Any]:
    first, last = [round((at - row.due).total_seconds() * 1000) for at in times] if times else (None, None)
    return {
        "id": row.id,
        "reference": row.reference,
        "kind": row.kind,
        "wave": row.wave,
        "due": row.due,
        "opened": row.opened_at,
        "finished": row.finished_at,
        "state": row.state,
        "held": held(Held(row.held_reason or "", row.held_by or "", row.held_at) if row.held_at else None),
        "counts": counts,
        "first_ms": first,
        "last_ms": last,
    }


def deliveries(connection: Connection, asked: Filter, *, message_id: MessageId) -> Iterator[dict[str, Any]]:
    """Deliveries in the order of their mailouts and of sending, each with its attempts."""
    query: Select[Any] = (
        select(rows.delivery, m.kind, m.wave, r.reference)
        .join(rows.mailout, m.id == d.mailout_id)
        .join(rows.release, r.id == m.release_id)
        .where(*asked.deliveries())
        .order_by(m.due, m.id, d.position)
    )
    known = _attempts(connection, asked)
    for row in connection.execute(query):
        tried = known.get(row.id, [])
        yield {
            "address": row.address,
            "mailout": row.mailout_id,
            "reference": row.reference,
            "kind": row.kind,
            "wave": row.wave,
            "language": row.language,
            "state": row.state,
            "changed": row.changed_at,
            "message_id": message_id(row.mailout_id, row.address_key),
            "bytes_sha256": next((hash for _, hash in reversed(tried) if hash), None),
            "attempts": [attempt for attempt, _ in tried],
        }


def _attempts(connection: Connection, asked: Filter) -> dict[int, list[tuple[dict[str, Any], str | None]]]:
    """By delivery, its attempts with the hash of their bytes."""
    query = (
        select(rows.log)
        .join(rows.delivery, d.id == e.delivery_id)
        .join(rows.mailout, m.id == d.mailout_id)
        .where(*asked.deliveries(), e.attempt.is_not(None))
        .order_by(e.id)
    )
    return attempts(connection.execute(query))


def attempts(logged: Iterable[Row[Any]]) -> dict[int, list[tuple[dict[str, Any], str | None]]]:
    """Rows of the log with a number of an attempt, in their order, as `_attempts` has them."""
    found: dict[int, list[tuple[dict[str, Any], str | None]]] = {}
    for row in logged:
        tried = found.setdefault(row.delivery_id, [])
        if row.kind == "intent":
            tried.append((_begun(row), row.bytes_sha256))
        elif tried and tried[-1][0]["number"] == row.attempt:
            tried[-1][0].update(_ended(row))
    return found


def _begun(row: Row[Any]) -> dict[str, Any]:
    open_end = dict.fromkeys(("finished", "relay", "code", "enhanced", "text", "end"))
    return {"number": row.attempt, "started": row.at, **open_end}


def _ended(row: Row[Any]) -> dict[str, Any]:
    return {
        "finished": row.at,
        "relay": row.relay,
        "code": row.code,
        "enhanced": row.enhanced,
        "text": row.text or row.detail or None,
        "end": row.kind,
    }


def events(connection: Connection, asked: Filter, *, limit: int) -> list[dict[str, Any]]:
    """What officers and the clockwork did, oldest first; of single deliveries only who was phoned."""
    told = or_(e.delivery_id.is_(None), e.kind == PHONED)
    query = (
        select(rows.log, r.reference)
        .join(rows.release, r.id == e.release_id)
        .where(r.publisher_id == asked.publisher_id, told, e.kind != "intent")
        .order_by(e.id.desc())
        .limit(limit)
    )
    if asked.release_id is not None:
        query = query.where(e.release_id == asked.release_id)
    if asked.since is not None:
        query = query.where(e.at >= asked.since)
    return [_event(row) for row in connection.execute(query)][::-1]


def _event(row: Row[Any]) -> dict[str, Any]:
    return {
        "at": row.at,
        "kind": row.kind,
        "actor": row.actor,
        "reference": row.reference,
        "mailout": row.mailout_id,
        "detail": row.detail,
        "hash": row.bytes_sha256,
    }
