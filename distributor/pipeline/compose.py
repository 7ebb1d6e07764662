"""From a delivery to the bytes that go out: merge template as approved, fields of the recipient.

The same delivery gives the same bytes, whenever and wherever it is composed (law 6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from distributor.mail import merge
from distributor.mail.merge import MergeTemplate
from distributor.mail.reasons import sentence
from distributor.mail.tokens import Tokens
from distributor.model.letter import Fields
from distributor.model.message import Envelope, Message
from distributor.model.publisher import Publisher
from distributor.model.topic import TopicTree
from distributor.store import blobs, lists, mailouts, releases, topics
from distributor.store.database import Connection
from distributor.store.deliveries import Delivery


@dataclass(frozen=True)
class Composer:
    """Composes the deliveries of one mailout. `templates` by language; `titles` of lists by name."""

    mailout_id: int
    due: datetime
    templates: Mapping[str, MergeTemplate]
    titles: Mapping[str, str]
    tree: TopicTree
    publisher: Publisher
    tokens: Tokens
    envelope: Envelope

    def message(self, delivery: Delivery) -> Message:
        """The message for this delivery, ready for the wire."""
        message_id = self.tokens.message_id(
            mailout_id=self.mailout_id, address_key=delivery.address_key, domain=self.publisher.domain
        )
        fields = Fields(
            name=delivery.name,
            address=delivery.address,
            message_id=message_id,
            date=self.due,
            token=self.tokens.unsubscribe(delivery.id),
            reason=self._reason(delivery),
        )
        return Message(
            sender=self.tokens.envelope_sender(
                delivery_id=delivery.id,
                address=self.publisher.address,
                domain=self.publisher.bounce_domain or self.publisher.domain,
                mode=self.envelope,
            ),
            recipient=delivery.address,
            content=self.templates[delivery.language].build(fields),
            message_id=message_id,
        )

    def _reason(self, delivery: Delivery) -> str:
        labels = {id: topic.label(delivery.language) for id, topic in self.tree.topics.items()}
        return sentence(delivery.reasons, language=delivery.language, lists=self.titles, topics=labels)


def composer(
    connection: Connection, *, mailout_id: int, publisher: Publisher, tokens: Tokens, envelope: Envelope
) -> Composer:
    """The composer of a mailout, with exactly the merge templates that were approved."""
    mailout = mailouts.get(connection, id=mailout_id)
    form = "advance" if mailout.kind == "advance" else "release"
    hashes = releases.renderings(connection, revision_id=mailout.revision_id, form=form)
    return Composer(
        mailout_id=mailout.id,
        due=mailout.due,
        templates={
            language: merge.load(blobs.fetch(connection, sha256=sha256))
            for language, sha256 in hashes.items()
        },
        titles=lists.titles(connection, publisher_id=publisher.id),
        tree=topics.tree(connection),
        publisher=publisher,
        tokens=tokens,
        envelope=envelope,
    )
