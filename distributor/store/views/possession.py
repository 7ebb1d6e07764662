"""Who had been handed a copy at an instant, each with the log rows that prove it. Reads only.

Deliveries are streamed with their rows; what they say is `policy.possession`'s to judge. Test copies of a
release have no delivery, and hold its text all the same: they are told too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from distributor.model.notice import TEXTS
from distributor.policy import possession
from distributor.policy.possession import Grip, Possession, Step
from distributor.store import rows

d, m, c, e = rows.delivery.c, rows.mailout.c, rows.contact.c, rows.log.c

_TEST = "test copy"
_AT_ONCE = 2000
_PROOF = ("chain", "seq", "hash", "bytes_sha256", "relay", "code", "enhanced")
_SAID = (e.id, e.kind, e.detail, e.at, e.subject, e.address, *(e[name] for name in _PROOF))


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy that somebody had, or may have had, at the instant; `possession` says by which row."""

    address: str
    name: str
    outlet: str
    language: str
    mailout: int | None
    kind: str
    wave: str
    subject: str | None
    possession: Possession

    def document(self) -> dict[str, Any]:
        """As JSON. `since`: of the row `proof`; `later`: what came after the instant, if it says more."""
        proof, later = self.possession.proof, self.possession.later
        assert proof is not None
        return {
            "address": self.address,
            "name": self.name,
            "outlet": self.outlet,
            "language": self.language,
            "mailout": self.mailout,
            "kind": self.kind,
            "wave": self.wave,
            "subject": self.subject,
            "since": proof.at,
            "proof": _row(proof),
            "later": _row(later) | {"at": later.at} if later else None,
        }


def at(connection: Connection, *, release_id: int, instant: datetime) -> dict[Grip, list[Copy]]:
    """The copies by grip (HAD, MAY), each in the order of the deliveries."""
    found: dict[Grip, list[Copy]] = {Grip.HAD: [], Grip.MAY: []}
    for copy in (*_deliveries(connection, release_id, instant), *_tests(connection, release_id, instant)):
        if copy.possession.grip is not Grip.NONE:
            found[copy.possession.grip].append(copy)
    return found


def _deliveries(connection: Connection, release_id: int, instant: datetime) -> Iterator[Copy]:
    contact = and_(c.publisher_id == d.publisher_id, c.address_key == d.address_key)
    query = (
        select(
            d.id.label("delivery"),
            d.address.label("to"),
            d.name,
            d.language,
            d.mailout_id,
            m.kind.label("mailout_kind"),
            m.wave,
            c.outlet,
            *_SAID,
        )
        .select_from(
            rows.delivery.join(rows.mailout, m.id == d.mailout_id)
            .join(rows.log, e.delivery_id == d.id)
            .outerjoin(rows.contact, contact)
        )
        .where(m.release_id == release_id, m.kind.in_(TEXTS))
        .order_by(d.id, e.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    for _, told in groupby(connection.execute(query), key=attrgetter("delivery")):
        mine = list(told)
        first = mine[0]
        yield Copy(
            address=first.to,
            name=first.name,
            outlet=first.outlet or "",
            language=first.language,
            mailout=first.mailout_id,
            kind=first.mailout_kind,
            wave=first.wave,
            subject=first.subject,
            possession=possession.at(_steps(mine), instant),
        )


def _tests(connection: Connection, release_id: int, instant: datetime) -> Iterator[Copy]:
    """An intent and an answer each, in the office's chain; the answer's code says what became of it."""
    query = (
        select(*_SAID)
        .where(e.release_id == release_id, e.delivery_id.is_(None), e.detail == _TEST)
        .order_by(e.subject, e.id)
    )
    copies: list[list[Row[Any]]] = []
    for row in connection.execute(query):
        if row.kind == "intent":
            copies.append([])
        copies[-1].append(row)
    for mine in copies:
        yield Copy(
            address=mine[0].address or "",
            name="",
            outlet="",
            language="",
            mailout=None,
            kind="test",
            wave="",
            subject=mine[0].subject,
            possession=possession.at(map(_of_test, mine), instant),
        )


def _steps(told: Iterable[Row[Any]]) -> Iterator[Step]:
    return (Step(row.kind, row.detail, row.at, row) for row in told)


def _of_test(row: Row[Any]) -> Step:
    """A test copy's answer in the words of a delivery's."""
    if row.kind == "intent":
        return Step("intent", "", row.at, row)
    event = "accept" if 200 <= (row.code or 0) < 300 else "defer" if row.code else "doubt"
    return Step("answer", event, row.at, row)


def _row(step: Step) -> dict[str, Any]:
    return {"event": step.kind, "detail": step.detail, **{name: step.row._mapping[name] for name in _PROOF}}
