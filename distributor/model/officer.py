"""Somebody of the press office who acts under her own name, and what she may be."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an officer is for. What each may do stands in `policy.rights`."""

    AUTHOR = "author"
    APPROVER = "approver"
    LIST_KEEPER = "list keeper"
    OPERATOR = "operator"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Officer:
    """`name` is the login, in small letters; `display` what people call her; `address` may be empty.

    One who was removed keeps her row: the log names her.
    """

    name: str
    display: str
    address: str
    roles: frozenset[Role]
    created_at: datetime
    created_by: str
    removed_at: datetime | None = None
    removed_by: str | None = None
