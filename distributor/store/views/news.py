"""What happened since a row of the office's log that people are told of; no word of a text. Reads only.

What is not so any more when it is read is left out: a draft that was approved meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from distributor.model.news import News, NewsKind
from distributor.model.rules import Rules
from distributor.policy.lifecycle import DeliveryState
from distributor.store import deliveries, rows
from distributor.store.log import OFFICE
from distributor.store.views import todo
from distributor.store.views.events import of_publisher

e, r, m, d = rows.log.c, rows.release.c, rows.mailout.c, rows.delivery.c

PAGE, MOST = 20_000, 1000  # rows that are looked at, and told, at once
#: By the kind of the log's row.
_KINDS = {
    "went": NewsKind.WENT,
    "finished": NewsKind.FINISHED,
    "held": NewsKind.HELD,
    "drafted": NewsKind.APPROVAL,
    "approved_first": NewsKind.APPROVAL,
    "relay_fails": NewsKind.RELAY_FAILS,
    "relay_well": NewsKind.RELAY_WELL,
}
_MAILOUTS = (NewsKind.WENT, NewsKind.FINISHED)


@dataclass(frozen=True, slots=True)
class Found:
    """`seq`: the last row that was read."""

    seq: int
    news: Sequence[News]


def end(connection: Connection) -> int:
    """The last row of the office's log."""
    return connection.execute(select(func.max(e.seq)).where(e.chain == OFFICE)).scalar() or 0


def since(connection: Connection, *, seq: int, publisher_id: str, rules: Rules, now: datetime) -> Found:
    """What is after the row `seq`, at most a page of it."""
    last = min(end(connection), seq + PAGE)
    query = (
        select(rows.log, r.reference, m.kind.label("mailout"), m.wave, m.opened_at)
        .outerjoin(rows.release, r.id == e.release_id)
        .outerjoin(rows.mailout, m.id == e.mailout_id)
        .where(e.chain == OFFICE, e.seq > seq, e.seq <= last, e.kind.in_(_KINDS))
        .where(of_publisher(publisher_id))
        .order_by(e.seq)
        .limit(MOST)
    )
    found = connection.execute(query).all()
    last = found[-1].seq if len(found) == MOST else last
    wanted = _wanted(connection, publisher_id=publisher_id, rules=rules, now=now) if found else {}
    told = [_told(connection, row, wanted) for row in found]
    return Found(last, _latest([one for one in told if one is not None]))


def _wanted(
    connection: Connection, *, publisher_id: str, rules: Rules, now: datetime
) -> dict[str, dict[str, Any]]:
    """What waits for an approver now, by release."""
    asked = todo.approvals_wanted(connection, publisher_id=publisher_id, rules=rules, now=now)
    return {one["reference"]: one for one in asked}


def _told(connection: Connection, row: Row[Any], wanted: dict[str, dict[str, Any]]) -> News | None:
    kind = _KINDS[row.kind]
    facts: dict[str, Any] = {"detail": row.detail}
    if kind is NewsKind.APPROVAL:
        if row.reference not in wanted:
            return None
        facts = {name: wanted[row.reference][key] for name, key in (("detail", "what"), ("answer", "answer"))}
    elif kind in _MAILOUTS:
        facts = _figures(connection, row)
    name = f"{row.mailout or ''} {row.wave or ''}".strip().replace("_", " ")
    return News(row.seq, kind, row.at, row.actor, row.reference or "", name, row.relay or "", **facts)


def _figures(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    mine = (d.mailout_id == row.mailout_id, d.state == DeliveryState.SENT.value)
    last = connection.execute(select(func.max(d.changed_at).label("at")).where(*mine)).scalar()
    counts = deliveries.counts(connection, mailout_id=row.mailout_id)
    return {"counts": counts, "opened": row.opened_at, "last": last}


def _latest(news: Sequence[News]) -> list[News]:
    """Of what waits for approval only the latest of each release; a mailout that has finished since has not
    only gone through once."""
    approvals = {one.reference: one.seq for one in news if one.kind is NewsKind.APPROVAL}
    over = {(one.reference, one.mailout) for one in news if one.kind is NewsKind.FINISHED}
    return [
        one
        for one in news
        if not (one.kind is NewsKind.APPROVAL and approvals[one.reference] != one.seq)
        and not (one.kind is NewsKind.WENT and (one.reference, one.mailout) in over)
    ]
