"""How many messages one relay may be given now: what its limits have let out and nobody has used yet.

Whoever hands over fills it (`allow`); the wire only takes. A relay without limits has no bottom.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from distributor.model.pacing import Limits


@dataclass(eq=False)
class Ration:
    """`left` messages may be begun. `used_up`: why none before `until`, when it is the day's limit."""

    limits: Limits
    now: Callable[[], datetime]
    left: int = 0
    until: datetime | None = None
    limited: bool = field(init=False)
    _reason: str = ""

    def __post_init__(self) -> None:
        self.limited = bool(self.limits)

    @property
    def open(self) -> bool:
        """Whether a message may be begun now."""
        return not self.limited or self.left > 0

    @property
    def used_up(self) -> str | None:
        """Why the relay is passed over, or None. Messages let out before may still go."""
        waits = self.until is not None and self.left == 0 and self.now() < self.until
        return self._reason if waits else None

    def allow(self, number: int) -> None:
        """So many more."""
        self.left += number

    def close(self, *, until: datetime, reason: str) -> None:
        """No more before `until`: the day's limit is reached."""
        self.until, self._reason = until, reason

    def take(self) -> bool:
        """One message is begun; False when none may be."""
        if not self.limited:
            return True
        if self.left == 0:
            return False
        self.left -= 1
        return True

    def put_back(self) -> None:
        """A message that was taken was not begun."""
        self.left += self.limited
