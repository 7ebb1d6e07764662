"""Rows of the log for the deliveries of a worker run: intents, answers, and ends without an answer."""

from datetime import datetime

from distributor.pipeline.group import Answer, Composed
from distributor.store import log

#: What has happened, by the event of the delivery.
PAST = {
    "suppress": "suppressed",
    "cancel": "cancelled",
    "expire": "expired",
    "hand_back": "handed_back",
    "doubt": "doubted",
}


def ended(answer: Answer, event: str, detail: str, *, actor: str) -> log.Event:
    """How a hand-over ended: what the relay said, or that it said nothing."""
    candidate, reply = answer.candidate, answer.reply
    kind = "answer" if reply.code else PAST.get(event, event)
    delivery = candidate.delivery
    return log.Event(
        kind, reply.finished, actor, None, delivery.mailout_id, delivery.id, candidate.subject,
        delivery.attempts + 1, reply.relay, reply.code or None, reply.enhanced, candidate.sha256,
        detail or event, delivery.address, reply.text,
    )  # fmt: skip


def noted(kind: str, candidate: Composed, *, actor: str, at: datetime) -> log.Event:
    """Something of a candidate, with the bytes that were meant."""
    delivery = candidate.delivery
    return log.Event(
        kind, at, actor, None, delivery.mailout_id, delivery.id, candidate.subject, delivery.attempts + 1,
        None, None, None, candidate.sha256, "", delivery.address,
    )  # fmt: skip
