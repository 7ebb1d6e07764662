"""From documents and wishes to the proposal of a revision: everything checked, nothing stored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from distributor.errors import DocumentError, HeaderError
from distributor.model.address import Address
from distributor.model.draft import Draft, Version
from distributor.model.headertext import trouble, visible
from distributor.model.publisher import Publisher
from distributor.model.release import Revision, Sending
from distributor.model.rules import Rules
from distributor.pipeline.times import Asked, Timed, timed
from distributor.policy.languages import code
from distributor.policy.topics import resolve
from distributor.store import lists, topics
from distributor.store.database import Connection

TYPES = ("release", "statement", "advisory", "speech", "q&a")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line (or a form) says over what the documents say; None leaves it to them."""

    reference: str | None = None
    type: str | None = None
    topics: tuple[str, ...] | None = None
    lists: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    language: str | None = None
    embargo: str | None = None
    advance: tuple[str, ...] | None = None
    send_at: str | None = None


@dataclass(frozen=True)
class Proposal:
    """A revision to be. `reference` is None when the documents and wishes name none.

    `sha256` is of the documents alone: the same documents with other wishes are the same release.
    `embargo_traces`: see `pipeline.times`.
    """

    reference: str | None
    type: str
    sending: Sending
    versions: tuple[Version, ...]
    warnings: tuple[str, ...]
    sha256: str
    embargo_traces: tuple[str, ...] = ()

    def draft(self, *, number: int, at: datetime, by: str) -> Revision:
        """The draft that it would be; it is stored nowhere."""
        return Revision(
            id=0,
            number=number,
            state="draft",
            type=self.type,
            sending=self.sending,
            versions=self.versions,
            sha256=self.sha256,
            created_at=at,
            created_by=by,
            warnings=self.warnings,
            embargo_traces=self.embargo_traces,
        )


def propose(
    connection: Connection,
    drafts: Sequence[Draft],
    wishes: Wishes,
    *,
    now: datetime,
    rules: Rules,
    publisher: Publisher,
) -> Proposal:
    """Read everything that the documents and the wishes say. Raises DistributorError."""
    versions = _versions(drafts, wishes, publisher=publisher)
    found = _timed(connection, drafts, wishes, now=now, rules=rules, publisher=publisher)
    reference = wishes.reference or _agreed(drafts, "reference")
    if reference is not None:
        _check_reference(reference, where=drafts[0].source)
    digest = sha256(" ".join(draft.sha256 for draft in drafts).encode()).hexdigest()
    return Proposal(
        reference=reference,
        type=_type(wishes.type or _agreed(drafts, "type"), where=drafts[0].source),
        sending=found.sending,
        versions=versions,
        warnings=(*(w for draft in drafts for w in draft.warnings), *found.remarks, *_lacks(found.sending)),
        sha256=digest,
        embargo_traces=found.embargo_traces,
    )


def _versions(drafts: Sequence[Draft], wishes: Wishes, *, publisher: Publisher) -> tuple[Version, ...]:
    found: dict[str, Version] = {}
    if wishes.language and len(drafts) > 1:
        raise DocumentError(
            f"--language {wishes.language} for {len(drafts)} documents",
            where=drafts[0].source,
            cure="Name each one's language in its front matter or in its file name (NAME.fr.md).",
        )
    for draft in drafts:
        language = _language(
            wishes.language or draft.version.language or publisher.language, where=draft.source
        )
        if language in found:
            raise DocumentError(
                f"a second version in “{language}”",
                where=draft.source,
                cure="Name the language in the front matter or in the file name (NAME.fr.md).",
            )
        _plain(draft.version.headline, name="headline", where=draft.source)
        found[language] = replace(draft.version, language=language)
    return tuple(found.values())


def _language(named: str, *, where: str) -> str:
    language = code(named)
    if language is None:
        raise DocumentError(
            f"“{named[:40]}” is no language", where=where, cure="Use a code of ISO 639-1, such as en or fr."
        )
    return language


def _timed(
    connection: Connection,
    drafts: Sequence[Draft],
    wishes: Wishes,
    *,
    now: datetime,
    rules: Rules,
    publisher: Publisher,
) -> Timed:
    where = drafts[0].source
    tree = topics.tree(connection)
    named = wishes.topics if wishes.topics is not None else _joined(drafts, "topics")
    wanted = wishes.lists if wishes.lists is not None else _joined(drafts, "lists")
    without = wishes.exclude if wishes.exclude is not None else _joined(drafts, "exclude")
    _ours(_agreed(drafts, "publisher"), publisher=publisher, where=where)
    sending = Sending(
        topics=tuple(dict.fromkeys(resolve(topic, tree=tree, where=where) for topic in named)),
        lists=lists.require(connection, publisher_id=publisher.id, names=wanted, where=where),
        exclude=lists.require(connection, publisher_id=publisher.id, names=without, where=where),
        also=tuple(Address.parse(text, where=where).text for text in _joined(drafts, "also")),
    )
    _not_both(sending, where=where)
    asked = Asked(wishes.embargo, wishes.advance, wishes.send_at)
    return timed(sending, drafts, asked, now=now, rules=rules)


def _ours(named: str | None, *, publisher: Publisher, where: str) -> None:
    if named and named.casefold() not in (publisher.id.casefold(), publisher.name.casefold()):
        raise DocumentError(
            f"it is from the publisher “{named[:60]}”, and this installation serves “{publisher.id}”",
            where=where,
            cure=f"Write “publisher: {publisher.id}”, or leave it out.",
        )


def _not_both(sending: Sending, *, where: str) -> None:
    both = [name for name in sending.lists if name in sending.exclude]
    if both:
        raise DocumentError(
            f"the list “{both[0]}” is both named and excluded", where=where, cure="Keep it in one of the two."
        )


def _joined(drafts: Sequence[Draft], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for draft in drafts for value in getattr(draft, name)))


def _agreed(drafts: Sequence[Draft], name: str) -> Any:
    said = {getattr(draft, name): draft.source for draft in drafts if getattr(draft, name)}
    if len(said) > 1:
        (first, one), (second, other), *_ = said.items()
        raise DocumentError(
            f"{name} “{second}” differs from “{first}” in {one}",
            where=other,
            cure="The versions of one release must agree; mend one of them.",
        )
    return next(iter(said), None)


def _type(named: str | None, *, where: str) -> str:
    type = (named or "release").lower()
    if type not in TYPES:
        raise DocumentError(f"unknown type “{type}”", where=where, cure=f"Use one of {', '.join(TYPES)}.")
    return type


def _plain(value: str, *, name: str, where: str) -> None:
    """Raises HeaderError when `value` may not reach a mail's headers."""
    wrong = trouble(value)
    if wrong:
        raise HeaderError(
            f"the {name} “{visible(value)}” holds {wrong}",
            where=where,
            cure="Write it as plain text on one line.",
        )


def _check_reference(reference: str, *, where: str) -> None:
    _plain(reference, name="reference", where=where)
    if len(reference) > 64 or any(c.isspace() or c in "/\\<>@\"'" for c in reference):
        raise DocumentError(
            f"“{reference[:80]}” cannot be a reference",
            where=where,
            cure="Use up to 64 letters, digits, hyphens or dots, such as 2026-0042.",
        )


def _lacks(sending: Sending) -> list[str]:
    if sending.topics or sending.lists or sending.also:
        return []
    return ["neither topics nor lists: name them before approval (--topics, --lists)"]
