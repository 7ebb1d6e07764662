"""What an answer makes of its delivery: the event, and when it is tried again. Policy decides."""

from datetime import datetime

from distributor.model.message import Phase
from distributor.pipeline.group import Answer
from distributor.policy.replies import Outcome, classify
from distributor.policy.retry import BROKEN, GiveUp, next_attempt, pass_over

_ACCEPTED = (Outcome.ACCEPT.value, None, "")

#: The event, when it is tried again (None: as soon as may be, or never), and a word for the log.
Decision = tuple[str, datetime | None, str]


def decide(answer: Answer, *, now: datetime) -> Decision:
    """What becomes of the delivery that this is the answer for."""
    outcome = classify(answer.reply)
    if outcome is Outcome.ACCEPT:
        return _ACCEPTED
    if outcome is Outcome.HAND_BACK:
        return outcome.value, _again(answer, now=now), ""
    if outcome is not Outcome.DEFER:
        return outcome.value, None, ""
    retry = next_attempt(
        failures=answer.candidate.delivery.failures + 1,
        now=now,
        expires_at=answer.candidate.expires_at,
        jitter=answer.jitter,
    )
    if isinstance(retry, GiveUp):
        return "expire", None, f"expire: {retry.reason}"
    return "defer", retry.at, ""


def _again(answer: Answer, *, now: datetime) -> datetime | None:
    """A hand-over that broke is not tried again at once: it may be this message that breaks it."""
    if not answer.reply.written or answer.reply.phase is Phase.CONNECT:
        return None
    failures = answer.candidate.delivery.failures + 1
    return now + pass_over(failures=failures, jitter=answer.jitter, backoff=BROKEN)
