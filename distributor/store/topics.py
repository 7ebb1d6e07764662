"""The topic tree as stored. It is what releases are matched with; topics.toml is where it comes from."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from distributor.model.topic import Topic, TopicTree
from distributor.store import rows


def tree(connection: Connection) -> TopicTree:
    """All topics, in the order of their ids."""
    found = connection.execute(_ALL)
    topics = sorted((_topic(row) for row in found), key=lambda topic: topic.id)
    return TopicTree(topics={topic.id: topic for topic in topics})


_ALL = select(rows.topic)


def replace(connection: Connection, *, tree: TopicTree) -> None:
    """Store this tree instead of the one there is."""
    connection.execute(delete(rows.topic))
    if tree.topics:
        connection.execute(insert(rows.topic), [_columns(topic) for topic in tree.topics.values()])


def _topic(row: Row[Any]) -> Topic:
    return Topic(
        id=row.id,
        parent=row.parent,
        labels=dict(row.labels),
        keywords={language: tuple(words) for language, words in row.keywords.items()},
        aliases=tuple(row.aliases),
        eurovoc=row.eurovoc,
        iptc=row.iptc,
        ep=row.ep,
    )


def _columns(topic: Topic) -> dict[str, Any]:
    return {
        "id": topic.id,
        "parent": topic.parent,
        "labels": dict(topic.labels),
        "keywords": {language: list(words) for language, words in topic.keywords.items()},
        "aliases": list(topic.aliases),
        "eurovoc": topic.eurovoc,
        "iptc": topic.iptc,
        "ep": topic.ep,
    }
