"""Transactions one after the other over one connection that is kept: for who writes many of them.

`Store.write` takes a connection from the pool for each; a worker's ledger keeps its own.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from distributor.store import prepared
from distributor.store.database import Connection, Store
from distributor.store.engines import WRITING
from distributor.store.prepared import driven
from distributor.store.turns import Turn


class Writer:
    """Transactions one after the other over one connection that is kept, begun and ended on the driver.

    SQLAlchemy sees one long transaction and is spared its bookkeeping for each. Only `Prepared` statements go
    in: on PostgreSQL what one returns is there when it is asked for, and Core would look before.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: Connection | None = None

    @contextmanager
    def write(self, turn: Turn | None = None) -> Iterator[Connection]:
        """As `Store.write`; with a `turn` that its caller has waited for, and that is over then."""
        with closing(turn or self._store.turn()), self._store.explained():
            try:
                connection = self._kept()
                with self._begun(driven(connection)) as lasting:
                    yield connection
                    prepared.commit(connection)
                    lasting()
            except BaseException:
                self.drop()
                raise
            finally:
                self._store.written += 1

    @contextmanager
    def _begun(self, driver: Any) -> Iterator[Callable[[], object]]:
        """On PostgreSQL nothing is waited for but what is asked of an answer, and the end.

        What is given says that the transaction is over: a connection that breaks then undoes nothing.
        """
        if self._store.is_sqlite:
            driver.execute(f"BEGIN {WRITING}")
            yield lambda: None
            return
        over: list[bool] = []
        try:
            with driver.pipeline():  # begins by itself
                yield lambda: over.append(True)
        except self._store.driver_error:
            if not over:
                raise
            self.drop()

    def drop(self) -> None:
        """End the connection; the next transaction gets another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _kept(self) -> Connection:
        if self._connection is not None and not self._store.still_there(self._connection):
            self.drop()
        if self._connection is None:
            self._connection = self._store.connect_bare()
        return self._connection
