"""When the last one of each wave will get it, at the relays' limits and the domains' paces. Reads only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from distributor.model.audience import Recipient
from distributor.model.pacing import Limits, Spent
from distributor.model.rules import Rules
from distributor.policy import pacing, recipients
from distributor.policy.plan import ADVANCE, Planned
from distributor.store import batches, deliveries, rations
from distributor.store.database import Connection
from distributor.store.mailouts import Mailout

Wave = Planned | Mailout
_WAITING = ("queued", "deferred", "sending")


@dataclass(frozen=True)
class Speed:
    """What limits the sending now. `warnings` are added as waves are looked at."""

    relays: Sequence[tuple[Limits, Spent]]
    rules: Rules
    now: datetime
    warnings: list[str]

    @classmethod
    def read(cls, connection: Connection, *, rules: Rules, now: datetime) -> Self:
        """As it is at `now`."""
        return cls(rations.spent(connection, relays=rules.limits), rules, now, [])

    def of_people(self, wave: Wave, people: Sequence[Recipient], *, tiers: Sequence[str]) -> datetime | None:
        """When the last of a wave that is not prepared gets it; None: at once, as far as we know.

        Who is in one of `tiers` has had an advance copy when the release goes.
        """
        going = list(recipients.of_mailout(people, kind=wave.kind, wave=wave.wave))
        if wave.kind != ADVANCE:
            going = [person for person in going if person.tier not in tiers]
        domains = Counter(person.address_key.rpartition("@")[2] for person in going)
        return self._last(wave, domains)

    def of_deliveries(self, connection: Connection, mailout: Mailout) -> datetime | None:
        """The same of a wave that is prepared or on its way: what still waits."""
        counts = deliveries.counts(connection, mailout_id=mailout.id)
        waiting = sum(counts.get(state, 0) for state in _WAITING)
        last_step = batches.last_ready(connection, mailout_id=mailout.id)
        return self._last(mailout, Counter({"": waiting}), not_before=last_step)

    def _last(
        self, wave: Wave, domains: Counter[str], *, not_before: datetime | None = None
    ) -> datetime | None:
        start = max(self.now, wave.due)
        found = pacing.forecast(
            domains, start=start, relays=self.relays, paces=self.rules.paces, not_before=not_before
        )
        if found is None:
            return None
        tier = wave.wave if wave.kind == ADVANCE else ""
        zone = self.rules.timezone
        slow = pacing.too_slow(found, wave=tier, due=wave.due, expires_at=wave.expires_at, zone=zone)
        self.warnings.extend([slow] if slow else [])
        return found.last
