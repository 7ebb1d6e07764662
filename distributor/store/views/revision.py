"""Who gets a revision as it is to be sent, and who does not."""

from distributor.model.audience import Audience
from distributor.model.publisher import Publisher
from distributor.model.release import Revision
from distributor.store.database import Connection
from distributor.store.views.audience import audience


def audience_of(connection: Connection, *, publisher: Publisher, revision: Revision) -> Audience:
    """The audience of a revision today, with the publisher's own copies. Raises NotFound, AddressError."""
    sending = revision.sending
    return audience(
        connection,
        publisher=publisher,
        topics=sending.topics,
        lists=sending.lists,
        exclude=sending.exclude,
        also=(*sending.also, *publisher.copy_to),
        languages=revision.languages,
    )
