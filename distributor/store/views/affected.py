"""Whom a change of a release concerns: how many have the text, may have it, are waiting. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select

from distributor.model.notice import TEXTS
from distributor.model.release import Release
from distributor.policy.plan import RELEASE
from distributor.store import holders, rows
from distributor.store.holders import Holder
from distributor.store.views.ahead import GROUPS, TRYING, grouped

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
    silent = tuple(holders.silent(connection, release_id=release_id))
    told = holders.number(connection, release_id=release_id) - len(silent)
    return Affected(states(connection, release_id=release_id), told, silent)


def states(connection: Connection, *, release_id: int) -> dict[str, int]:
    """How many deliveries of the text are in each state."""
    return {row[0]: row[1] for row in connection.execute(_STATES, {"release": release_id})}


_STATES = (
    select(d.state, func.count())
    .join(rows.mailout, m.id == d.mailout_id)
    .where(m.release_id == bindparam("release"), m.kind.in_(TEXTS))
    .group_by(d.state)
)


def waiting(connection: Connection, release: Release) -> int:
    """How many are still to get what is in force, as far as that is known."""
    planned = select(m.id).where(m.release_id == release.id, m.kind == RELEASE, m.state == "planned")
    size = release.in_force.audience_size or 0 if release.in_force else 0
    if size and connection.execute(planned).first() is not None:
        return max(0, size - len(holders.keys(connection, release_id=release.id, refused=True)))
    states = [state.value for state in GROUPS[TRYING]]
    open_now = (m.release_id == release.id, m.kind == RELEASE, d.state.in_(states))
    counted = select(func.count()).select_from(rows.delivery.join(rows.mailout, m.id == d.mailout_id))
    return int(connection.execute(counted.where(*open_now)).scalar_one())
