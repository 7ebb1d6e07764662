"""What proofs look at: the whole database as plain rows, and whether the log's chains hold."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, select, text
from sqlmodel import SQLModel

from distributor.store import log, rows
from distributor.store.database import Store
from distributor.store.views.verify import verify

#: Facts about the machine and the moment, not about the work.
_PASSING = {"installation", "run"}


def dump(store: Store, *, without: frozenset[str] = frozenset()) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in the order of its key; `without` leaves tables out."""
    with store.read() as connection:
        return {
            table.name: [
                dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in SQLModel.metadata.sorted_tables
            if table.name not in _PASSING | without
        }


def unguard(connection: Connection) -> None:
    """Take away what keeps the log insert-only, as somebody would who changes it by hand."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE log DISABLE TRIGGER USER"))
        return
    for name in ("log_hashed", "log_blanked", "log_kept"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))


def meanwhile(store: Store, *, after: str, do: Callable[[], object], skip: int = 0) -> None:
    """Do something once, right after the next statement that holds the words `after`, or after `skip` more.

    It is what somebody else does at that moment; when it raises, the program ends there.
    """
    left = [None] * skip + [do]

    @event.listens_for(store.engine, "after_cursor_execute")
    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if left and after in statement:
            act = left.pop(0)
            if act is not None:
                act()


def broken_chains(store: Store) -> list[tuple[str, int]]:
    """(chain, seq) of every row that does not follow from the row before."""
    heads: dict[str, tuple[int, str]] = defaultdict(lambda: (0, ""))
    broken = []
    with store.read() as connection:
        found = connection.execute(select(rows.log).order_by(rows.log.c.chain, rows.log.c.seq)).all()
    for row in found:
        seq, hash = heads[row.chain]
        if (row.seq, row.hash) != (seq + 1, log.chained(hash, dict(row._mapping))):
            broken.append((row.chain, row.seq))
        heads[row.chain] = (row.seq, row.hash)
    return broken


def findings(
    store: Store, *, pseudonym: Callable[[str], str], head: str | None = None
) -> list[tuple[str, str]]:
    """What `log verify` finds amiss: (where, what)."""
    with store.read() as connection:
        verdict = verify(connection, head=head, pseudonym=pseudonym, done=lambda _: None)
    return [(one.where, one.what) for one in verdict.findings]


@contextmanager
def tampering(store: Store) -> Iterator[Connection]:
    """A write by somebody with every right on the database: whatever protects the log is off meanwhile."""
    with store.write() as connection:
        guards = _guards(connection)
        for off, _ in guards:
            connection.exec_driver_sql(off)
        yield connection
        for _, on in guards:
            connection.exec_driver_sql(on)


def _guards(connection: Connection) -> list[tuple[str, str]]:
    """(how to take it away, how to put it back) of each trigger on the log."""
    if connection.dialect.name == "postgresql":
        return [("ALTER TABLE log DISABLE TRIGGER USER", "ALTER TABLE log ENABLE TRIGGER USER")]
    triggers = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'log'"
    return [(f"DROP TRIGGER {name}", sql) for name, sql in connection.exec_driver_sql(triggers)]
