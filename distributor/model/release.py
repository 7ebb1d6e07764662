"""A release as stored: what it says (versions) and how it is to be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from distributor.model.draft import Version
from distributor.model.embargo import Embargo, Wave


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody or something asks: nothing of it is handed over until it is answered."""

    reason: str
    by: str
    at: datetime


class Choice(NamedTuple):
    """An officer's word on one person: she gets it, or she does not, whatever lists and topics say."""

    address: str
    by: str
    gets: bool


@dataclass(frozen=True, slots=True)
class Sending:
    """How a revision is to be sent. `send_at`: a time of its own, for a release without embargo.

    `also` are addresses that its documents name; `people` whom an officer added or left out.
    """

    topics: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    people: tuple[Choice, ...] = ()
    embargo: Embargo = field(default_factory=Embargo)
    send_at: datetime | None = None
    waves: tuple[Wave, ...] = ()


@dataclass(frozen=True, slots=True)
class Approved:
    by: str
    at: datetime
    hash: str


@dataclass(frozen=True, slots=True)
class Revision:
    """What a release says at one time. The first version is the original language.

    `embargo_traces`: where its documents speak of an embargo that it does not have; approval refuses it then.
    """

    id: int
    number: int
    state: str
    type: str
    sending: Sending
    versions: tuple[Version, ...]
    sha256: str
    created_at: datetime
    created_by: str
    warnings: tuple[str, ...] = ()
    embargo_traces: tuple[str, ...] = ()
    approved: Approved | None = None
    audience_size: int | None = None
    wave_sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def for_somebody(self) -> bool:
        """Whether it says to whom it goes at all."""
        sending = self.sending
        added = any(choice.gets for choice in sending.people)
        return bool(sending.topics or sending.lists or sending.also or added)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(version.language for version in self.versions)

    def expected(self, wave: str) -> int | None:
        """How many an advance copy ("" for the release itself) was approved for."""
        return self.wave_sizes.get(wave, 0) if wave else self.audience_size


@dataclass(frozen=True, slots=True)
class Release:
    """One release. `revisions` in order of their numbers; `embargo` is the one in force after approval."""

    id: int
    publisher_id: str
    reference: str
    type: str
    state: str
    embargo: Embargo
    created_at: datetime
    published_at: datetime | None = None
    held: Held | None = None
    revisions: tuple[Revision, ...] = field(default=())

    @property
    def latest(self) -> Revision:
        return self.revisions[-1]

    def embargo_at(self, now: datetime) -> Embargo:
        """The embargo that holders of the text still have to keep; none when it is over.

        It is over when its instant has come and the release was opened: a clock that is set ahead ends none.
        """
        over = self.published_at is not None and not self.embargo.in_force(now)
        return Embargo() if over else self.embargo

    @property
    def in_force(self) -> Revision | None:
        """The approved revision, if there is one, with the embargo as it is now: it may have been moved."""
        found = next((r for r in reversed(self.revisions) if r.state == "approved"), None)
        return found and replace(found, sending=replace(found.sending, embargo=self.embargo))

    @property
    def waiting(self) -> Revision | None:
        """The draft that waits for approval, if there is one."""
        return self.latest if self.latest.state == "draft" else None
