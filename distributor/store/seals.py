"""Seals: the office chain names the ends of the runs' chains, so that its own end vouches for all of them.

A seal is a row "sealed" of the office chain whose detail is "CHAIN SEQ HASH". `pipeline.seal` makes them
each minute and `pipeline.finish` at a mailout's end; `views.chains` compares them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    update,
)

from distributor.store import log, rows

_SEAL = re.compile(r"(run:[0-9]{1,18}) ([0-9]{1,18}) ([0-9a-f]{64})")

EVERY = timedelta(minutes=1)
#: A run that was taken for dead may still write what the relay said; after this long none does.
SILENT = timedelta(hours=1)
ACTOR = "clockwork"

run, e = rows.run.c, rows.log.c


@dataclass(frozen=True, slots=True)
class End:
    """How far a run's chain has come since its last seal."""

    run_id: int
    chain: str
    seq: int
    hash: str


def unsealed(connection: Connection, *, before: datetime | None = None) -> list[End]:
    """Chains that have grown since their seal; `before`: only ended runs, and seals as old as that."""
    found = connection.execute(_UNSEALED, {}) if before is None else connection.execute(_OLD, {"by": before})
    return [End(*row) for row in found]


def _grown(*where: ColumnElement[bool]) -> Select[Any]:
    name = literal("run:") + cast(run.id, String)
    last = select(func.max(e.seq)).where(e.chain == name).scalar_subquery()
    open_ones = select(run.id, name.label("chain"), run.sealed_seq, last.label("seq"))
    grown = open_ones.where(run.chain_open, *where).subquery().c
    found = select(grown.id, e.chain, e.seq, e.hash).join(
        rows.log, and_(e.chain == grown.chain, e.seq == grown.seq)
    )
    return found.where(grown.seq > grown.sealed_seq).order_by(grown.id)


_BY = bindparam("by", type_=run.ended_at.type)
_UNSEALED = _grown()
_OLD = _grown(or_(run.ended_at.is_not(None), run.sealed_at.is_(None), run.sealed_at <= _BY))


def seal(connection: Connection, *, ends: Sequence[End], now: datetime) -> list[log.Event]:
    """The events that vouch for `ends`, for the caller to record in this transaction."""
    if ends:
        connection.execute(
            update(rows.run)
            .where(run.id == bindparam("run_id"))
            .values(sealed_seq=bindparam("end"), sealed_at=now),
            [{"run_id": end.run_id, "end": end.seq} for end in ends],
        )
    return [log.Event("sealed", now, ACTOR, detail=f"{end.chain} {end.seq} {end.hash}") for end in ends]


def close(connection: Connection, *, now: datetime) -> int:
    """Leave the chains of runs that have long ended alone from now on; returns how many."""
    silent = (run.chain_open, run.ended_at <= now - SILENT)
    return connection.execute(update(rows.run).where(*silent).values(chain_open=False)).rowcount


def any_to_close(connection: Connection, *, now: datetime) -> bool:
    """True when `close` would leave one alone."""
    return bool(connection.execute(_ANY_SILENT, {"by": now - SILENT}).first())


_ANY_SILENT = select(run.id).where(run.chain_open, run.ended_at <= _BY).limit(1)


def read(detail: str) -> tuple[str, int, str] | None:
    """(chain, seq, hash) of a seal's detail; None when it is none."""
    found = _SEAL.fullmatch(detail)
    return (found[1], int(found[2]), found[3]) if found else None
