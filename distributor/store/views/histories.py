"""Proves that each delivery's state follows from its rows in the log (`policy.replay`). Reads only.

Deliveries and rows are streamed side by side, both in the order of the delivery. The rows themselves are
proven by `views.chains`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from distributor.policy.replay import replay
from distributor.store.views.chains import streamed
from distributor.store.views.findings import Findings

_DELIVERIES = "SELECT id, state, mailout_id, address, address_key FROM delivery ORDER BY id"
_EVENTS = """SELECT delivery_id, kind, detail, mailout_id, subject, address FROM log
             WHERE delivery_id IS NOT NULL ORDER BY delivery_id, id"""

_OTHER_ADDRESS = "the log's rows name another address"
_OTHER_MAILOUT = "the log's rows name another mailout"
_OTHER_PERSON = "its address is not the one that the log's pseudonym stands for (or the secret is another)"

Pseudonym = Callable[[str], str]


@dataclass
class Histories:
    connection: Connection
    findings: Findings
    pseudonym: Pseudonym
    deliveries: int = 0

    def walk(self, *, done: Callable[[int], None]) -> None:
        """Every delivery, and every row that names one; `done` hears how many deliveries more."""
        histories = _histories(self.connection)
        of, events = next(histories, _NONE)
        for page in streamed(self.connection, _DELIVERIES):
            for delivery in page:
                while of is not None and of < delivery.id:
                    self._orphan(of, events)
                    of, events = next(histories, _NONE)
                if of == delivery.id:
                    self._check(delivery, events)
                    of, events = next(histories, _NONE)
                else:
                    self._check(delivery, ())
            self.deliveries += len(page)
            done(len(page))
        while of is not None:
            self._orphan(of, events)
            of, events = next(histories, _NONE)

    def _orphan(self, of: int, events: Iterable[Any]) -> None:
        number = sum(1 for _ in events)
        self.findings.add(f"delivery {of}", f"does not exist, but {number} rows of the log tell of it")

    def _check(self, delivery: Any, events: Iterable[Any]) -> None:
        told = _Told(delivery)
        replayed = replay(told.hear(events))
        where = f"delivery {delivery.id}"
        for mistake in replayed.mistakes:
            self.findings.add(where, mistake)
        if delivery.state != replayed.state:
            says = f"its rows lead to “{replayed.state}”" if replayed.rows else "the log has no row of it"
            self.findings.add(where, f"is “{delivery.state}”, but {says}")
        self._identity(delivery, told, where=where)

    def _identity(self, delivery: Any, told: "_Told", *, where: str) -> None:
        for amiss, what in ((told.address, _OTHER_ADDRESS), (told.mailout, _OTHER_MAILOUT)):
            if amiss:
                self.findings.add(where, what)
        if told.subjects and told.subjects != {self.pseudonym(_text(delivery.address_key))}:
            self.findings.add(where, _OTHER_PERSON)


class _Told:
    """What the rows of one delivery say of whom and what it was, gathered as they pass."""

    def __init__(self, delivery: Any) -> None:
        self._delivery = delivery
        self.address = self.mailout = False
        self.subjects: set[Any] = set()

    def hear(self, events: Iterable[Any]) -> Iterator[tuple[str, str]]:
        for _, kind, detail, mailout_id, subject, address in events:
            self.address = self.address or address not in (None, self._delivery.address)
            self.mailout = self.mailout or mailout_id != self._delivery.mailout_id
            self.subjects.add(subject)
            yield str(kind), str(detail)


_NONE: tuple[int | None, Iterable[Any]] = (None, ())


def _histories(connection: Connection) -> Iterator[tuple[int | None, Iterable[Any]]]:
    """(delivery, its rows in order). What is no number names no delivery; its row is found by its hash."""
    rows = (row for page in streamed(connection, _EVENTS) for row in page if isinstance(row[0], int))
    yield from groupby(rows, key=itemgetter(0))


def _text(value: Any) -> str:
    return str(value).encode("utf-8", "replace").decode()
