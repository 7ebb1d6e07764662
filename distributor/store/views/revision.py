"""Who gets a revision as it is to be sent, and who does not."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypedDict

from distributor.model.address import Address
from distributor.model.audience import Audience, Excluded, Recipient
from distributor.model.publisher import Publisher
from distributor.model.release import Choice, Revision
from distributor.store.database import Connection
from distributor.store.views.audience import audience, contact_reason, recipients, verdicts, wish_of


class _Wishes(TypedDict):
    publisher: Publisher
    topics: tuple[str, ...]
    lists: tuple[str, ...]
    exclude: tuple[str, ...]
    also: tuple[str, ...]
    people: tuple[Choice, ...]
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


def verdicts_of(
    connection: Connection,
    *,
    publisher: Publisher,
    revision: Revision,
    addresses: Sequence[Address],
    now: datetime,
) -> dict[str, tuple[Recipient | Excluded, str | None]]:
    """`views.audience.verdicts` of that audience. Raises the same."""
    asking = wish_of(connection, publisher, **_asked(publisher, revision))
    return verdicts(connection, asking, publisher_id=publisher.id, addresses=addresses, now=now)


def _asked(publisher: Publisher, revision: Revision) -> dict[str, Any]:
    wishes = _wishes(publisher, revision)
    return {
        "named_topics": wishes["topics"],
        "named_lists": wishes["lists"],
        **{name: wishes[name] for name in ("exclude", "also", "languages", "people")},
    }


def _wishes(publisher: Publisher, revision: Revision) -> _Wishes:
    sending = revision.sending
    return _Wishes(
        publisher=publisher,
        topics=tuple(sending.topics),
        lists=tuple(sending.lists),
        exclude=tuple(sending.exclude),
        also=(*sending.also, *publisher.copy_to),
        people=tuple(sending.people),
        languages=tuple(revision.languages),
    )
