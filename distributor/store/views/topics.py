"""The topic tree with what hangs on it. Changes nothing."""

from dataclasses import dataclass

from sqlalchemy import Connection

from distributor.model.topic import Topic
from distributor.policy.listmerge import by_name
from distributor.policy.topics import walk
from distributor.store import lists, topics


@dataclass(frozen=True, slots=True)
class Branch:
    """A topic, how deep it hangs, and the names of the lists that follow it (not its ancestors)."""

    depth: int
    topic: Topic
    lists: tuple[str, ...]


def branches(connection: Connection, *, publisher_id: str) -> list[Branch]:
    """Every topic, parents first."""
    known = sorted(
        lists.by_id(connection, publisher_id=publisher_id).values(), key=lambda facts: by_name(facts.name)
    )
    return [
        Branch(depth, topic, tuple(facts.name for facts in known if topic.id in facts.topics))
        for depth, topic in walk(topics.tree(connection))
    ]
