"""How many of what are in which state. Counts and states only: this is shown to anybody (law 1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Table, func, select

from distributor.policy.lifecycle import DeliveryState, MailoutState, ReleaseState
from distributor.store import rows, runs
from distributor.store.views import stuck

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Status:
    """Counts by state, every state named; `held` are releases and mailouts that wait for an officer.

    `trouble`: what goes on by itself no more, in words without names.
    """

    releases: Counts
    mailouts: Counts
    deliveries: Counts
    held: int
    trouble: tuple[str, ...]

    @property
    def doubtful(self) -> int:
        return self.deliveries[DeliveryState.DOUBTFUL]


def status(connection: Connection, *, now: datetime) -> Status:
    """The whole installation, all publishers."""
    return Status(
        releases=_by_state(connection, rows.release, ReleaseState),
        mailouts=_by_state(connection, rows.mailout, MailoutState),
        deliveries=_by_state(connection, rows.delivery, DeliveryState),
        held=held(connection),
        trouble=trouble(connection, now=now),
    )


def trouble(connection: Connection, *, now: datetime) -> tuple[str, ...]:
    """What goes on by itself no more; no names of hosts, folders or people are in it: anybody may read it."""
    found = []
    if runs.trouble(connection):
        found.append("nothing can be handed over: no relay takes mail, or the outbox cannot be written")
    if stuck.unwritten(connection, now=now):
        found.append("a sender cannot write to the database")
    if stuck.not_opened(connection, now=now):
        found.append("mail is due and does not begin")
    if stuck.unserved(connection, now=now):
        found.append("mail waits and no sender is at work")
    return tuple(found)


def answers(connection: Connection) -> bool:
    """True when the database answers with our tables."""
    return connection.execute(select(func.count()).select_from(rows.installation)).scalar_one() >= 0


def _by_state(connection: Connection, table: Table, states: type[StrEnum]) -> dict[str, int]:
    counted = connection.execute(select(table.c.state, func.count()).group_by(table.c.state))
    found = {row.state: row[1] for row in counted}
    return {state.value: found.get(state.value, 0) for state in states}


def held(connection: Connection) -> int:
    """A mailout whose release is held is not counted again; what is over holds nobody up."""
    releases = select(func.count()).where(
        rows.release.c.held_at.is_not(None), rows.release.c.state != ReleaseState.WITHDRAWN
    )
    mailouts = (
        select(func.count())
        .select_from(rows.mailout.join(rows.release, rows.release.c.id == rows.mailout.c.release_id))
        .where(
            rows.mailout.c.held_at.is_not(None),
            rows.release.c.held_at.is_(None),
            rows.mailout.c.state.not_in([MailoutState.FINISHED, MailoutState.CANCELLED]),
        )
    )
    return int(connection.scalar(releases) or 0) + int(connection.scalar(mailouts) or 0)
