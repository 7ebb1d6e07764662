"""What is next and what goes out now, for the console's first page. Reads only.

Headlines are in it: a face shows them only to who may read texts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, select

from distributor.policy.lifecycle import DeliveryState
from distributor.store import rows

m, r, v, d, t = rows.mailout.c, rows.release.c, rows.revision.c, rows.delivery.c, rows.version.c

#: The four plain groups of states, in the order in which they are shown.
ACCEPTED, MAY_HAVE, TRYING, NOT_SENT = "accepted", "may have it", "still trying", "not sent"
GROUPS: Mapping[str, tuple[DeliveryState, ...]] = {
    ACCEPTED: (DeliveryState.SENT,),
    MAY_HAVE: (DeliveryState.DOUBTFUL,),
    TRYING: (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED),
    NOT_SENT: (
        DeliveryState.REJECTED,
        DeliveryState.EXPIRED,
        DeliveryState.SUPPRESSED,
        DeliveryState.CANCELLED,
        DeliveryState.BOUNCED,
    ),
}
_GROUP_OF = {state.value: group for group, states in GROUPS.items() for state in states}


@dataclass(frozen=True, slots=True)
class Ahead:
    """A mailout; `states` counts its deliveries, none while it is planned.

    `undo`: it was approved to go at once, and waits only so that it can be undone.
    """

    id: int
    reference: str
    headline: str
    kind: str
    wave: str
    due: datetime
    state: str
    held: str
    undo: bool
    states: Mapping[str, int]

    @property
    def groups(self) -> dict[str, int]:
        """How many are accepted, may have it, are still tried, are not sent."""
        return grouped(self.states)

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def done(self) -> int:
        """Deliveries that are tried no more."""
        return self.total - self.groups[TRYING]


def grouped(states: Mapping[str, int]) -> dict[str, int]:
    """Counts by state as counts by group, every group named."""
    found: Counter[str] = Counter(dict.fromkeys(GROUPS, 0))
    for state, number in states.items():
        found[_GROUP_OF[state]] += number
    return dict(found)


def ahead(connection: Connection, *, publisher_id: str, limit: int) -> list[Ahead]:
    """The mailouts that are still to open, the next one first."""
    found = connection.execute(_AHEAD, {"publisher": publisher_id, "limit": limit})
    return [_ahead(row, {}) for row in found]


def under_way(connection: Connection, *, publisher_id: str) -> list[Ahead]:
    """The mailouts that go out now, oldest first."""
    found = connection.execute(_UNDER_WAY, {"publisher": publisher_id}).all()
    states = _states(connection, [row.id for row in found]) if found else {}
    return [_ahead(row, states.get(row.id, {})) for row in found]


def undo() -> ColumnElement[bool]:
    """Of a mailout with its release and revision: nothing but `[schedule] undo` is waited for."""
    at_once = and_(r.embargo.is_(None), ~r.until_lifted, v.send_at.is_(None), r.held_at.is_(None))
    waits = and_(m.state.in_(["planned", "prepared"]), m.held_at.is_(None), ~m.extra)
    return and_(m.kind == "release", at_once, waits)


def _states(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for id, state, number in connection.execute(_STATES, {"ids": ids}):
        found.setdefault(id, {})[state] = number
    return found


_HEADLINE = t.content["headline"].as_string().label("headline")
_HELD = func.coalesce(r.held_reason, m.held_reason, "").label("held")
_MAILOUTS = (
    select(m.id, r.reference, _HEADLINE, m.kind, m.wave, m.due, m.state, _HELD, undo().label("undo"))
    .join(rows.release, r.id == m.release_id)
    .join(rows.revision, v.id == m.revision_id)
    .join(rows.version, (t.revision_id == m.revision_id) & (t.position == 0))
    .where(m.publisher_id == bindparam("publisher"))
)
_AHEAD = _MAILOUTS.where(m.state.in_(["planned", "prepared"])).order_by(m.due, m.id).limit(bindparam("limit"))
_UNDER_WAY = _MAILOUTS.where(m.state == "sending").order_by(m.opened_at, m.id)
_STATES = (
    select(d.mailout_id, d.state, func.count())
    .where(d.mailout_id.in_(bindparam("ids", expanding=True)))
    .group_by(d.mailout_id, d.state)
)


def _ahead(row: Row[Any], states: Mapping[str, int]) -> Ahead:
    return Ahead(**row._mapping, states=states)
