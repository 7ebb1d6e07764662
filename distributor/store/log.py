"""The log: insert-only rows, chained by hash so that a later change shows.

One chain per worker run, so that no global head is fought over, and one "office" chain for officers,
the clockwork and feedback, into which `store.seals` puts the ends of the others. It knows nothing of what
the events mean; `views.chains` proves the chains.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from distributor.store import rows
from distributor.store.columns import to_micros
from distributor.store.prepared import insert_rows

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
#: Came later: hashed where it is said. Whose event it is, where no release tells that.
LATER = "publisher_id"
_AT = HASHED.index("at")
COLUMNS = (*HASHED, "hash", "address", "text", LATER)


class Event(NamedTuple):
    """What happened. `subject` is the address's pseudonym; `address` and `text` may be blanked by erasure.

    `publisher_id`: whose it is, where it belongs to no release and is not the machine's.
    """

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
    publisher_id: str | None = None


def of_delivery(
    kind: str,
    row: Any,
    *,
    at: datetime,
    actor: str,
    pseudonym: Callable[[str], str],
    detail: str = "",
    release_id: int | None = None,
    attempt: int | None = None,
    text: str | None = None,
) -> Event:
    """What happened to one delivery: a row, or a value, with id, mailout_id, address and address_key."""
    return Event(
        kind,
        at,
        actor,
        release_id,
        row.mailout_id,
        row.id,
        pseudonym(row.address_key),
        attempt,
        detail=detail,
        address=row.address,
        text=text,
    )


@dataclass(slots=True)
class Chain:
    """The end of one chain: the next row follows `hash`. A run keeps its own in memory."""

    name: str
    seq: int = 0
    hash: str = ""

    def link(self, event: Event) -> tuple[Any, ...]:
        """The row for `event`, as `COLUMNS`; moves the chain's end. Restore it when the transaction fails."""
        (
            kind, at, actor, release, mailout, delivery, subject, attempt, relay, code, enhanced,
            content, detail, address, text, publisher,
        ) = event  # fmt: skip
        said = None if text is None else hashed(text)
        self.seq += 1
        row = (
            self.name, self.seq, kind, to_micros(at), actor, release, mailout, delivery, subject, attempt,
            relay, code, enhanced, said, content, detail,
        )  # fmt: skip
        self.hash = _following(self.hash, row if publisher is None else (*row, publisher))
        return *row, self.hash, address, text, publisher


def chained(before: str, row: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the hash before, a line break, and the row's hashed columns.

    These are written as Python's `ascii` writes a tuple, each in the order of `HASHED`. `at` is aware, or
    microseconds since 1970. A column that is added later goes to the end and stays away while it is NULL,
    so that it changes no old hash. Whatever a damaged database holds has a hash.
    """
    values = tuple(row[name] for name in HASHED)
    at = values[_AT]
    if isinstance(at, datetime):
        values = (*values[:_AT], to_micros(at), *values[_AT + 1 :])
    later = row.get(LATER)
    return _following(before, values if later is None else (*values, later))


def _following(before: str, values: tuple[Any, ...]) -> str:
    return sha256(f"{before}\n{values!a}".encode("utf-8", "surrogateescape")).hexdigest()


def hashed(text: str) -> str:
    """SHA-256 (hex) of the text's UTF-8, or of the bytes that were none (kept by surrogates)."""
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def append(connection: Connection, *, chain: Chain, events: Sequence[Event]) -> None:
    """Write `events` to a run's own chain."""
    insert_rows(connection, rows.log, COLUMNS, [chain.link(event) for event in events])


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
    row = connection.execute(_LAST, {"chain": name}).first()
    return Chain(name, row.seq, row.hash) if row else Chain(name)


_LAST = (
    select(rows.log.c.seq, rows.log.c.hash)
    .where(rows.log.c.chain == bindparam("chain"))
    .order_by(rows.log.c.seq.desc())
    .limit(1)
)
