"""Who gets a revision as it is to be sent, and who does not."""

from collections.abc import Iterator
from datetime import datetime
from typing import TypedDict

from distributor.model.address import Address
from distributor.model.audience import Audience, Excluded, Recipient
from distributor.model.publisher import Publisher
from distributor.model.release import Revision
from distributor.store.database import Connection
from distributor.store.views.audience import audience, contact_reason, recipients


class _Wishes(TypedDict):
    publisher: Publisher
    topics: tuple[str, ...]
    lists: tuple[str, ...]
    exclude: tuple[str, ...]
    also: tuple[str, ...]
    languages: tuple[str, ...]


def audience_of(
    connection: Connection, *, publisher: Publisher, revision: Revision, now: datetime
) -> Audience:
    """The audience of a revision today, with the publisher's own copies. Raises NotFound, AddressError.

    Embargo access is that of `now`; the guard looks again.
    """
    return audience(connection, **_wishes(publisher, revision), now=now)


def recipients_of(
    connection: Connection, *, publisher: Publisher, revision: Revision, now: datetime
) -> Iterator[Recipient]:
    """Those of them who get it, as a stream: the audience may be larger than memory. Raises the same."""
    return recipients(connection, **_wishes(publisher, revision), now=now)


def verdict_of(
    connection: Connection, *, publisher: Publisher, revision: Revision, address: Address, now: datetime
) -> Recipient | Excluded:
    """The side of that audience on which one address is. Raises the same."""
    return contact_reason(connection, **_wishes(publisher, revision), address=address, now=now)


def _wishes(publisher: Publisher, revision: Revision) -> _Wishes:
    sending = revision.sending
    return _Wishes(
        publisher=publisher,
        topics=tuple(sending.topics),
        lists=tuple(sending.lists),
        exclude=tuple(sending.exclude),
        also=(*sending.also, *publisher.copy_to),
        languages=tuple(revision.languages),
    )
