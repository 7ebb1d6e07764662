"""From documents and wishes to the proposal of a revision: everything checked, nothing stored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from distributor.errors import DocumentError, HeaderError
from distributor.model.address import Address
from distributor.model.draft import Draft, Version
from distributor.model.headertext import trouble_of_name, visible
from distributor.model.publisher import Publisher
from distributor.model.release import Release, Revision, Sending
from distributor.model.rules import Rules
from distributor.pipeline.times import Asked, Timed, timed
from distributor.policy import languages
from distributor.policy.lasting import lasting
from distributor.policy.revisions import told
from distributor.policy.topics import resolve
from distributor.store import lists, references, releases, topics
from distributor.store.database import Connection

TYPES = ("release", "statement", "advisory", "speech", "q&a")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line (or a form) says over what the documents say; None leaves it to them.

    `keep`: what nobody says stays as the revision before was told.
    """

    reference: str | None = None
    type: str | None = None
    topics: tuple[str, ...] | None = None
    lists: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    language: str | None = None
    embargo: str | None = None
    advance: tuple[str, ...] | None = None
    send_at: str | None = None
    keep: bool = False


@dataclass(frozen=True)
class Proposal:
    """A revision to be, of a release that is `known` already or of a new one.

    `reference` is None when the documents and wishes name none.

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
    known: Release | None = None

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
    reference = wishes.reference or _agreed(drafts, "reference")
    if reference is not None:
        _check_reference(reference, where=drafts[0].source)
    digest = sha256(" ".join(draft.sha256 for draft in drafts).encode()).hexdigest()
    known = _known(connection, reference, sha256=digest, publisher=publisher)
    before = known if wishes.keep else None
    versions = _versions(drafts, wishes, publisher=publisher)
    earlier = lasting(before, now=now) if before else Sending()
    found = _timed(connection, drafts, wishes, earlier, now=now, rules=rules, publisher=publisher)
    type = wishes.type or _agreed(drafts, "type") or (before.latest.type if before else None)
    sending = replace(found.sending, people=known.latest.sending.people if known else ())
    kept = _kept(found.sending, drafts, wishes, before, zone=rules.timezone)
    said = (warning for draft in drafts for warning in draft.warnings)
    return Proposal(
        reference=reference,
        type=_type(type, where=drafts[0].source),
        sending=sending,  # documents say nothing of whom an officer added or left out
        versions=versions,
        warnings=(*said, *found.remarks, *kept, *_lacks(found.sending)),
        sha256=digest,
        embargo_traces=found.embargo_traces,
        known=known,
    )


def _known(
    connection: Connection, reference: str | None, *, sha256: str, publisher: Publisher
) -> Release | None:
    """The release that has this reference, or was made of the same documents."""
    name = reference or references.of_documents(connection, publisher_id=publisher.id, sha256=sha256)
    return releases.find(connection, publisher_id=publisher.id, reference=name) if name else None


def _kept(
    sending: Sending, drafts: Sequence[Draft], wishes: Wishes, before: Release | None, *, zone: str
) -> Sequence[str]:
    """A remark on what is as the revision before was told, since nobody says anything of it."""
    if before is None:
        return ()
    asked = {"waves": "advance"}
    kept = {
        name: getattr(sending, name)
        for name in ("topics", "lists", "exclude", "embargo", "send_at", "waves")
        if getattr(wishes, asked.get(name, name)) is None
        and not any(getattr(draft, asked.get(name, name), None) for draft in drafts)
    }
    lines = [*told(Sending(**kept), zone=zone)]
    return [f"kept from revision {before.latest.number}: {'; '.join(lines)}"] if lines else ()


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
    language = languages.code(named)
    if language is None:
        raise DocumentError(f"“{named[:40]}” is no language", where=where, cure=languages.suggestion(named))
    return language


def _timed(
    connection: Connection,
    drafts: Sequence[Draft],
    wishes: Wishes,
    earlier: Sending,
    *,
    now: datetime,
    rules: Rules,
    publisher: Publisher,
) -> Timed:
    where = drafts[0].source
    tree = topics.tree(connection)
    named = _named(drafts, wishes, earlier, "topics")
    wanted, without = (_named(drafts, wishes, earlier, name) for name in ("lists", "exclude"))
    _ours(_agreed(drafts, "publisher"), publisher=publisher, where=where)
    sending = replace(
        earlier,
        topics=tuple(dict.fromkeys(resolve(topic, tree=tree, where=where) for topic in named)),
        lists=lists.require(connection, publisher_id=publisher.id, names=wanted, where=where),
        exclude=lists.require(connection, publisher_id=publisher.id, names=without, where=where),
        also=tuple(Address.parse(text, where=where).text for text in _joined(drafts, "also")),
    )
    _not_both(sending, where=where)
    asked = Asked(wishes.embargo, wishes.advance, wishes.send_at)
    return timed(sending, drafts, asked, now=now, rules=rules)


def _named(drafts: Sequence[Draft], wishes: Wishes, earlier: Sending, name: str) -> tuple[str, ...]:
    """What is wished, else what the documents say, else what was said earlier and not taken back since."""
    wished: tuple[str, ...] | None = getattr(wishes, name)
    if wished is not None or (wished := _joined(drafts, name)):
        return wished
    other = {"lists": wishes.exclude, "exclude": wishes.lists}.get(name) or ()
    return tuple(one for one in getattr(earlier, name) if one not in other)


def _ours(named: str | None, *, publisher: Publisher, where: str) -> None:
    if named and named.casefold() not in (publisher.id.casefold(), publisher.name.casefold()):
        raise DocumentError(
            f"it is from the publisher “{named[:60]}”, and this would be one of “{publisher.id}”",
            where=where,
            cure=f"Write “publisher: {publisher.id}”, leave it out, or work for that publisher.",
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
    """Raises HeaderError when `value` may not reach a mail's headers, or reorders the letters around it."""
    wrong = trouble_of_name(value)
    if wrong:
        raise HeaderError(
            f"the {name} “{visible(value)}” holds {wrong}",
            where=where,
            cure="Write it as plain text on one line.",
        )


def _check_reference(reference: str, *, where: str) -> None:
    _plain(reference, name="reference", where=where)
    bad = len(reference) > 64 or any(c.isspace() or c in "/\\<>@\"'" for c in reference)
    if bad or not reference[:1].isalnum():  # “..” would be another page, “-x” an option
        raise DocumentError(
            f"“{reference[:80]}” cannot be a reference",
            where=where,
            cure="Use up to 64 letters, digits, hyphens or dots, a letter or digit first, such as 2026-0042.",
        )


def _lacks(sending: Sending) -> list[str]:
    if sending.topics or sending.lists or sending.also:
        return []
    return ["neither topics nor lists: name them before approval (--topics, --lists)"]
