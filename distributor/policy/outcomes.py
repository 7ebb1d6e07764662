"""What became of a copy, for people who do not know our states: one group for each person, and why not.

A person's best copy counts: who had it in advance is no failure of the release copy. Pure.
"""

import re
from collections.abc import Mapping
from enum import IntEnum

from distributor.policy.lifecycle import DeliveryState


class Rank(IntEnum):
    """How well a copy went, the best first."""

    ACCEPTED = 0
    RETURNED = 1
    MAYBE = 2
    TRYING = 3
    WAITING = 4
    REJECTED = 5
    EXPIRED = 6
    SUPPRESSED = 7
    CANCELLED = 8


#: The groups of a report, in its order, and the words for each.
GROUPS: Mapping[str, str] = {
    "accepted": "accepted: a mail server took responsibility for it",
    "returned": "came back: accepted first, then returned",
    "may_have_it": "may have it: handed over, the answer is not known",
    "trying": "still trying: refused for now, or its turn is to come",
    "waiting": "waits for its time",
    "not_sent": "not sent",
}
_GROUP_OF = {
    Rank.ACCEPTED: "accepted",
    Rank.RETURNED: "returned",
    Rank.MAYBE: "may_have_it",
    Rank.TRYING: "trying",
    Rank.WAITING: "waiting",
}
#: The rank of a copy by its state, where the state alone tells. Who waits: that depends on the mailout.
RANKS: Mapping[DeliveryState, Rank] = {
    DeliveryState.SENT: Rank.ACCEPTED,
    DeliveryState.BOUNCED: Rank.RETURNED,
    DeliveryState.DOUBTFUL: Rank.MAYBE,
    DeliveryState.SENDING: Rank.MAYBE,
    DeliveryState.DEFERRED: Rank.TRYING,
    DeliveryState.REJECTED: Rank.REJECTED,
    DeliveryState.EXPIRED: Rank.EXPIRED,
    DeliveryState.SUPPRESSED: Rank.SUPPRESSED,
    DeliveryState.CANCELLED: Rank.CANCELLED,
}

_STATUS = re.compile(r"5\.(\d{1,3})\.(\d{1,3})", re.ASCII)
#: By subject and detail of RFC 3463; a detail that is not named goes by its subject.
_REFUSED = {
    (1, 2): "the domain of the address takes no mail",
    (1, 10): "the domain of the address takes no mail",
    (1, None): "there is no such address",
    (2, 1): "the mailbox is closed",
    (2, 2): "the mailbox is full",
    (2, 3): "the message is too large for the mailbox",
    (2, None): "the mailbox takes no mail",
    (3, 4): "the message is too large for the mail server",
    (4, None): "the mail server of the address cannot be reached",
    (6, 7): "no mail server on the way takes such an address",
    (7, None): "refused by the recipient's rules",
}
_OTHERWISE = "refused for good, without a reason that has a name"


def group(rank: Rank) -> str:
    """The group of a person whose best copy has this rank."""
    return _GROUP_OF.get(rank, "not_sent")


def why(rank: Rank, *, enhanced: str | None, detail: str, withdrawn: bool) -> str:
    """Why a copy was not sent, so that many of a kind have the same words; they name nobody."""
    if rank is Rank.REJECTED:
        return _refused(enhanced)
    if rank is Rank.EXPIRED:
        return "refused for now, again and again, until it was too late"
    if rank is Rank.SUPPRESSED:
        return "left, paused, or must not be mailed"
    if detail.startswith("not in "):
        return "not among the addresses that may be mailed (allow_recipients)"
    if detail.startswith("cannot be composed"):
        return "its mail could not be composed"
    return "the release was withdrawn first" if withdrawn else "its sending was cancelled"


def _refused(enhanced: str | None) -> str:
    found = _STATUS.fullmatch(enhanced or "")
    if found is None:
        return _OTHERWISE
    subject, detail = int(found[1]), int(found[2])
    return _REFUSED.get((subject, detail)) or _REFUSED.get((subject, None), _OTHERWISE)
