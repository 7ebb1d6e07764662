"""A person we may write to, as files and officers describe her."""

from dataclasses import dataclass, field
from enum import StrEnum

from distributor.model.address import Address


class Standing(StrEnum):
    """Whether a person wants and may get mail. Everything but ACTIVE is silence."""

    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One good row of a list file. `languages` best first; `extra` the columns we do not know."""

    address: Address
    line: int
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    outlet: str = ""
    medium: str = ""
    role: str = ""
    country: str = ""
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    embargo_access: str | None = None
    phone: str = ""
    source: str = ""
    note: str = ""
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is refused: which file, which line, what stood there, why; `raw` is the whole row."""

    file: str
    line: int
    value: str
    reason: str
    raw: str = ""


@dataclass(frozen=True, slots=True)
class ListFile:
    """NAME.toml and NAME.csv as read: the list, its good rows and the refused ones."""

    name: str
    title: str
    topics: tuple[str, ...]
    language: str | None
    embargo_access: str | None
    rows: tuple[ContactRow, ...]
    refused: tuple[BadRow, ...]
