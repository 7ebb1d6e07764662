"""[publisher] and [publishers.ID]: whom releases come from, and that each has an id, an address and lists of
its own. Their contacts are kept apart by these.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from distributor.config.kinds import (
    ID,
    File,
    Filled,
    Language,
    Line,
    Lines,
    Link,
    Mailbox,
    Mailboxes,
    Webhook,
)
from distributor.config.sections import Paths, Section


class _Sender(Section):
    """`unsubscribe_mailbox` is a mailbox that somebody reads."""

    name: Annotated[Line, Filled]
    address: Annotated[Mailbox, Filled]
    reply_to: Mailbox = ""
    unsubscribe_mailbox: Mailbox = ""
    postal_address: Lines = ""
    privacy_url: Link = ""
    copy_to: Mailboxes = ()
    test_addresses: Mailboxes = ()
    language: Language = "en"


class _Identified(Section):
    """A section that is not named by its id."""

    id: Annotated[str, Field(pattern=f"^{ID}$")] = "press"


class Publisher(_Sender, _Identified):
    """Who the releases come from. Its lists, templates and alerts have sections of their own."""

    name: Annotated[Line, Filled] = "Press Office"
    address: Annotated[Mailbox, Filled] = "press@example.org"


class OtherPublisher(_Sender):
    """One more publisher; its id is the section's name. Lists, templates and alerts are its own."""

    lists: File | None = None
    templates: File | None = None
    alerts_to: Mailboxes = ()
    alerts_webhook: Webhook = Field(default="", repr=False)


def refuse_shared(first: Publisher, paths: Paths, others: Mapping[str, OtherPublisher]) -> None:
    """Raises ValueError for the first of `others` that has what another one has."""
    if first.id in others:
        raise ValueError(f"[publishers.{first.id}] has the id of [publisher]; give it another one")
    addresses = {first.address.casefold(): "[publisher]"}
    folders = {_folder(paths.lists): "[paths] lists"}
    for id, one in others.items():
        _own(addresses, one.address.casefold(), id=id, what=f"the address {one.address}")
        lists = one.lists or lists_beside(id)
        _own(folders, _folder(lists), id=id, what=f"the folder of lists {lists}")


def lists_beside(publisher: str) -> Path:
    """Where a publisher that names no folder has its lists."""
    return Path(f"lists-{publisher}")


def _folder(path: Path) -> str:
    return os.path.normpath(path)


def _own(taken: dict[str, str], value: str, *, id: str, what: str) -> None:
    section = f"[publishers.{id}]"
    before = taken.setdefault(value, section)
    if before != section:
        raise ValueError(f"{section} has {what}, which is that of {before}; give it its own")
