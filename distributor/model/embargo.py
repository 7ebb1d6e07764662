"""The embargo, and the waves that may go before it."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Embargo:
    """The instant before which a release may not be public.

    `instant` is aware, in UTC. `until_lifted` means: no instant, only `lift` opens it, perhaps
    `expected` at some time. Neither: for immediate release.
    """

    instant: datetime | None = None
    until_lifted: bool = False
    expected: datetime | None = None

    def __bool__(self) -> bool:
        return self.until_lifted or self.instant is not None

    def in_force(self, now: datetime) -> bool:
        """True while the text may not be public."""
        return self.until_lifted or (self.instant is not None and now < self.instant)


@dataclass(frozen=True, slots=True)
class Wave:
    """An advance copy for one tier: at an instant, or so long `before` the embargo."""

    tier: str
    at: datetime | None = None
    before: timedelta | None = None

    def instant(self, embargo: Embargo) -> datetime | None:
        """When it is due, in UTC, reckoned from the expected time if there is no other; None without one."""
        if self.at is not None:
            return self.at
        until = embargo.instant or embargo.expected
        return until - self.before if until and self.before is not None else None
