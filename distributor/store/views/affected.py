"""Whom a change of a release concerns: how many have the text, may have it, are waiting. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from distributor.model.notice import TEXTS
from distributor.store import holders, rows
from distributor.store.holders import Holder
from distributor.store.views.ahead import grouped

m, d = rows.mailout.c, rows.delivery.c


@dataclass(frozen=True, slots=True)
class Affected:
    """`states` counts deliveries of the text; `told` holders get notices, `silent` ones must be phoned."""

    states: Mapping[str, int]
    told: int
    silent: tuple[Holder, ...]

    @property
    def groups(self) -> dict[str, int]:
        """How many are accepted, may have it, are still tried, are not sent."""
        return grouped(self.states)


def of_release(connection: Connection, *, release_id: int) -> Affected:
    """As it is now; more may have it when the change is done."""
    counted = connection.execute(
        select(d.state, func.count())
        .join(rows.mailout, m.id == d.mailout_id)
        .where(m.release_id == release_id, m.kind.in_(TEXTS))
        .group_by(d.state)
    )
    found = holders.of_release(connection, release_id=release_id)
    silent = tuple(holder for holder in found if holder.silence)
    return Affected({row[0]: row[1] for row in counted}, len(found) - len(silent), silent)
