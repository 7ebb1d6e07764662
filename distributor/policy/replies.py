"""What a reply means: for the delivery (`classify`), for the relay that gave it (`refuses_us`,
`refuses_entry`), and what many of them mean together (`looks_like_us`).

By phase, code and enhanced status, never by the relay's words. Unknown is temporary. Nothing here says
what becomes of a person: a rejection ends one delivery and suppresses nobody.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from distributor.model.message import Phase, Reply

_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})", re.ASCII)
_CLOSING = 421
_NO_CREDENTIALS = frozenset({530, 534, 535, 538})
_NO_SERVICE = 554  # RFC 5321 §3.1: as a greeting it says that there is no service for us

RECENT = 20  # answers that are looked at together
_REFUSALS, _DOMAINS = 5, 3


class Outcome(StrEnum):
    """The events of the delivery machine that a hand-over can lead to."""

    ACCEPT = "accept"
    DEFER = "defer"
    REJECT = "reject"
    DOUBT = "doubt"
    HAND_BACK = "hand_back"


def classify(reply: Reply) -> Outcome:
    """The one outcome of a reply (RFC 5321 §4.2, RFC 3463).

    421 says that the relay closes the connection (RFC 5321 §4.2.2). Until the recipient was named it cannot
    be about her: handed back. Afterwards it is a definite answer to a transaction that names her, and big
    receivers do mean the recipient by it: deferred, for the same one offered again at once would close one
    connection after the other.
    """
    if not reply.written:
        return Outcome.HAND_BACK
    if reply.code == 0:
        return Outcome.DOUBT if reply.phase is Phase.DOT else Outcome.HAND_BACK
    if reply.phase is Phase.DOT and 200 <= reply.code <= 299:
        return Outcome.ACCEPT  # it took responsibility, whatever the status beside it says (§6.1)
    if reply.phase is Phase.CONNECT or refuses_us(reply):
        return Outcome.HAND_BACK
    if reply.phase is Phase.MAIL:  # about the sender: nothing the recipient could be blamed for
        return Outcome.HAND_BACK if reply.code == _CLOSING else Outcome.DEFER
    return Outcome.REJECT if _permanent(reply) else Outcome.DEFER


def refuses_us(reply: Reply) -> bool:
    """Whether the relay refuses us and not this message: policy or credentials at MAIL. Try another relay."""
    return reply.phase is Phase.MAIL and _about_us(reply.code, reply.enhanced)


def refuses_entry(code: int, enhanced: str | None) -> bool:
    """Whether a reply to the opening (greeting, EHLO, STARTTLS, AUTH) refuses us for good."""
    return code == _NO_SERVICE or _about_us(code, enhanced)


def is_policy(reply: Reply) -> bool:
    """A 5.7.x about a recipient or a message: hers, or ours seen through her relay."""
    about_one = reply.phase in (Phase.RCPT, Phase.DATA, Phase.DOT) and reply.code >= 400
    return about_one and _status(reply.enhanced)[:2] == (5, 7)


def looks_like_us(refused: Sequence[str | None]) -> bool:
    """Whether policy refusals are too many and too wide to be the recipients' own.

    `refused` has, of a mailout's answers, the latest last, the recipient's domain where it was a policy
    refusal, else None: 5 of the last 20, across at least 3 domains.
    """
    domains = [domain for domain in refused[-RECENT:] if domain is not None]
    return len(domains) >= _REFUSALS and len(set(domains)) >= _DOMAINS


def _about_us(code: int, enhanced: str | None) -> bool:
    return 500 <= code <= 599 and (code in _NO_CREDENTIALS or _status(enhanced)[:2] == (5, 7))


def _permanent(reply: Reply) -> bool:
    """Whether trying this recipient again is pointless. The enhanced status beats the code (RFC 3463)."""
    if not 400 <= reply.code <= 599:
        return False
    match _status(reply.enhanced):
        case (5, 7, _):  # policy: our fault until proven otherwise
            return False
        case (5, 5, _):  # the conversation, not the message
            return False
        case (5, 2, 2):  # mailbox full: RFC 3463 §3.3 calls it persistent transient
            return False
        case (kind, subject, _) if subject != 0:
            return kind == 5
        case (4, _, _):
            return False
    return _permanent_code(reply.code)


def _permanent_code(code: int) -> bool:
    """By the second digit (RFC 5321 §4.2.1): only x5x speaks of the mailbox or the message.

    Of those 552 is temporary (§4.5.3.1.10, and a full mailbox empties), 555 is about the command; 501 is
    an address that cannot be one.
    """
    return code == 501 or (550 <= code <= 559 and code not in (552, 555))


def _status(enhanced: str | None) -> tuple[int, ...]:
    """Class, subject and detail of an RFC 3463 status; empty when there is none."""
    found = _STATUS.fullmatch(enhanced or "")
    return tuple(int(part) for part in found.groups()) if found else ()
