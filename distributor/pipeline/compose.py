"""From a delivery to the bytes that go out: merge template as approved, fields of the recipient.

The same delivery gives the same bytes, whenever and wherever it is composed (law 6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from distributor.mail import merge
from distributor.mail.dkim import UNSIGNED, Signer
from distributor.mail.merge import MergeTemplate
from distributor.mail.tokens import Tokens
from distributor.model.letter import Fields
from distributor.model.message import Envelope, Message
from distributor.model.publisher import Publisher
from distributor.store import blobs, revisions
from distributor.store.database import Connection
from distributor.store.deliveries import Delivery
from distributor.store.mailouts import Mailout


@dataclass(frozen=True, slots=True)
class House:
    """In whose name mail goes out, and who signs it."""

    publisher: Publisher
    signer: Signer = UNSIGNED


@dataclass(frozen=True)
class Composer:
    """Composes the deliveries of one mailout. `templates` by language."""

    mailout_id: int
    due: datetime
    templates: Mapping[str, MergeTemplate]
    address: str
    domain: str
    bounces: str  # the domain that they come back to
    tokens: Tokens
    envelope: Envelope
    signer: Signer

    def message(self, delivery: Delivery) -> Message:
        """The message for this delivery, ready for the wire."""
        message_id = self._message_id(self.mailout_id, delivery)
        sender = self.tokens.envelope_sender(
            delivery_id=delivery.id, address=self.address, domain=self.bounces, mode=self.envelope
        )
        # by which she had the text that this one tells of
        references = "" if delivery.answers_id is None else self._message_id(delivery.answers_id, delivery)
        token = self.tokens.unsubscribe(delivery.id)
        address = delivery.address
        fields = Fields(delivery.name, address, message_id, self.due, token, delivery.reason, references)
        pieces = self.templates[delivery.language].pieces(fields)
        return Message(sender, address, self.signer.signed(pieces), message_id)

    def _message_id(self, mailout_id: int, delivery: Delivery) -> str:
        return self.tokens.message_id(
            mailout_id=mailout_id, address_key=delivery.address_key, domain=self.domain
        )


def composer(
    connection: Connection,
    *,
    mailout: Mailout,
    publisher: Publisher,
    tokens: Tokens,
    envelope: Envelope,
    signer: Signer = UNSIGNED,
    known: dict[str, MergeTemplate],
) -> Composer:
    """The composer of a mailout, with exactly the merge templates that were approved, or a notice's own.

    Of a template in `known`, by hash, only the hash is read; what is read is added to it.
    """
    form = "advance" if mailout.kind == "advance" else "release"
    hashes = mailout.renderings or revisions.renderings(
        connection, revision_id=mailout.revision_id, form=form
    )
    for sha256 in set(hashes.values()) - known.keys():
        known[sha256] = merge.load(blobs.fetch(connection, sha256=sha256))
    return Composer(
        mailout_id=mailout.id,
        due=mailout.due,
        templates={language: known[sha256] for language, sha256 in hashes.items()},
        address=publisher.address,
        domain=publisher.domain,
        bounces=publisher.bounce_domain or publisher.domain,
        tokens=tokens,
        envelope=envelope,
        signer=signer,
    )
