"""Who gets a mailout and why, who does not and why."""

from dataclasses import dataclass
from typing import NamedTuple


class Reason(NamedTuple):
    """Why somebody is in: list NAME follows `topic`, which covers the release's topic `covers`.

    A list that the release names has no topic; an address that the release names ("also") has no list. `by`:
    the officer who added her for this release.
    """

    list: str | None = None
    topic: str | None = None
    covers: str | None = None
    by: str | None = None

    def document(self) -> dict[str, str | None]:
        """As JSON; `by` only where there is one."""
        said = self._asdict()
        return said if self.by else {name: said[name] for name in ("list", "topic", "covers")}


class Recipient(NamedTuple):
    """One address of an audience. `language` is the version's that she gets; `tier` her embargo access."""

    address: str
    address_key: str
    contact_id: int | None
    name: str
    outlet: str
    language: str
    tier: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Excluded:
    """One address that does not get it, and why, in words for people."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody known to the publisher, on one side or the other."""

    recipients: tuple[Recipient, ...]
    excluded: tuple[Excluded, ...]
