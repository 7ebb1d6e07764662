"""Verb: look at the mails of a release. After approval these are the approved bytes, before it the proof.

Each is built through its merge template with a sample recipient, as it goes over the wire; or the one that a
reader will get, with her name and her reason, by the audience of today. No link in it opens anything. Sends
nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from distributor.errors import Refused
from distributor.mail import merge, reasons, samples
from distributor.mail.render import Renderer
from distributor.model.address import Address
from distributor.model.audience import Excluded, Recipient
from distributor.model.letter import Fields
from distributor.model.publisher import Publisher
from distributor.model.release import Release, Revision
from distributor.model.rules import Rules
from distributor.model.topic import TopicTree
from distributor.office import proof
from distributor.policy import recipients
from distributor.policy.plan import ADVANCE, RELEASE
from distributor.store import blobs, lists, releases, revisions, topics
from distributor.store.database import Connection, Store
from distributor.store.views.revision import verdict_of


@dataclass(frozen=True)
class Preview:
    """`messages` by (form, language). `hash` is what `approve --seen` asks for, or what was approved."""

    reference: str
    revision: int
    approved: bool
    hash: str
    messages: dict[tuple[str, str], bytes]
    warnings: tuple[str, ...]
    reader: "Reader | None" = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Which mail she gets, and the sentence of its footer that says why."""

    person: Recipient
    form: str
    reason: str

    @property
    def key(self) -> tuple[str, str]:
        """Of `Preview.messages`."""
        return self.form, self.person.language


def preview(
    store: Store,
    *,
    now: datetime,
    reference: str,
    rules: Rules,
    publisher: Publisher,
    renderer: Renderer,
    to: Address | None = None,
) -> Preview:
    """The revision that waits, else the one in force. `to`: only the mail that this reader gets.

    Raises NotFound, TemplateError, HeaderError; Refused for a reader who gets none.
    """
    with store.read() as connection:
        release = releases.get(connection, publisher_id=publisher.id, reference=reference)
        revision = release.waiting or release.in_force or release.latest
        tree = topics.tree(connection)
        known = _approved(connection, revision) if revision.approved else None
        reader = None
        if to is not None:
            reader = _reader(connection, revision, to, publisher=publisher, rules=rules, now=now)
    pulled = None
    if known is None:
        pulled = proof.pull(
            release, revision, renderer=renderer, publisher=publisher, tree=tree, zones=rules.show_zones
        )
        known = {key: rendered.template for key, rendered in pulled.rendered.items()}
    samples_for = _Samples(release, revision, publisher, tree, rules, now, reader)
    return Preview(
        reference=release.reference,
        revision=revision.number,
        approved=pulled is None,
        hash=pulled.hash if pulled else revision.approved.hash if revision.approved else "",
        messages={
            key: samples_for.build(template, *key)
            for key, template in known.items()
            if reader is None or key == reader.key
        },
        warnings=pulled.warnings if pulled else (),
        reader=reader,
    )


def _reader(
    connection: Connection,
    revision: Revision,
    address: Address,
    *,
    publisher: Publisher,
    rules: Rules,
    now: datetime,
) -> Reader:
    verdict = verdict_of(connection, publisher=publisher, revision=revision, address=address, now=now)
    if isinstance(verdict, Excluded):
        raise Refused(f"does not get it: {verdict.reason}", where=address.text)
    if rules.allow_recipients and not recipients.matches(verdict.address_key, rules.allow_recipients):
        raise Refused("does not get it: not in [sending] allow_recipients", where=address.text)
    waves = [wave.tier for wave in revision.sending.waves]
    told = reasons.wording(
        lists=lists.titles(connection, publisher_id=publisher.id), tree=topics.tree(connection)
    )
    return Reader(verdict, ADVANCE if verdict.tier in waves else RELEASE, told(verdict))


def check_approved(connection: Connection, revision: Revision) -> None:
    """Raises TemplateError where another version of distributor approved it, which wrote it otherwise."""
    for template in _approved(connection, revision).values():
        merge.load(template)


def _approved(connection: Connection, revision: Revision) -> dict[tuple[str, str], bytes]:
    return {
        (form, language): blobs.fetch(connection, sha256=sha256)
        for form in ("advance", "release")
        for language, sha256 in revisions.renderings(connection, revision_id=revision.id, form=form).items()
    }


@dataclass(frozen=True, slots=True)
class _Samples:
    release: Release
    revision: Revision
    publisher: Publisher
    tree: TopicTree
    rules: Rules
    now: datetime
    reader: Reader | None

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
        return merge.load(template).build(self._fields(samples.fields(letter)))

    def _fields(self, sample: Fields) -> Fields:
        sending = self.revision.sending
        due = sending.embargo.instant or sending.send_at or self.now
        if self.reader is None:
            return sample._replace(date=due)
        person = self.reader.person
        waves = [wave.instant(sending.embargo) for wave in sending.waves if wave.tier == person.tier]
        return sample._replace(
            date=next(filter(None, waves), due),
            name=person.name,
            address=person.address,
            reason=self.reader.reason,
        )
