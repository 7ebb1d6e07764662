"""The log: insert-only rows, chained by hash so that a later change shows.

One chain per worker run, so that no global head is fought over, and one "office" chain for officers,
the clockwork and feedback, into which `store.seals` puts the ends of the others. It knows nothing of what
the events mean; `views.chains` proves the chains.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from distributor.store import rows
from distributor.store.columns import to_micros
from distributor.store.prepared import driver, insert_rows

OFFICE = "office"
_OFFICE_LOCK = 7423906

#: The columns under the hash, in the order of the payload. Erasure may blank the others.
HASHED = (
    "chain",
    "seq",
    "kind",
    "at",
    "actor",
    "release_id",
    "mailout_id",
    "delivery_id",
    "subject",
    "attempt",
    "relay",
    "code",
    "enhanced",
    "text_sha256",
    "bytes_sha256",
    "detail",
)


class Event(NamedTuple):
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

    def link(self, event: Event) -> dict[str, Any]:
        """The row for `event`; moves the chain's end. Restore the end when the transaction fails."""
        row: dict[str, Any] = dict(zip(Event._fields, event, strict=True))
        row["text_sha256"] = hashed(event.text) if event.text is not None else None
        row["chain"], row["seq"] = self.name, self.seq + 1
        row["hash"] = chained(self.hash, row)
        self.seq, self.hash = self.seq + 1, row["hash"]
        return row


def chained(before: str, row: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the hash before and the row's hashed columns, those with a value, as JSON.

    `at` is aware, or microseconds since 1970. A NULL is left out, so that a column that is added later
    changes no old hash. Whatever a damaged database holds has a hash.
    """
    payload = {name: value for name in HASHED if (value := row[name]) is not None}
    at = payload.get("at")
    if isinstance(at, datetime):
        payload["at"] = to_micros(at)
    return hashed(f"{before}\n{_encode(payload)}")


def hashed(text: str) -> str:
    """SHA-256 (hex) of the text's UTF-8, or of the bytes that were none (kept by surrogates)."""
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


_any = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=repr).encode


def _encode(payload: Mapping[str, Any]) -> str:
    """JSON without spaces: what `json` writes, and three times as quick for texts and whole numbers."""
    parts = [f'"{name}":{_text(value)}' for name, value in payload.items()]
    return f"{{{','.join(parts)}}}"


def _text(value: Any) -> str:
    if type(value) is str:
        return encode_basestring(value)
    return str(value) if type(value) is int else _any(value)


def append(connection: Connection, *, chain: Chain, events: Sequence[Event]) -> None:
    """Write `events` to a run's own chain."""
    linked = [chain.link(event) for event in events]
    for row in linked:
        row["at"] = driver(row["at"], connection.dialect)
    if linked:
        insert_rows(connection, rows.log, tuple(linked[0]), [tuple(row.values()) for row in linked])


def record(connection: Connection, *events: Event) -> None:
    """Write `events` to the office chain; writers wait for each other.

    The last thing a transaction does: from here on it holds the chain, so it must wait for nothing more.
    """
    if not events:
        return
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
