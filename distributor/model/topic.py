"""The topic tree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Topic:
    """A node: `labels` by language, `keywords` by language; ids of other vocabularies."""

    id: str
    parent: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    eurovoc: str | None = None
    iptc: str | None = None
    ep: str | None = None

    def label(self, language: str) -> str:
        """Its name in `language`, else in English, else its id."""
        return self.labels.get(language) or self.labels.get("en") or self.id


@dataclass(frozen=True)
class TopicTree:
    """All topics by id. Parents exist and there is no circle (the reader of topics.toml saw to it)."""

    topics: Mapping[str, Topic]

    def __contains__(self, topic: str) -> bool:
        return topic in self.topics

    def line(self, topic: str) -> Iterator[str]:
        """The topic and its ancestors, nearest first; nothing for an unknown id."""
        node = self.topics.get(topic)
        while node is not None:
            yield node.id
            node = self.topics.get(node.parent) if node.parent else None
