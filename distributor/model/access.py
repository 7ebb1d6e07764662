"""Embargo access with its history: what was granted, what suspends it, what is held against whom."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant: tier, on which criterion, by whom; the terms she accepted and when; until when.

    `ended_at`: it was taken back, or another took its place; `until` may have passed before.
    """

    tier: str
    criterion: str
    by: str
    at: datetime
    terms: str = ""
    accepted: date | None = None
    until: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_reason: str = ""


@dataclass(frozen=True, slots=True)
class Suspension:
    """No advance copies until then. `outlet` names the whole outlet, "" means her alone."""

    outlet: str
    reason: str
    by: str
    at: datetime
    until: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_reason: str = ""


@dataclass(frozen=True, slots=True)
class Strike:
    """An embargo broken: of which release, until when it counts, and what she says to it (`reply`)."""

    outlet: str
    reference: str
    reason: str
    by: str
    at: datetime
    expires_at: datetime
    reply: str = ""
    reply_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """All of one person, or of an outlet (without grants). Oldest first; `now` is the grant there is."""

    now: Granted | None
    before: tuple[Granted, ...]
    suspensions: tuple[Suspension, ...]
    strikes: tuple[Strike, ...]
