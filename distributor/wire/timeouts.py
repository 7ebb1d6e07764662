"""How long a relay is waited for, and the clock that says when something was said."""

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `connect` is the whole opening, TCP to AUTH; the others as RFC 5321 §4.5.3.2 has them.

    `polite` is how long we wait for what does not matter: QUIT, and NOOP on an idle connection.
    """

    connect: float = 30.0
    command: float = 300.0
    dot: float = 600.0
    polite: float = 5.0


def utc() -> datetime:
    """The system clock."""
    return datetime.now(UTC)
