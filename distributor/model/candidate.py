"""A contact as the matching sees her: her standing, her access, her lists. No decision yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from distributor.model.contact import Standing


@dataclass(frozen=True, slots=True)
class ListFacts:
    """A list without its members. `topics` ("*",) covers everything; `embargo_access` is its default tier."""

    name: str
    title: str = ""
    topics: tuple[str, ...] = ()
    language: str | None = None
    embargo_access: str | None = None

    @property
    def shown(self) -> str:
        """What people call it."""
        return self.title or self.name


@dataclass(frozen=True, slots=True)
class Membership:
    """Being on a list; `topics`, when there are any, narrow the list's."""

    list: ListFacts
    topics: tuple[str, ...] = ()


class Candidate(NamedTuple):
    """One address that a release might go to.

    `contact_id` is None for an address that a release names and that is no contact. `suppression` is the
    reason of a suppression of this address, None when there is none. `tier` is her embargo access.
    """

    address: str
    address_key: str
    contact_id: int | None = None
    name: str = ""
    outlet: str = ""
    languages: tuple[str, ...] = ()
    standing: Standing = Standing.ACTIVE
    standing_at: datetime | None = None
    standing_reason: str = ""
    suppression: str | None = None
    tier: str | None = None
    memberships: tuple[Membership, ...] = ()
