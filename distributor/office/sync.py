"""Verb: sync. Brings list files into the database: `compare` shows what would change, `sync` does it.

Everything changes in one transaction, or nothing. A sync never mails anybody, and changes no standing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from distributor.errors import Refused
from distributor.model.contact import ListFile
from distributor.model.listdiff import ListDiff
from distributor.model.topic import TopicTree
from distributor.policy import listdiff
from distributor.store import contacts, lists, log, publishers, topics
from distributor.store.database import Connection, Store
from distributor.store.views.lists import present

_CHUNK = 2000
Row = TypeVar("Row")
Done = Callable[[int], None]


def compare(
    store: Store, *, publisher_id: str, files: Sequence[ListFile], tree: TopicTree | None
) -> ListDiff:
    """What a sync would change now; `tree` None leaves the topics as they are."""
    with store.read() as connection:
        return _compare(connection, publisher_id=publisher_id, files=files, tree=tree)


def sync(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    files: Sequence[ListFile],
    tree: TopicTree | None,
    shown: ListDiff,
    allow_gone: int = 0,
    done: Done = lambda _: None,
    why: str = "",
    within: Callable[[], object] = lambda: None,
) -> ListDiff:
    """Apply the files; returns what changed. An empty diff writes nothing.

    `shown` is the diff that was agreed to. When more than a fifth of the memberships would go, as many have
    to be allowed. `done` hears of every row written (see `size`). `why` goes into the log; `within` is done
    in the transaction. Raises Refused; then nothing is changed.
    """
    _refuse_many_gone(shown, allowed=allow_gone)
    if shown.empty:
        return shown
    with store.write() as connection:
        if shown.stamp != _stamp(connection):
            again = _compare(connection, publisher_id=publisher_id, files=files, tree=tree)
            _refuse_other(again, shown)
        _apply(connection, shown, publisher_id=publisher_id, now=now, done=done)
        within()
        detail = f"{why}: {summary(shown)}" if why else summary(shown)
        event = log.Event("lists_synced", now, actor, detail=detail, publisher_id=publisher_id)
        log.record(connection, event)
    return shown


def size(diff: ListDiff) -> int:
    """How many rows a sync writes."""
    people = len(diff.new_contacts) + len(diff.changed_contacts)
    return people + len(diff.members_added) + len(diff.members_changed) + len(diff.members_gone)


def summary(diff: ListDiff) -> str:
    """ "added 3, changed 1, gone 0, unchanged 58, kept silent 2, refused 1"."""
    counts = diff.counts
    return (
        f"added {counts.added}, changed {counts.changed}, gone {counts.gone}, "
        f"unchanged {counts.unchanged}, kept silent {counts.kept_silent}, refused {len(diff.refused)}"
    )


def _refuse_many_gone(diff: ListDiff, *, allowed: int) -> None:
    if diff.many_gone and diff.counts.gone > allowed:
        raise Refused(
            f"{diff.counts.gone} of {diff.before} memberships would go",
            where="lists sync",
            cure=f"If that is meant, say --allow-gone {diff.counts.gone}.",
        )


def _refuse_other(diff: ListDiff, shown: ListDiff) -> None:
    if diff != shown:
        raise Refused("contacts changed since this was shown", where="lists sync", cure="Run it again.")


def _compare(
    connection: Connection, *, publisher_id: str, files: Sequence[ListFile], tree: TopicTree | None
) -> ListDiff:
    stamp = _stamp(connection)  # first: what changes while we read must show
    found = listdiff.compare(files, topics=tree, present=present(connection, publisher_id=publisher_id))
    if found.topics is not None and not publishers.is_first(connection, id=publisher_id):
        raise Refused(
            "the topics are those of all publishers, and differ from them here",
            where="topics.toml",
            cure="Change them in the first publisher's folder ([paths] lists), and take this file away.",
        )
    return replace(found, stamp=stamp)


def _stamp(connection: Connection) -> str:
    """Every change of a contact or list is an event of the office's log: the same end, the same contacts.

    So that a big sync need not read everybody again while it keeps others from writing.
    """
    return log.last(connection, name=log.OFFICE).hash


def _apply(connection: Connection, diff: ListDiff, *, publisher_id: str, now: datetime, done: Done) -> None:
    if diff.topics is not None:
        topics.replace(connection, tree=diff.topics)
    lists.save(connection, publisher_id=publisher_id, lists=diff.lists_saved)
    for people in _chunks(diff.new_contacts, done):
        contacts.add(connection, publisher_id=publisher_id, people=people, now=now)
    for changed in _chunks(diff.changed_contacts, done):
        contacts.change(connection, publisher_id=publisher_id, people=changed)
    _apply_members(connection, diff, publisher_id=publisher_id, now=now, done=done)
    lists.remove(connection, publisher_id=publisher_id, names=diff.lists_gone)


def _apply_members(
    connection: Connection, diff: ListDiff, *, publisher_id: str, now: datetime, done: Done
) -> None:
    ids = contacts.ids(connection, publisher_id=publisher_id)
    for added in _chunks(diff.members_added, done):
        lists.add_members(connection, publisher_id=publisher_id, members=added, ids=ids, now=now)
    for changed in _chunks(diff.members_changed, done):
        lists.change_members(connection, publisher_id=publisher_id, members=changed, ids=ids)
    for gone in _chunks(diff.members_gone, done):
        lists.remove_members(connection, publisher_id=publisher_id, members=gone, ids=ids)
    contacts.grant(connection, grants=diff.granted, ids=ids, now=now)
    contacts.withdraw(connection, keys=diff.withdrawn, ids=ids, now=now)


def _chunks(rows: Sequence[Row], done: Done) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        yield chunk
        done(len(chunk))
