"""The log chain of one worker run and the transactions on it: intents before the dot, answers after (law 3).

One transaction a group (`transaction` has its statements): all of it lasts, or nothing does. Only what it
grants may be handed over.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from distributor.errors import Refused
from distributor.pipeline.beside import beside, turn
from distributor.pipeline.group import Group, Written
from distributor.pipeline.transaction import Steps, Transaction, at_once, in_turns
from distributor.pipeline.unheard import Unheard, lasting
from distributor.store import log
from distributor.store.database import Connection, Store
from distributor.store.writer import Writer


@dataclass
class Ledger:
    """What one worker run writes. `tally` counts events by name.

    Close it when done: it keeps a connection.
    """

    store: Store
    run_id: int
    pseudonym: Callable[[str], str]
    chain: log.Chain
    tally: Counter[str] = field(default_factory=Counter)
    writer: Writer = field(init=False)
    _unheard: list[Unheard] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writer = Writer(self.store)

    def close(self) -> None:
        """End its connection."""
        self.writer.drop()

    async def write(
        self, group: Group, *, now: datetime, meanwhile: Callable[[], bool] = lambda: False
    ) -> Written:
        """`commit` beside the event loop. `meanwhile` does a little of what waits, and says if it did.

        SQLite's statements take microseconds and run in the loop: only the waits for other writers and for
        the disk are in a thread. PostgreSQL's wait for the network, all of them.
        """
        if self.store.turns is None:
            return await beside(partial(self.commit, group, now=now), meanwhile)
        mine = self.store.turns.at_once() or await turn(self.store.turns, meanwhile)
        with self._counted() as counted, ExitStack() as transaction:
            connection = transaction.enter_context(self.writer.write(mine))
            written = await in_turns(self._steps(connection, group, counted, now=now))
            await beside(transaction.pop_all().close, meanwhile)
        return written

    def commit(self, group: Group, *, now: datetime) -> Written:
        """Write a group: all of it or, when that raises, nothing; or nobody knows.

        When the connection breaks while its end is waited for, the same group asked again finds out: what it
        wrote is not written twice.
        """
        try:
            return self._found(group) or self._anew(group, now=now)
        except Refused:  # by what was still under way when it was looked for
            written = self._found(group)
            if written is None:
                raise
            return written

    def _found(self, group: Group) -> Written | None:
        """What was written after all, though nobody heard so: the chain goes on from there."""
        if not self._unheard:
            return None
        with self.store.read() as connection:
            found = lasting(connection, self._unheard, before=self.chain, run_id=self.run_id)
        if found is None:
            return None
        self.chain.seq, self.chain.hash = found.seq, found.hash
        self.tally += found.counted
        self._unheard.clear()
        return found.written if found.group is group else None

    def _anew(self, group: Group, *, now: datetime) -> Written:
        with self._counted() as counted, self.writer.write() as connection:
            written = at_once(self._steps(connection, group, counted, now=now))
            self._unheard.append(Unheard(group, written, counted, self.chain.seq, self.chain.hash))
        self._unheard.clear()
        return written

    def _steps(self, connection: Connection, group: Group, counted: Counter[str], *, now: datetime) -> Steps:
        return Transaction(connection, group, self.run_id, self.chain, self.pseudonym, counted, now).steps()

    @contextmanager
    def _counted(self) -> Iterator[Counter[str]]:
        """What a transaction counts is kept when it lasts; else the chain's end is where it was."""
        before, counted = (self.chain.seq, self.chain.hash), Counter[str]()
        try:
            yield counted
        except BaseException:
            self.chain.seq, self.chain.hash = before
            raise
        self.tally += counted
