"""How many mails may go in what time: to a relay, and to a domain."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """What a relay takes: `rate` messages a second, `daily` in any 24 hours; 0: no limit."""

    relay: str
    rate: float = 0.0
    daily: int = 0

    def __bool__(self) -> bool:
        return bool(self.rate or self.daily)


@dataclass(frozen=True, slots=True)
class Pace:
    """What a recipient domain shall get: `number` mails at once, then none for `seconds`."""

    domain: str
    number: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Spent:
    """What of a relay's limits is used. `taken`: (beginning of a slot, messages), the oldest first.

    `free_at`: when the rate has made up for all that was taken; None: long ago.
    """

    free_at: datetime | None = None
    taken: tuple[tuple[datetime, int], ...] = field(default=())
