"""What would be sent if it were approved now: every form and language rendered, and the hash of it all.

Approval binds this hash; whoever looked at a preview can approve exactly that.
"""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from distributor.mail.render import Rendered, Renderer
from distributor.model.draft import Version
from distributor.model.letter import Form, Letter
from distributor.model.notice import CORRECTION, Notice
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
    rendered = _rendered(
        release, revision, forms, renderer=renderer, publisher=publisher, tree=tree, zones=zones
    )
    templates = {key: sha256(one.template).hexdigest() for key, one in rendered.items()}
    return Proof(rendered, bound(release, revision, templates))


def advances(
    release: Release,
    revision: Revision,
    *,
    renderer: Renderer,
    publisher: Publisher,
    tree: TopicTree,
    zones: Sequence[str],
) -> dict[tuple[str, str], bytes]:
    """The merge templates of the advance copies alone, by (form, language). Raises as `pull`."""
    rendered = _rendered(
        release, revision, ("advance",), renderer=renderer, publisher=publisher, tree=tree, zones=zones
    )
    return {key: one.template for key, one in rendered.items()}


def _rendered(
    release: Release,
    revision: Revision,
    forms: Sequence[str],
    *,
    renderer: Renderer,
    publisher: Publisher,
    tree: TopicTree,
    zones: Sequence[str],
) -> dict[tuple[str, str], Rendered]:
    return {
        (form, version.language): renderer.render(
            letter(release, revision, version, form=form, publisher=publisher, tree=tree, zones=zones)
        )
        for form in forms
        for version in revision.versions
    }


def notices(
    release: Release,
    revision: Revision,
    notice: Notice,
    *,
    languages: Set[str],
    renderer: Renderer,
    publisher: Publisher,
    tree: TopicTree,
    zones: Sequence[str],
) -> dict[str, bytes]:
    """The merge templates of a notice by language: `languages`, the original for one that there is not.

    The embargo is that of `revision`: leave none in it that is over.
    """
    versions = [v for v in revision.versions if v.language in languages] or list(revision.versions[:1])
    if not languages <= {v.language for v in versions} and revision.versions[0] not in versions:
        versions = [revision.versions[0], *versions]
    return {
        version.language: renderer.render(
            replace(
                letter(
                    release, revision, version, form="release", publisher=publisher, tree=tree, zones=zones
                ),
                form=_form(notice, revision),
                notice=notice,
            )
        ).template
        for version in versions
    }


def _form(notice: Notice, revision: Revision) -> Form:
    """A correction is the whole text, embargoed or not; the others only say what they say."""
    if notice.kind != CORRECTION:
        return "notice"
    return "advance" if revision.sending.embargo else "release"


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


def bound(release: Release, revision: Revision, templates: Mapping[tuple[str, str], str]) -> str:
    """The hash of what is sent: how, and {(form, language): sha256 of the merge template}."""
    sending = revision.sending
    facts = {
        "reference": release.reference,
        "revision": revision.number,
        "topics": sending.topics,
        "lists": sending.lists,
        "exclude": sending.exclude,
        "also": sending.also,
        **({"people": sorted(sending.people)} if sending.people else {}),
        "embargo": [_text(sending.embargo.instant), sending.embargo.until_lifted],
        "send_at": _text(sending.send_at),
        "advance": [[w.tier, _text(w.at), str(w.before)] for w in sending.waves],
        "templates": [[form, language, hash] for (form, language), hash in sorted(templates.items())],
    }
    return sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
