"""How attempts ended, from the log as it grows: each row once, from where one stopped. Reads only.

A place is {chain: seq}. It is kept by chain and not by key: PostgreSQL's keys become visible out of order.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from distributor.store import rows
from distributor.store.log import OFFICE

m, e, run = rows.mailout.c, rows.log.c, rows.run.c

_ENDS = ("answer", "doubted", "handed_back", "expired", "suppressed", "cancelled", "settled")


class Ended(NamedTuple):
    """So many attempts of a mailout ended alike, the first and the last of them then."""

    mailout_id: int | None
    relay: str
    outcome: str
    number: int
    first: datetime
    last: datetime


def ends(connection: Connection) -> dict[str, int]:
    """Where the chains that still grow end now, and the newest run's: from it later ones are known."""
    open_runs = connection.scalars(select(run.id).where(run.chain_open)).all()
    newest = connection.scalar(select(func.max(run.id)))
    chains = {f"run:{id}" for id in (*open_runs, *([newest] if newest else []))} | {OFFICE}
    query = select(e.chain, func.max(e.seq)).where(e.chain.in_(chains)).group_by(e.chain)
    return dict.fromkeys(chains, 0) | {row[0]: row[1] for row in connection.execute(query)}


def since(connection: Connection, *, places: Mapping[str, int]) -> tuple[list[Ended], dict[str, int]]:
    """What ended after these places, and the new ones. A chain that began later is read from its start."""
    newest = max((int(chain.partition(":")[2]) for chain in places if chain != OFFICE), default=0)
    later = connection.scalars(select(run.id).where(run.id > newest)).all()
    known = dict(places) | {f"run:{id}": 0 for id in later}
    found: list[Ended] = []
    reached: dict[str, int] = {}
    for chain, seq in known.items():
        found += _ended(connection, chain, seq)
        reached[chain] = (
            connection.scalar(select(func.max(e.seq)).where(e.chain == chain, e.seq > seq)) or seq
        )
    return found, _growing(connection, reached)


def _ended(connection: Connection, chain: str, seq: int) -> Sequence[Ended]:
    query = (
        select(e.mailout_id, e.relay, e.kind, e.detail, func.count(), func.min(e.at), func.max(e.at))
        .where(e.chain == chain, e.seq > seq, e.kind.in_(_ENDS), e.delivery_id.is_not(None))
        .group_by(e.mailout_id, e.relay, e.kind, e.detail)
    )
    return [
        Ended(mailout_id, relay or "", _outcome(kind, detail), number, first, last)
        for mailout_id, relay, kind, detail, number, first, last in connection.execute(query)
    ]


def _outcome(kind: str, detail: str) -> str:
    """An answer names its event in the detail: "accept", "expire: too old", "late: accept"."""
    return detail.partition(":")[0] if kind == "answer" else kind


def _growing(connection: Connection, places: Mapping[str, int]) -> dict[str, int]:
    """Without the chains that are closed."""
    keep = set(ends(connection))
    return {chain: seq for chain, seq in places.items() if chain in keep}


def due(connection: Connection, *, ids: Sequence[int]) -> dict[int, tuple[str, datetime]]:
    """Kind and instant of mailouts."""
    query = select(m.id, m.kind, m.due).where(m.id.in_(ids))
    return {row.id: (row.kind, row.due) for row in connection.execute(query)}
