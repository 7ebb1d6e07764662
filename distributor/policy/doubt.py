"""What is done with a delivery that may have gone out unseen."""

from datetime import datetime
from typing import Protocol

from distributor.model.notice import NOTICES
from distributor.model.rules import Rules
from distributor.policy.lifecycle import MailoutState
from distributor.policy.plan import ADVANCE, RELEASE

_NOTICE_AGAIN = 5  # times


class Doubtful(Protocol):
    """A delivery that may have gone out unseen, with its mailout's and release's facts.

    `doubted` counts how often it became doubtful.
    """

    @property
    def kind(self) -> str: ...
    @property
    def mailout_state(self) -> str: ...
    @property
    def embargo(self) -> datetime | None: ...
    @property
    def until_lifted(self) -> bool: ...
    @property
    def doubted(self) -> int: ...


def resend_by_rule(one: Doubtful, *, now: datetime, rules: Rules) -> bool:
    """True: send it again without asking. Before the embargo an officer is always asked.

    By rule it is sent again once (a notice some times), so that a relay that never answers its dots cannot
    mail somebody again and again; and never when its mailout is over.

    A doubtful advance copy is never sent again by rule: its address gets the release copy. Notices
    always are: a second one does no harm, a missing one may.
    """
    if one.mailout_state != MailoutState.SENDING:
        return False
    if one.kind in NOTICES:
        return one.doubted <= _NOTICE_AGAIN
    if one.kind == ADVANCE or one.doubted > 1:
        return False
    if one.kind != RELEASE:
        return True
    embargoed = one.until_lifted or (one.embargo is not None and now < one.embargo)
    return rules.after_crash == "resend" and not embargoed
