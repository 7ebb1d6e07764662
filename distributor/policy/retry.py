"""When a deferred delivery is tried again, when we give up, how long a relay that failed is passed over."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Retry:
    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    reason: str


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double from `first` to `limit`; jitter takes up to a third off, against crowds."""

    first: timedelta
    limit: timedelta

    def delay(self, *, failures: int, jitter: float) -> timedelta:
        """The wait after the n-th failure in a row (n ≥ 1); `jitter` in [0, 1)."""
        doubled = self.first * (1 << min(max(failures - 1, 0), 20))
        return min(doubled, self.limit) * (1 - jitter / 3)


#: A release is news: 60–90 s after the first refusal, 20–30 min in the end.
DELIVERY = Backoff(first=timedelta(seconds=90), limit=timedelta(minutes=30))
#: A relay that cannot be reached is never tried more often than once in ten seconds.
RELAY = Backoff(first=timedelta(seconds=15), limit=timedelta(seconds=60))
#: A hand-over that broke off before its dot.
BROKEN = Backoff(first=timedelta(seconds=5), limit=timedelta(minutes=5))
#: A webhook that took no alert.
WEBHOOK = Backoff(first=timedelta(seconds=15), limit=timedelta(minutes=30))


def next_attempt(
    *, failures: int, now: datetime, expires_at: datetime, jitter: float, backoff: Backoff = DELIVERY
) -> Retry | GiveUp:
    """After `failures` (≥ 1) failed tries. `jitter` in [0, 1). Gives up when the next would be too late."""
    at = now + backoff.delay(failures=failures, jitter=jitter)
    if at < expires_at:
        return Retry(at)
    tries = "once" if failures == 1 else f"{failures} times"
    return GiveUp(f"deferred {tries}; the next try would come after {expires_at.isoformat()}")


def pass_over(*, failures: int, jitter: float, backoff: Backoff = RELAY) -> timedelta:
    """How long a relay (or what broke) is left alone after `failures` (≥ 1) in a row; `jitter` in [0, 1)."""
    return backoff.delay(failures=failures, jitter=jitter)
