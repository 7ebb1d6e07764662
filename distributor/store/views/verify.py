"""Is the log as it was written, and do the deliveries follow from it? Reads only, in one snapshot.

The head is the hash of the office chain's last row. It vouches for every row of that chain before it and,
by the seals among them, for the workers' chains up to there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError

from distributor.store import rows
from distributor.store.views.chains import Chains, lenient
from distributor.store.views.findings import Finding, Findings
from distributor.store.views.histories import Histories, Pseudonym


@dataclass(frozen=True, slots=True)
class Verdict:
    """`findings` are the first of `number`; `unsealed`: rows that come under a later head."""

    rows: int
    chains: int
    deliveries: int
    unsealed: int
    head: str | None
    number: int
    findings: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        return not self.number

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "valid": self.valid,
            "rows": self.rows,
            "chains": self.chains,
            "deliveries": self.deliveries,
            "unsealed": self.unsealed,
            "head": self.head,
            "findings": [{"where": one.where, "what": one.what} for one in self.findings],
            "more": self.number - len(self.findings),
        }


def size(connection: Connection) -> int:
    """How much `verify` will tell `done` of: rows of the log and deliveries."""
    counts = [connection.scalar(select(func.count()).select_from(t)) for t in (rows.log, rows.delivery)]
    return sum(count or 0 for count in counts)


def verify(
    connection: Connection, *, head: str | None, pseudonym: Pseudonym, done: Callable[[int], None]
) -> Verdict:
    """Prove the log; `head`: one that was kept elsewhere, None: none. Streams; memory stays flat."""
    try:
        return _proven(connection, head, pseudonym, done)
    except OperationalError:  # SQLite text that is no UTF-8; whatever else it is comes again
        with lenient(connection):
            return _proven(connection, head, pseudonym, done)


def _proven(
    connection: Connection, head: str | None, pseudonym: Pseudonym, done: Callable[[int], None]
) -> Verdict:
    findings = Findings()
    chains = Chains(connection, findings, sought=head)
    histories = Histories(connection, findings, pseudonym)
    chains.walk(done=done)
    if head is not None and not chains.met:
        findings.add("head", "the log does not hold it: its end was cut off, or what came before changed")
    histories.walk(done=done)
    return Verdict(
        rows=chains.rows,
        chains=chains.chains,
        deliveries=histories.deliveries,
        unsealed=chains.unsealed,
        head=chains.head,
        number=findings.number,
        findings=tuple(findings.shown),
    )
