"""What went to whom, newest first, a page at a time. Reads only.

A page goes on after a key, never after so many, and looks at a bounded part of the office's years: what it
costs does not grow with them. Of everybody: the newest mailout first, in it by address; of some addresses:
the newest delivery first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, or_, select

from distributor.store import rows
from distributor.store.views import log

d, m, r, e, c = rows.delivery.c, rows.mailout.c, rows.release.c, rows.log.c, rows.contact.c

WINDOW = 1000  # mailouts that one page looks at
_FEW = 60
_MOST_KEYS = 200  # addresses of one outlet

_COLUMNS = (
    *(d.id, d.mailout_id, d.address, d.address_key, d.contact_id, d.language, d.state, d.changed_at),
    *(m.kind, m.wave, m.due, r.reference),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which deliveries; None leaves a column open. `keys` are addresses; `since`, `until`: the instant."""

    publisher_id: str
    release_id: int | None = None
    keys: Sequence[str] | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def mailouts(self) -> list[ColumnElement[bool]]:
        of_release = [m.release_id == self.release_id] if self.release_id is not None else []
        begun = [m.due >= self.since] if self.since else []
        ended = [m.due < self.until] if self.until else []
        return [m.publisher_id == self.publisher_id, *of_release, *begun, *ended]

    def deliveries(self) -> list[ColumnElement[bool]]:
        return [d.state == self.state] if self.state else []


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page. `onward` is the key of the next, "" at the end; `back_to`: so far it looked, no further."""

    rows: list[dict[str, Any]]
    onward: str = ""
    back_to: datetime | None = None


def keys_of_outlet(connection: Connection, *, publisher_id: str, outlet_key: str) -> list[str]:
    """The addresses of those who work for this outlet now."""
    found = select(c.address_key).where(c.publisher_id == publisher_id, c.outlet_key == outlet_key)
    return list(connection.scalars(found.order_by(c.address_key).limit(_MOST_KEYS)))


def page(connection: Connection, asked: Asked, *, after: str = "", limit: int) -> Leaf:
    """The deliveries that come after the key `after`; a key that is none begins anew."""
    mailout, _, delivery = after.partition("-")
    place = (int(mailout), int(delivery)) if _number(mailout) and _number(delivery) else None
    if asked.keys is not None:
        return _of_addresses(connection, asked, before=place[1] if place else None, limit=limit)
    return _of_everybody(connection, asked, place, limit=limit)


def _number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18


_MAILS: Select[Any] = (
    select(*_COLUMNS)
    .select_from(rows.delivery)
    .join(rows.mailout, m.id == d.mailout_id)
    .join(rows.release, r.id == m.release_id)
)


def _of_addresses(connection: Connection, asked: Asked, *, before: int | None, limit: int) -> Leaf:
    """As far back as is looked for the one of them who had the most."""
    keys = asked.keys or ()
    most = max(limit + 1, WINDOW // max(1, len(keys)))
    newest = [_newest(connection, asked.publisher_id, key, before=before, limit=most) for key in keys]
    floor = max((ids[-1] for ids in newest if len(ids) == most), default=0)
    window = [id for ids in newest for id in ids if id >= floor]
    query = _MAILS.where(d.id.in_(window), *asked.mailouts(), *asked.deliveries())
    leaf = _leaf(connection.execute(query.order_by(d.id.desc()).limit(limit + 1)).all(), limit=limit)
    if not leaf.onward and floor:
        due = select(m.due).join(rows.delivery, d.mailout_id == m.id).where(d.id == floor)
        return Leaf(leaf.rows, f"0-{floor}", connection.scalar(due))
    return leaf


def _newest(
    connection: Connection, publisher_id: str, key: str, *, before: int | None, limit: int
) -> list[int]:
    query = select(d.id).where(d.publisher_id == publisher_id, d.address_key == key)
    query = query if before is None else query.where(d.id < before)
    return list(connection.scalars(query.order_by(d.id.desc()).limit(limit)))


def _of_everybody(connection: Connection, asked: Asked, place: tuple[int, int] | None, *, limit: int) -> Leaf:
    due = connection.scalar(select(m.due).where(m.id == place[0])) if place else None
    found = _rest(connection, asked, place, limit=limit) if place and place[1] else []
    behind = [_before(due, place[0])] if place and due is not None else []
    window = list(
        connection.execute(
            select(m.id, m.due)
            .where(*asked.mailouts(), *behind)
            .order_by(m.due.desc(), m.id.desc())
            .limit(WINDOW)
        )
    )
    ids = [row.id for row in window]
    for mailout in chain.from_iterable(_with_mails(connection, asked, part) for part in _parts(ids)):
        if len(found) > limit:
            break
        found += _rest(connection, asked, (mailout, 0), limit=limit - len(found))
    leaf = _leaf(found, limit=limit)
    if not leaf.onward and len(window) == WINDOW:
        return Leaf(leaf.rows, f"{window[-1].id}-0", window[-1].due)
    return leaf


def _before(due: datetime, id: int) -> ColumnElement[bool]:
    return or_(m.due < due, and_(m.due == due, m.id < id))


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Few first: mostly they fill the page."""
    yield from filter(None, (ids[:_FEW], ids[_FEW:]))


def _with_mails(connection: Connection, asked: Asked, ids: Sequence[int]) -> list[int]:
    """Those of the mailouts that have a delivery which is asked for, in the same order."""
    there = select(d.id).where(d.mailout_id == m.id, *asked.deliveries()).limit(1).correlate(rows.mailout)
    found = set(connection.scalars(select(m.id).where(m.id.in_(ids), there.exists())))
    return [id for id in ids if id in found]


def _rest(connection: Connection, asked: Asked, place: tuple[int, int], *, limit: int) -> list[Row[Any]]:
    """Of one mailout by address, after this delivery; one more than `limit`."""
    mailout, delivery = place
    query = _MAILS.where(d.mailout_id == mailout, *asked.deliveries())
    if delivery:
        last = connection.scalar(select(d.address_key).where(d.id == delivery, d.mailout_id == mailout))
        query = query.where(*asked.mailouts(), d.address_key > (last or ""))
    return list(connection.execute(query.order_by(d.address_key).limit(limit + 1)))


def _leaf(found: Sequence[Row[Any]], *, limit: int) -> Leaf:
    shown = found[:limit]
    onward = f"{shown[-1].mailout_id}-{shown[-1].id}" if shown and len(found) > limit else ""
    return Leaf([dict(row._mapping) for row in shown], onward)


def lines(
    connection: Connection, found: Sequence[dict[str, Any]], *, message_id: log.MessageId
) -> Iterator[dict[str, Any]]:
    """The deliveries of a page as `views.log` tells them, each with its attempts."""
    ids = [row["id"] for row in found]
    tried = select(rows.log).where(e.delivery_id.in_(ids), e.attempt.is_not(None)).order_by(e.id)
    known = log.attempts(connection.execute(tried))
    for row in found:
        hers = known.get(row["id"], [])
        yield {
            "address": row["address"],
            "mailout": row["mailout_id"],
            **{name: row[name] for name in ("reference", "kind", "wave", "language", "state")},
            "changed": row["changed_at"],
            "message_id": message_id(row["mailout_id"], row["address_key"]),
            "bytes_sha256": next((hash for _, hash in reversed(hers) if hash), None),
            "attempts": [attempt for attempt, _ in hers],
        }


def answers(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """By delivery, what was last said of it: {"code", "enhanced", "text", "kind", "at"}."""
    found: dict[int, dict[str, Any]] = {}
    for row in connection.execute(_ANSWERS, {"ids": ids}):
        found[row.delivery_id] = dict(row._mapping) | {"text": row.text or row.detail}
    return found


_ANSWERS = (
    select(e.delivery_id, e.kind, e.at, e.relay, e.code, e.enhanced, e.text, e.detail)
    .where(e.delivery_id.in_(bindparam("ids", expanding=True)), e.kind != "intent")
    .order_by(e.id)
)
