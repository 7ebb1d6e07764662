"""Verb: look at the mails of a release. After approval these are the approved bytes, before it the proof.

Each is built through its merge template with a sample recipient, as it goes over the wire. Sends nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from distributor.mail import merge, samples
from distributor.mail.render import Renderer
from distributor.model.publisher import Publisher
from distributor.model.release import Release, Revision
from distributor.model.rules import Rules
from distributor.model.topic import TopicTree
from distributor.office import proof
from distributor.store import blobs, releases, topics
from distributor.store.database import Connection, Store


@dataclass(frozen=True)
class Preview:
    """`messages` by (form, language). `hash` is what `approve --seen` asks for, or what was approved."""

    reference: str
    revision: int
    approved: bool
    hash: str
    messages: dict[tuple[str, str], bytes]
    warnings: tuple[str, ...]


def preview(
    store: Store, *, now: datetime, reference: str, rules: Rules, publisher: Publisher, renderer: Renderer
) -> Preview:
    """The revision that waits, else the one in force. Raises NotFound, TemplateError, HeaderError."""
    with store.read() as connection:
        release = releases.get(connection, publisher_id=publisher.id, reference=reference)
        revision = release.waiting or release.in_force or release.latest
        tree = topics.tree(connection)
        known = _approved(connection, revision) if revision.approved else None
    pulled = None
    if known is None:
        pulled = proof.pull(
            release, revision, renderer=renderer, publisher=publisher, tree=tree, zones=rules.show_zones
        )
        known = {key: rendered.template for key, rendered in pulled.rendered.items()}
    samples_for = _Samples(release, revision, publisher, tree, rules, now)
    return Preview(
        reference=release.reference,
        revision=revision.number,
        approved=pulled is None,
        hash=pulled.hash if pulled else revision.approved.hash if revision.approved else "",
        messages={key: samples_for.build(template, *key) for key, template in known.items()},
        warnings=pulled.warnings if pulled else (),
    )


def _approved(connection: Connection, revision: Revision) -> dict[tuple[str, str], bytes]:
    return {
        (form, language): blobs.fetch(connection, sha256=sha256)
        for form in ("advance", "release")
        for language, sha256 in releases.renderings(connection, revision_id=revision.id, form=form).items()
    }


@dataclass(frozen=True, slots=True)
class _Samples:
    release: Release
    revision: Revision
    publisher: Publisher
    tree: TopicTree
    rules: Rules
    now: datetime

    def build(self, template: bytes, form: str, language: str) -> bytes:
        """One copy, as a sample recipient gets it."""
        version = next(v for v in self.revision.versions if v.language == language)
        letter = proof.letter(
            self.release,
            self.revision,
            version,
            form=form,
            publisher=self.publisher,
            tree=self.tree,
            zones=self.rules.show_zones,
        )
        sending = self.revision.sending
        due = sending.embargo.instant or sending.send_at or self.now
        return merge.load(template).build(samples.fields(letter)._replace(date=due))
