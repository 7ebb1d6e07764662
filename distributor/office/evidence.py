"""Verb: doubt settled by the logs of the relays. What they prove is marked; the rest follows the rule.

First `ask` for what is to be sought, then read the logs, which may take minutes, then `settle`. It opens no
file; `policy.evidence` judges.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from distributor.errors import NotFound
from distributor.model.address import Address
from distributor.model.evidence import HandOver, RelayLog
from distributor.model.rules import Rules
from distributor.policy import doubt, evidence
from distributor.policy.evidence import Proof, Verdict
from distributor.store import doubts, log, releases
from distributor.store.database import Store
from distributor.store.views import handovers

_EVENTS = {"sent": "settle", "resend": "resend", "cancelled": "cancel"}


@dataclass(frozen=True, slots=True)
class Question:
    """Doubtful deliveries (rows of `doubts.doubtful`), their hand-overs, and how each is known.

    `known`: (mailout, address key) of the doubtful ones and of their neighbours.
    """

    rows: Sequence[Any]
    hand_overs: Mapping[int, HandOver]
    known: Mapping[int, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one. `outcome`: sent, resend, cancelled or open; `by`: log, rule or nobody."""

    row: Any
    verdict: Verdict
    outcome: str
    by: str


def ask(
    store: Store, *, publisher_id: str, reference: str | None, address: str | None, relays: frozenset[str]
) -> Question:
    """What is doubtful, in one release or in all. Raises NotFound when nothing is."""
    key = Address.parse(address).key if address else None
    with store.read() as connection:
        release = (
            releases.get(connection, publisher_id=publisher_id, reference=reference) if reference else None
        )
        found = doubts.doubtful(connection, release_id=release.id if release else None, address_key=key)
        found = [row for row in found if row.publisher_id == publisher_id]
        if not found:
            raise NotFound(
                "nothing is doubtful" + (f" for {address}" if address else ""),
                where=reference or "",
                cure="“distributor doubt list” shows what is.",
            )
        hand_overs, known = handovers.of(connection, ids=[row.id for row in found], relays=relays)
    return Question(found, {one.delivery_id: one for one in hand_overs}, known)


def settle(
    store: Store,
    *,
    actor: str,
    now: datetime,
    rules: Rules,
    question: Question,
    logs: Sequence[RelayLog],
    pseudonym: Callable[[str], str],
) -> list[Settled]:
    """LogLine what the logs prove, send again by rule what they do not, and leave the rest open."""
    decided = [
        _decide(row, question.hand_overs.get(row.id), logs, now=now, rules=rules) for row in question.rows
    ]
    with store.write() as connection:
        same = {(row.id, row.changed_at) for row in doubts.doubtful(connection)}
        moved: set[int] = set()
        for outcome, event in _EVENTS.items():
            chosen = [one.row for one in decided if one.outcome == outcome]
            ids = [row.id for row in chosen if (row.id, row.changed_at) in same]
            moved |= set(doubts.settle(connection, event=event, ids=ids, now=now) if ids else ())
        done = [one for one in decided if one.row.id in moved]
        log.record(connection, *[_event(one, actor=actor, now=now, pseudonym=pseudonym) for one in done])
    return [one if one.row.id in moved else _left(one) for one in decided]


def _decide(
    row: Any, hand_over: HandOver | None, logs: Sequence[RelayLog], *, now: datetime, rules: Rules
) -> Settled:
    verdict = (
        evidence.judge(hand_over, logs)
        if hand_over
        else Verdict(Proof.NOTHING, "its hand-over is not logged")
    )
    if verdict.proof is Proof.TAKEN:
        return Settled(row, verdict, "sent", "log")
    if verdict.proof is Proof.NOT_TAKEN:
        return Settled(row, verdict, "resend" if row.mailout_state == "sending" else "cancelled", "log")
    if doubt.resend_by_rule(row, now=now, rules=rules):
        return Settled(row, verdict, "resend", "rule")
    return Settled(row, verdict, "open", "nobody")


def _left(one: Settled) -> Settled:
    """Open, or settled by somebody else meanwhile."""
    return Settled(one.row, one.verdict, "open", "nobody")


def _event(one: Settled, *, actor: str, now: datetime, pseudonym: Callable[[str], str]) -> log.Event:
    row = one.row
    why = f"by the relay's log: {one.verdict.why}" if one.by == "log" else "by rule"
    return log.of_delivery(
        "settled",
        row,
        at=now,
        actor=actor,
        pseudonym=pseudonym,
        detail=f"{one.outcome}, {why}",
        release_id=row.release_id,
    )
