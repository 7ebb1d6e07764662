"""What a reply means for the delivery: by code and status, never by the relay's words."""

from enum import StrEnum

from distributor.model.message import Phase, Reply


class Outcome(StrEnum):
    """The events of the delivery machine that a hand-over can lead to."""

    ACCEPT = "accept"
    DEFER = "defer"
    REJECT = "reject"
    DOUBT = "doubt"
    HAND_BACK = "hand_back"


def classify(reply: Reply) -> Outcome:
    """The one outcome of a reply (RFC 5321 §4.2, RFC 3463).

    No answer after the dot is doubt; no answer before it, or a message taken back, hands back. A policy
    status (5.7.x) is our fault until proven otherwise: deferred, never a rejection. Unknown is temporary.
    """
    if not reply.written or (not reply.code and reply.phase is not Phase.DOT):
        return Outcome.HAND_BACK
    if not reply.code:
        return Outcome.DOUBT
    if reply.phase is Phase.DOT and 200 <= reply.code < 300:
        return Outcome.ACCEPT
    if reply.phase in (Phase.CONNECT, Phase.MAIL) or reply.code == 421:
        return Outcome.HAND_BACK if reply.phase is not Phase.DOT else Outcome.DEFER
    status = reply.enhanced or ""
    if status.startswith("5.7.") or status.startswith("4."):
        return Outcome.DEFER
    return Outcome.REJECT if status.startswith("5.") or 500 <= reply.code < 600 else Outcome.DEFER
