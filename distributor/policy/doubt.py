"""What is done with a delivery that may have gone out unseen."""

from datetime import datetime
from typing import Protocol

from distributor.model.notice import NOTICES
from distributor.model.rules import Rules
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


def goes_again(one: Doubtful, *, now: datetime, rules: Rules) -> bool:
    """Whether it is sent again without asking: its mailout still sends, and the rule says so."""
    return one.mailout_state == "sending" and resend_by_rule(
        kind=one.kind,
        embargo=one.embargo,
        until_lifted=one.until_lifted,
        doubted=one.doubted,
        now=now,
        rules=rules,
    )


def resend_by_rule(
    *, kind: str, embargo: datetime | None, until_lifted: bool, doubted: int, now: datetime, rules: Rules
) -> bool:
    """True: send it again without asking. Before the embargo an officer is always asked.

    `doubted` counts how often this delivery became doubtful: by rule it is sent again once (a notice some
    times), so that a relay that never answers its dots cannot mail somebody again and again.

    A doubtful advance copy is never sent again by rule: its address gets the release copy. Notices
    always are: a second one does no harm, a missing one may.
    """
    if kind in NOTICES:
        return doubted <= _NOTICE_AGAIN
    if kind == ADVANCE or doubted > 1:
        return False
    if kind != RELEASE:
        return True
    embargoed = until_lifted or (embargo is not None and now < embargo)
    return rules.after_crash == "resend" and not embargoed
