"""What happened that people are told of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class NewsKind(StrEnum):
    """`went`: a mailout went through once, and some are tried again."""

    WENT = "went"
    FINISHED = "finished"
    HELD = "held"
    APPROVAL = "approval"
    RELAY_FAILS = "relay_fails"
    RELAY_WELL = "relay_well"


@dataclass(frozen=True, slots=True)
class News:
    """One row of the office's log (`seq`), with what it takes to tell it. No word of a release is in it.

    `detail`: the reason of a hold, what waits for approval, why a relay fails; `answer`: the command for it.
    `mailout`: its kind and wave, "" for the whole release. `counts` {state: n} of deliveries, from `opened`
    to the `last` acceptance.
    """

    seq: int
    kind: NewsKind
    at: datetime
    actor: str
    reference: str = ""
    mailout: str = ""
    relay: str = ""
    detail: str = ""
    answer: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    opened: datetime | None = None
    last: datetime | None = None
