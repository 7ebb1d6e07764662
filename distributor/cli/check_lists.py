"""The part of `check` that looks at topics and list files: sound, and as the database has them?"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from distributor.cli.findings import Finding, Status, Subject
from distributor.cli.moments import count
from distributor.model.contact import BadRow

if TYPE_CHECKING:
    from distributor.model.topic import TopicTree


def topics(subject: Subject) -> Iterator[Finding]:
    """How many the database knows."""
    known = _known(subject).topics
    if known:
        yield Finding("topics", Status.OK, count(len(known), "topic"))
    else:
        cure = "Write lists/topics.toml, then: distributor lists sync"
        yield Finding("topics", Status.WARN, "no topics in the database", cure)


def lists(subject: Subject) -> Iterator[Finding]:
    """For each publisher: its folder, what is refused in it, and whether a sync would change anything."""
    known = _known(subject)
    for publisher, before in subject.publishers:
        yield from _of(subject, publisher.id, before, known)


def _known(subject: Subject) -> "TopicTree":
    from distributor.store import topics

    with subject.store.read() as connection:
        return topics.tree(connection)


def _of(subject: Subject, publisher: str, before: str, known: "TopicTree") -> Iterator[Finding]:
    from distributor.documents.listfiles import read_folder
    from distributor.office import sync

    path = subject.config.lists_of(publisher)
    if before and publisher != subject.config.publisher.id and not path.is_dir():
        yield Finding("lists", Status.WARN, f"{before}no lists yet in {path}", "Put its list files there.")
        return
    folder = read_folder(path, known=known)
    rows = sum(len(one.rows) for one in folder.lists)
    size = f"{count(len(folder.lists), 'list')} with {count(rows, 'row')}"
    yield Finding("lists", Status.OK, f"{before}{size} in {folder.path}")
    yield from _refused_rows([row for one in folder.lists for row in one.refused])
    for note in folder.notes:
        yield Finding("lists", Status.WARN, note)
    diff = sync.compare(subject.store, publisher_id=publisher, files=folder.lists, tree=folder.topics)
    if not diff.empty:
        whose = f" --publisher {publisher}" if before else ""
        cure = f"distributor lists sync{whose} shows what would change, and asks."
        yield Finding("lists", Status.WARN, f"{before}the files differ from the database", cure)


def _refused_rows(rows: Sequence[BadRow]) -> Iterator[Finding]:
    for row in rows[:5]:
        place = f"{row.file}:{row.line}"
        yield Finding("lists", Status.WARN, f"{place}: “{row.value}”: {row.reason}", "Correct that row.")
    if rows[5:]:
        cure = "distributor lists check shows all."
        yield Finding(
            "lists", Status.WARN, count(len(rows) - 5, "more row is refused", "more rows are refused"), cure
        )
