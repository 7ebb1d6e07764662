"""Proves the log's chains: each row follows from the one before, and is what was sealed. Reads only.

It streams, chain by chain. Columns are read as the driver gives them, because what somebody changed by hand
need not fit its type; such a row has another hash and is found like any other.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, text

from distributor.store import log, seals
from distributor.store.views.findings import Findings

AT_ONCE = 2000
_RUN = re.compile(r"run:([0-9]{1,18})")
_COLUMNS = (*log.HASHED, log.LATER, "id", "hash", "text")
# What lies outside is no time of ours, and need not fit: its row has another hash.
_OURS = "at BETWEEN '1970-01-01 00:00:00+00' AND '9999-12-31 00:00:00+00'"
_MICROS = f"CASE WHEN {_OURS} THEN (extract(epoch FROM at) * 1000000)::bigint END"
_CUT = "is gone: the end of the chain was cut off, or the whole of it removed"

Row = dict[str, Any]


@dataclass
class Chains:
    """What the walk has seen. `unsealed`: rows that no seal covers yet; `met`: the office's has `sought`."""

    connection: Connection
    findings: Findings
    sought: str | None = None
    rows: int = 0
    chains: int = 0
    unsealed: int = 0
    head: str | None = None
    met: bool = False
    _chain: Any = None
    _seq: int = 0
    _hash: str = ""
    _id: int = 0

    def walk(self, *, done: Callable[[int], None]) -> None:
        """Every row of the log; `done` hears how many more."""
        for page in streamed(self.connection, _query(self.connection)):
            for values in page:
                self._row(dict(zip(_COLUMNS, values, strict=True)))
            self.rows += len(page)
            done(len(page))
        self._end()

    def _row(self, row: Row) -> None:
        if row["chain"] != self._chain:
            self._end()
            self._begin(row["chain"])
        self._follows(row)
        words = row["text"]
        if words is not None and (not isinstance(words, str) or log.hashed(words) != row["text_sha256"]):
            self._found(row, "the relay's words were altered")
        if row["chain"] == log.OFFICE:
            self.head = row["hash"]
            self.met = self.met or row["hash"] == self.sought
            if row["kind"] == "sealed":
                self._sealed(row)
        self._seq = row["seq"] if isinstance(row["seq"], int) else self._seq + 1
        self._hash, self._id = row["hash"], row["id"]

    def _follows(self, row: Row) -> None:
        seq = row["seq"]
        if seq != self._seq + 1:
            gap = isinstance(seq, int) and seq > self._seq + 1
            self._found(row, _missing(self._seq + 1, seq - 1) if gap else "its number is out of place")
        elif row["hash"] != log.chained(self._hash, row):
            self._found(row, "does not follow from the row before: altered, inserted or moved")
        if row["id"] <= self._id:
            self._found(row, "stands before the row that it follows")

    def _begin(self, chain: Any) -> None:
        self.chains += 1
        self._chain, self._seq, self._hash, self._id = chain, 0, "", 0

    def _end(self) -> None:
        """The chain is walked: whose is it, and how much of it is sealed?"""
        if self._chain is None or self._chain == log.OFFICE:
            return
        sealed = _sealed_seq(self.connection, self._chain)
        if sealed is None:
            self.findings.add(self._chain, "is the chain of no worker run")
        else:
            self.unsealed += max(0, self._seq - sealed)

    def _sealed(self, row: Row) -> None:
        seal = seals.read(str(row["detail"]))
        if seal is None:
            return
        chain, seq, hash = seal
        stands = _hash_of(self.connection, chain, seq)
        if stands is None:
            self._found(row, f"sealed row {seq} of {chain}, which {_CUT}")
        elif stands != hash:
            self._found(row, f"sealed another row {seq} of {chain} than now stands there")

    def _found(self, row: Row, what: str) -> None:
        self.findings.add(f"{row['chain']} row {row['seq']}", what)


def _missing(first: int, last: int) -> str:
    return f"row {first} before it is missing" if first == last else f"rows {first} to {last} are missing"


def _query(connection: Connection) -> str:
    at = "at" if connection.dialect.name == "sqlite" else f"{_MICROS} AS at"
    columns = ", ".join(at if name == "at" else name for name in _COLUMNS)
    return f"SELECT {columns} FROM log ORDER BY chain, seq"  # noqa: S608  (names are ours)


def _sealed_seq(connection: Connection, chain: Any) -> int | None:
    named = _RUN.fullmatch(str(chain))
    if named is None:
        return None
    found = connection.execute(text("SELECT sealed_seq FROM run WHERE id = :id"), {"id": int(named[1])})
    return found.scalar()


def _hash_of(connection: Connection, chain: str, seq: int) -> str | None:
    query = text("SELECT hash FROM log WHERE chain = :chain AND seq = :seq")
    return connection.execute(query, {"chain": chain, "seq": seq}).scalar()


def streamed(connection: Connection, query: str) -> Iterator[Sequence[Any]]:
    """The query's rows in pages, never all at once."""
    found = connection.execute(text(query), execution_options={"yield_per": AT_ONCE})
    yield from found.partitions(AT_ONCE)


@contextmanager
def lenient(connection: Connection) -> Iterator[None]:
    """SQLite text that is no UTF-8 is read too, for the length of the block."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = str
