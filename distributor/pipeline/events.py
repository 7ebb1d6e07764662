"""Rows of the log for the deliveries of a worker run: intents, answers, and ends without an answer."""

from datetime import datetime

from distributor.model.message import Reply
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
_NOTHING_SAID = (None, None, None, None)


def ended(answer: Answer, event: str, detail: str, *, actor: str) -> log.Event:
    """How a hand-over ended: what the relay said, or that it said nothing."""
    reply = answer.reply
    kind = "answer" if reply.code else PAST.get(event, event)
    return noted(kind, answer.candidate, actor=actor, at=reply.finished, reply=reply, detail=detail or event)


def noted(
    kind: str, candidate: Composed, *, actor: str, at: datetime, reply: Reply | None = None, detail: str = ""
) -> log.Event:
    """Something of a candidate, with the bytes that were meant."""
    delivery = candidate.delivery
    relay, code, enhanced, text = (
        (reply.relay, reply.code or None, reply.enhanced, reply.text) if reply else _NOTHING_SAID
    )
    return log.Event(
        kind, at, actor, None, delivery.mailout_id, delivery.id, candidate.subject,
        delivery.attempts + 1, relay, code, enhanced, candidate.sha256, detail, delivery.address, text,
    )  # fmt: skip
