"""What would be sent if it were approved now: every form and language rendered, and the hash of it all.

Approval binds this hash; whoever looked at a preview can approve exactly that.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from distributor.mail.render import Rendered, Renderer
from distributor.model.draft import Version
from distributor.model.letter import Letter
from distributor.model.publisher import Publisher
from distributor.model.release import Release, Revision
from distributor.model.topic import TopicTree


@dataclass(frozen=True)
class Proof:
    """`rendered` by (form, language). `hash` is hex."""

    rendered: dict[tuple[str, str], Rendered]
    hash: str

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(
            f"{form} {language}: {warning}"
            for (form, language), rendered in sorted(self.rendered.items())
            for warning in rendered.warnings
        )


def pull(
    release: Release,
    revision: Revision,
    *,
    renderer: Renderer,
    publisher: Publisher,
    tree: TopicTree,
    zones: Sequence[str],
) -> Proof:
    """Render the revision in every form it needs. Raises TemplateError, HeaderError."""
    forms = ("advance", "release") if revision.sending.waves else ("release",)
    rendered = {
        (form, version.language): renderer.render(
            letter(release, revision, version, form=form, publisher=publisher, tree=tree, zones=zones)
        )
        for form in forms
        for version in revision.versions
    }
    return Proof(rendered, _hash(release, revision, rendered))


def letter(
    release: Release,
    revision: Revision,
    version: Version,
    *,
    form: str,
    publisher: Publisher,
    tree: TopicTree,
    zones: Sequence[str],
    test: bool = False,
) -> Letter:
    """The letter of one version in one form."""
    known = [tree.topics[id] for id in revision.sending.topics if id in tree]
    return Letter(
        form="advance" if form == "advance" else "release",
        publisher=publisher,
        reference=release.reference,
        type=revision.type,
        topics=tuple((topic.id, topic.label(version.language)) for topic in known),
        version=version,
        embargo=revision.sending.embargo,
        zones=tuple(zones),
        test=test,
    )


def _hash(release: Release, revision: Revision, rendered: dict[tuple[str, str], Rendered]) -> str:
    sending = revision.sending
    facts = {
        "reference": release.reference,
        "revision": revision.number,
        "topics": sending.topics,
        "lists": sending.lists,
        "exclude": sending.exclude,
        "also": sending.also,
        "embargo": [_text(sending.embargo.instant), sending.embargo.until_lifted],
        "send_at": _text(sending.send_at),
        "advance": [[w.tier, _text(w.at), str(w.before)] for w in sending.waves],
        "templates": [
            [form, language, sha256(r.template).hexdigest()]
            for (form, language), r in sorted(rendered.items())
        ],
    }
    return sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
