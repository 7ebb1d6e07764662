"""The log: insert-only rows, chained by hash so that a later change shows.

One chain per worker run, so that no global head is fought over, and one "office" chain for officers,
the clockwork and feedback. It knows nothing of what the events mean.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, func, insert, select

from distributor.store import rows
from distributor.store.columns import to_micros

OFFICE = "office"
_OFFICE_LOCK = 7423906
_UNHASHED = frozenset({"address", "text"})


@dataclass(frozen=True, slots=True)
class Event:
    """What happened. `subject` is the address's pseudonym; `address` and `text` may be blanked by erasure."""

    kind: str
    at: datetime
    actor: str
    release_id: int | None = None
    mailout_id: int | None = None
    delivery_id: int | None = None
    subject: str | None = None
    attempt: int | None = None
    relay: str | None = None
    code: int | None = None
    enhanced: str | None = None
    bytes_sha256: str | None = None
    detail: str = ""
    address: str | None = None
    text: str | None = None


@dataclass(slots=True)
class Chain:
    """The end of one chain: the next row follows `hash`. A run keeps its own in memory."""

    name: str
    seq: int = 0
    hash: str = ""

    def link(self, event: Event) -> dict[str, object]:
        """The row for `event`; moves the chain's end. Restore the end when the transaction fails."""
        row = asdict(event)
        row["text_sha256"] = sha256(event.text.encode()).hexdigest() if event.text is not None else None
        row |= {"chain": self.name, "seq": self.seq + 1}
        row["hash"] = chained(self.hash, row)
        self.seq, self.hash = self.seq + 1, str(row["hash"])
        return row


def chained(before: str, row: dict[str, object]) -> str:
    """SHA-256 over the hash before and the row's hashed columns as canonical JSON."""
    payload = {name: row[name] for name in sorted(row) if name not in _UNHASHED | {"id", "hash"}}
    at = payload["at"]
    payload["at"] = to_micros(at) if isinstance(at, datetime) else at
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(f"{before}\n{text}".encode()).hexdigest()


def append(connection: Connection, *, chain: Chain, events: Sequence[Event]) -> None:
    """Write `events` to a run's own chain."""
    if events:
        connection.execute(insert(rows.log), [chain.link(event) for event in events])


def record(connection: Connection, *events: Event) -> None:
    """Write `events` to the office chain; writers wait for each other."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_OFFICE_LOCK)))
    append(connection, chain=last(connection, name=OFFICE), events=events)


def last(connection: Connection, *, name: str) -> Chain:
    """The end of a chain as it stands in the database."""
    log = rows.log.c
    row = connection.execute(
        select(log.seq, log.hash).where(log.chain == name).order_by(log.seq.desc()).limit(1)
    ).first()
    return Chain(name, row.seq, row.hash) if row else Chain(name)
