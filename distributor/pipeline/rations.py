"""Fills the rations of a run's relays from what all senders share, and gives back what is not used.

A rate or a day is counted in the database (`store.rations`), so that several senders, on several hosts, keep
to it together; what is taken is taken before the intents are written. It hands over nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from distributor.errors import Busy
from distributor.pipeline.mailer import Mailer
from distributor.policy.clockface import moment
from distributor.policy.pacing import Grant, burst
from distributor.store import rations
from distributor.store.database import Store
from distributor.wire.ration import Ration

_MOST = 100  # messages of one relay that are taken at once
_OFTEN = timedelta(milliseconds=50)  # a relay is not asked about more often
_DATABASE = timedelta(milliseconds=500)  # until a database that did not answer is asked again

_log = logging.getLogger(__name__)


@dataclass
class Rations:
    """Of one worker run."""

    store: Store
    mailer: Mailer
    now: Callable[[], datetime]
    zone: str = "UTC"
    _again: dict[str, datetime] = field(default_factory=dict)

    async def fill(self, *, need: int) -> None:
        """Take what is missing so that `need` messages may go, as far as the limits let them."""
        now = self.now()
        lacking = [
            (one, wanted)
            for one in self.mailer.rations
            if (wanted := _wanted(one, need)) and now >= self._again.get(one.limits.relay, now)
        ]
        if not lacking:
            return
        try:
            granted = await asyncio.to_thread(self._take, lacking, now)
        except Busy:  # nothing goes meanwhile
            self._again |= {one.limits.relay: now + _DATABASE for one, _ in lacking}
            return
        for (ration, _), grant in zip(lacking, granted, strict=True):
            self._allow(ration, grant, now)

    def put_back(self) -> None:
        """What is left counts for no day."""
        unused = self.mailer.unused
        if not unused:
            return
        with self.store.write() as connection:
            for ration in unused:
                rations.give_back(connection, relay=ration.limits.relay, number=ration.left)
                ration.left = 0

    @property
    def wait(self) -> float | None:
        """Seconds until one of the relays may be asked about again; None: at any time."""
        times = [
            self._again[one.limits.relay] for one in self.mailer.rations if one.limits.relay in self._again
        ]
        return max(0.0, (min(times) - self.now()).total_seconds()) if times else None

    def _take(self, lacking: Sequence[tuple[Ration, int]], now: datetime) -> list[Grant]:
        with self.store.write() as connection:
            return [
                rations.take(connection, limits=one.limits, wanted=wanted, now=now) for one, wanted in lacking
            ]

    def _allow(self, ration: Ration, grant: Grant, now: datetime) -> None:
        relay = ration.limits.relay
        ration.allow(grant.number)
        self._again[relay] = max(grant.again or now, now + _OFTEN)
        if not grant.used_up or grant.again is None:
            return
        words = f"daily limit of relay {relay} reached; goes on at {moment(grant.again, self.zone)}"
        if ration.until != grant.again:
            _log.warning("%s", words)
        ration.close(until=grant.again, reason=words)


def _wanted(ration: Ration, need: int) -> int:
    """How many more to ask for: no more than a rate lets out at once, so that nothing is saved up."""
    rate = ration.limits.rate
    if rate:
        return max(0, min(need, burst(rate)) - ration.left)
    wanted = min(need, _MOST)
    return wanted - ration.left if ration.left * 2 < wanted else 0
