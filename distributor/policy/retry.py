"""When a deferred delivery is tried again, and when we give up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST, MOST = timedelta(minutes=1), timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Retry:
    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    reason: str


def next_attempt(*, attempts: int, now: datetime, expires_at: datetime, jitter: float) -> Retry | GiveUp:
    """After `attempts` tries: one minute, doubled each time up to half an hour, spread by `jitter` in [0, 1)."""
    wait = min(FIRST * 2 ** min(attempts - 1, 10), MOST)
    at = now + wait * (0.75 + jitter / 2)
    if at >= expires_at:
        return GiveUp(f"not accepted before {expires_at.isoformat()}")
    return Retry(at)
