"""When the last one of each wave will get it, at the relays' limits and the domains' paces. Reads only."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from distributor.model.audience import Recipient
from distributor.model.pacing import Limits, Spent
from distributor.model.rules import Rules
from distributor.policy import estimate, pacing, recipients
from distributor.policy.estimate import Pace
from distributor.policy.plan import ADVANCE, Planned
from distributor.store import batches, rations
from distributor.store.database import Connection
from distributor.store.mailouts import Mailout
from distributor.store.views import earlier

Wave = Planned | Mailout
_WAITING = ("queued", "deferred", "sending")


@dataclass(frozen=True)
class Speed:
    """What limits the sending at `now`, how quick it was before: read when it is asked for, mostly it is not.

    `warnings` are added as waves are looked at. `guess`: also where no limit tells.
    """

    connection: Connection
    publisher_id: str
    rules: Rules
    now: datetime
    guess: bool = True
    warnings: list[str] = field(default_factory=list)

    @cached_property
    def relays(self) -> Sequence[tuple[Limits, Spent]]:
        return rations.spent(self.connection, relays=self.rules.limits)

    @cached_property
    def pace(self) -> Pace | None:
        if not self.guess:
            return None
        return estimate.pace(earlier.mailouts(self.connection, publisher_id=self.publisher_id))

    def of_people(self, wave: Wave, people: Sequence[Recipient], *, tiers: Sequence[str]) -> "Last":
        """Of a wave that is not prepared. Who is in one of `tiers` has had an advance copy when it goes."""
        going = list(recipients.of_mailout(people, kind=wave.kind, wave=wave.wave))
        if wave.kind != ADVANCE:
            going = [person for person in going if person.tier not in tiers]
        domains = Counter(person.address_key.rpartition("@")[2] for person in going)
        return self._last(wave, domains)

    def of_deliveries(self, mailout: Mailout, counts: Mapping[str, int]) -> "Last":
        """The same of a wave that is prepared or on its way: what still waits, of deliveries by state."""
        waiting = sum(counts.get(state, 0) for state in _WAITING)
        last_step = batches.last_ready(self.connection, mailout_id=mailout.id)
        return self._last(mailout, Counter({"": waiting}), not_before=last_step)

    def told(self, waves: Sequence["Last"]) -> str | None:
        """By what is guessed where no limit tells, or that there is nothing to go by; None where none is."""
        if not self.guess or not any(last.guessed for last in waves):
            return None
        return self.pace.words if self.pace else estimate.NONE_YET

    def _last(self, wave: Wave, domains: Counter[str], *, not_before: datetime | None = None) -> "Last":
        start = max(self.now, wave.due)
        found = pacing.forecast(
            domains, start=start, relays=self.relays, paces=self.rules.paces, not_before=not_before
        )
        if found is None:
            number = domains.total()
            about = self.pace.last(number, start=start) if self.pace and number else None
            return Last(None, about, guessed=number > 0)
        tier = wave.wave if wave.kind == ADVANCE else ""
        zone = self.rules.timezone
        slow = pacing.too_slow(found, wave=tier, due=wave.due, expires_at=wave.expires_at, zone=zone)
        self.warnings.extend([slow] if slow else [])
        return Last(found.last)


@dataclass(frozen=True, slots=True)
class Last:
    """When the last of a wave gets it: by the limits, else about when, if there is anything to go by.

    `guessed`: somebody waits, and no limit tells.
    """

    at: datetime | None = None
    about: datetime | None = None
    guessed: bool = False
