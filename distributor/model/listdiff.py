"""What the list files would change: the present state, the diff, and its counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from distributor.model.address import Address
from distributor.model.candidate import ListFacts
from distributor.model.contact import BadRow, Standing
from distributor.model.topic import TopicTree

#: Who grants the embargo access that comes from list files; any other grant is a person's and stays.
GRANTED_BY_SYNC = "lists sync"


@dataclass(frozen=True, slots=True)
class Person:
    """What files say about a contact, whatever lists she is on."""

    address: str
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    outlet: str = ""
    medium: str = ""
    role: str = ""
    country: str = ""
    languages: tuple[str, ...] = ()
    phone: str = ""
    source: str = ""
    note: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """Embargo access: a tier, by whom, on which criterion. `ended`: it was taken back."""

    tier: str
    granted_by: str
    criterion: str
    ended: bool = False


@dataclass(frozen=True, slots=True)
class PresentContact:
    """A contact as the database has her."""

    id: int
    standing: Standing
    person: Person
    access: Grant | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """What the database holds: `members` by list name, then by address key, with the row's own topics."""

    topics: TopicTree
    lists: Mapping[str, ListFacts]
    contacts: Mapping[str, PresentContact]
    members: Mapping[str, Mapping[str, tuple[str, ...]]]
    suppressed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """A membership by names: list, address key, the row's own topics."""

    list: str
    key: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """Memberships (rows of files): each good row is one of added, changed, unchanged, kept_silent."""

    added: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0
    kept_silent: int = 0


@dataclass(frozen=True, slots=True)
class ListDiff:
    """Everything that a sync changes, and what it does not and why.

    `topics` is the tree to be stored, None when it stays; `granted` are (address key, grant).
    `before` counts the memberships there are now. `differences` are one line each: what two files say
    about one address. `stamp` is the end of the office's log when this was worked out.
    """

    counts: Counts
    before: int
    topics: TopicTree | None
    lists_saved: tuple[ListFacts, ...]
    lists_gone: tuple[str, ...]
    new_contacts: tuple[tuple[Address, Person], ...]
    changed_contacts: tuple[tuple[str, Person], ...]
    members_added: tuple[Member, ...]
    members_changed: tuple[Member, ...]
    members_gone: tuple[Member, ...]
    granted: tuple[tuple[str, Grant], ...]
    withdrawn: tuple[str, ...]
    refused: tuple[BadRow, ...]
    differences: tuple[str, ...]
    stamp: str = field(default="", compare=False)

    @property
    def empty(self) -> bool:
        """True when there is nothing to write."""
        return self.topics is None and not any(
            (
                self.lists_saved,
                self.lists_gone,
                self.new_contacts,
                self.changed_contacts,
                self.members_added,
                self.members_changed,
                self.members_gone,
                self.granted,
                self.withdrawn,
            )
        )

    @property
    def many_gone(self) -> bool:
        """True when more than a fifth of the memberships would go: somebody has to say yes to that."""
        return self.counts.gone * 5 > self.before
