"""The house rules that an operator sets and policy, stages and verbs follow."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from distributor.model.pacing import Limits, Pace


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an audience may grow after approval: the larger of `percent` and `count`."""

    percent: float = 5
    count: int = 20

    def allows(self, *, expected: int, actual: int) -> bool:
        return actual - expected <= max(self.count, expected * self.percent / 100)


@dataclass(frozen=True, slots=True)
class Rules:
    """Times are durations; zones IANA names. The defaults are those of config.example.toml."""

    timezone: str = "Europe/Brussels"
    show_zones: tuple[str, ...] = ("Europe/Brussels", "Europe/London", "America/New_York", "UTC")
    cet_is_brussels: bool = False
    late_limit_embargoed: timedelta = timedelta(minutes=15)
    late_limit: timedelta = timedelta(minutes=60)
    prepare_ahead: timedelta = timedelta(minutes=10)
    min_advance_lead: timedelta = timedelta(minutes=30)
    undo: timedelta = timedelta(seconds=60)
    expire_release: timedelta = timedelta(hours=24)
    expire_notice: timedelta = timedelta(hours=72)
    after_crash: Literal["resend", "ask"] = "resend"
    allow_recipients: tuple[str, ...] = ()
    tolerance: Tolerance = Tolerance()
    approval_required: bool = True
    four_eyes: bool = False
    limits: tuple[Limits, ...] = ()  # of the relays that are used first
    paces: tuple[Pace, ...] = ()

    @property
    def shortest_limit(self) -> timedelta:
        """Nobody who was at work within it is late for anything."""
        return min(self.late_limit, self.late_limit_embargoed)
