"""What the list files would change in the database.

Files propose, silence wins: a contact who is not active, or whose address is suppressed, is left as she
is. A membership whose row is refused stays. "Gone" ends a membership, never a standing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from distributor.model.address import Address
from distributor.model.candidate import ListFacts
from distributor.model.contact import ListFile, Standing
from distributor.model.listdiff import Counts, ListDiff, Member, Person, Present
from distributor.model.topic import TopicTree
from distributor.policy import listaccess
from distributor.policy.listmerge import PersonRows, by_name, rows_by_person
from distributor.policy.nearness import mentioned


def compare(files: Sequence[ListFile], *, topics: TopicTree | None, present: Present) -> ListDiff:
    """The diff; `topics` None leaves those of the database."""
    files = sorted(files, key=lambda file: by_name(file.name))
    proposed = rows_by_person(files)
    silent = {key for key in proposed if _is_silent(key, present)}
    speaking = {key: hers for key, hers in proposed.items() if key not in silent}
    kept = _kept(files, present)
    members = _members(files, silent=silent, kept=kept, present=present)
    changed = _changed(speaking, kept=kept, present=present)
    granted, withdrawn = listaccess.compare(proposed, silent=silent, kept=kept, present=present)
    touched = {key for key, _ in (*changed, *granted)} | set(withdrawn)
    return ListDiff(
        counts=_counts(proposed, silent=silent, members=members, touched=touched),
        before=sum(len(found) for found in present.members.values()),
        topics=topics if topics is not None and topics != present.topics else None,
        lists_saved=_lists_saved(files, present),
        lists_gone=tuple(name for name in present.lists if name not in {file.name for file in files}),
        new_contacts=_new(speaking, present=present),
        changed_contacts=changed,
        members_added=members.added,
        members_changed=members.changed,
        members_gone=members.gone,
        granted=granted,
        withdrawn=withdrawn,
        refused=tuple(bad for file in files for bad in file.refused),
        differences=tuple(line for hers in proposed.values() for line in hers.differences()),
    )


def _is_silent(key: str, present: Present) -> bool:
    contact = present.contacts.get(key)
    return key in present.suppressed or (contact is not None and contact.standing is not Standing.ACTIVE)


def _kept(files: Sequence[ListFile], present: Present) -> dict[str, list[str]]:
    """By address key the lists where a refused row speaks of a member who has no good one."""
    kept: dict[str, list[str]] = {}
    for file in files:
        if file.refused:
            good = {row.address.key for row in file.rows}
            missing = [key for key in present.members.get(file.name, {}) if key not in good]
            for key in mentioned(missing, (bad.raw for bad in file.refused), others=good):
                kept.setdefault(key, []).append(file.name)
    return kept


def _new(speaking: Mapping[str, PersonRows], *, present: Present) -> tuple[tuple[Address, Person], ...]:
    return tuple(
        (hers.address, hers.person()) for key, hers in speaking.items() if key not in present.contacts
    )


def _changed(
    speaking: Mapping[str, PersonRows], *, kept: Collection[str], present: Present
) -> tuple[tuple[str, Person], ...]:
    """Those of whom files say something else now; with a row of hers refused we do not know all they say."""
    told = [key for key in speaking if key in present.contacts and key not in kept]
    said = {key: speaking[key].person() for key in told}
    return tuple((key, person) for key, person in said.items() if person != present.contacts[key].person)


@dataclass(frozen=True, slots=True)
class _Members:
    added: tuple[Member, ...]
    changed: tuple[Member, ...]
    gone: tuple[Member, ...]


def _members(
    files: Sequence[ListFile],
    *,
    silent: Collection[str],
    kept: Mapping[str, Collection[str]],
    present: Present,
) -> _Members:
    named = {(file.name, row.address.key) for file in files for row in file.rows}
    proposed = [
        Member(file.name, row.address.key, row.topics)
        for file in files
        for row in file.rows
        if row.address.key not in silent
    ]
    now = {(member.list, member.key): member for member in _present_members(present)}
    return _Members(
        added=tuple(m for m in proposed if (m.list, m.key) not in now),
        changed=tuple(m for m in proposed if now.get((m.list, m.key), m) != m),
        gone=tuple(m for place, m in now.items() if place not in named and m.list not in kept.get(m.key, ())),
    )


def _present_members(present: Present) -> Iterator[Member]:
    for name, members in present.members.items():
        for key, topics in members.items():
            yield Member(name, key, topics)


def _counts(
    proposed: Mapping[str, PersonRows],
    *,
    silent: Collection[str],
    members: _Members,
    touched: Collection[str],
) -> Counts:
    """Rows. A person who changed counts at the first of her rows that is not new."""
    new = {(member.list, member.key) for member in members.added}
    changed = {(member.list, member.key) for member in members.changed}
    for key in touched:
        rows = proposed[key].rows if key in proposed else ()
        places = [(file.name, key) for file, _ in rows if (file.name, key) not in new]
        changed.update(places[:1])
    total = sum(len(hers.rows) for hers in proposed.values())
    kept_silent = sum(len(proposed[key].rows) for key in silent)
    return Counts(
        added=len(new),
        changed=len(changed),
        gone=len(members.gone),
        unchanged=total - kept_silent - len(new) - len(changed),
        kept_silent=kept_silent,
    )


def _lists_saved(files: Sequence[ListFile], present: Present) -> tuple[ListFacts, ...]:
    wanted = (
        ListFacts(file.name, file.title, file.topics, file.language, file.embargo_access) for file in files
    )
    return tuple(facts for facts in wanted if present.lists.get(facts.name) != facts)
