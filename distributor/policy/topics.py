"""The topic tree: building it, naming topics, and what covers what.

Does not read topics.toml (documents.topicsfile) and knows no lists (policy.matching).
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from distributor.errors import DocumentError, NotFound
from distributor.model.topic import Topic, TopicTree

#: As a topic of a list: covers every topic.
ALL = "*"


def build(topics: Sequence[Topic], *, where: str) -> TopicTree:
    """The tree of these topics, parents before names. Raises DocumentError naming the topic at fault."""
    tree = TopicTree(topics={topic.id: topic for topic in topics})
    for topic in topics:
        if topic.parent is not None and topic.parent not in tree:
            raise DocumentError(
                f"parent “{topic.parent}” of “{topic.id}” is not a topic",
                where=f"{where} [{topic.id}] parent",
                cure=near(topic.parent, tree) or f"Add a table [{_quoted(topic.parent)}], or take it out.",
            )
        _refuse_circle(topic, tree, where=where)
    _refuse_double_names(topics, where=where)
    return tree


def _quoted(topic: str) -> str:
    return f'"{topic}"' if "/" in topic else topic


def _refuse_circle(topic: Topic, tree: TopicTree, *, where: str) -> None:
    line = [topic.id]
    node = topic
    while node.parent is not None and node.parent in tree:
        node = tree.topics[node.parent]
        line.append(node.id)
        if node.id == topic.id:
            raise DocumentError(
                f"“{topic.id}” is its own ancestor ({' → '.join(line)})",
                where=f"{where} [{topic.id}] parent",
                cure="Give one of them another parent.",
            )
        if node.id in line[:-1]:
            return  # a circle further up: reported at one of its own members


def _refuse_double_names(topics: Sequence[Topic], *, where: str) -> None:
    owners = {topic.id.casefold(): topic.id for topic in topics}
    for topic in topics:
        for alias in topic.aliases:
            if alias.casefold() in owners:
                raise DocumentError(
                    f"the alias “{alias}” already names “{owners[alias.casefold()]}”",
                    where=f"{where} [{topic.id}] aliases",
                    cure="One name, one topic: take it out of one of them.",
                )
            owners[alias.casefold()] = topic.id


def names(tree: TopicTree) -> Mapping[str, str]:
    """Every id and alias, casefolded, and the id it stands for."""
    found = {alias.casefold(): topic.id for topic in tree.topics.values() for alias in topic.aliases}
    return found | {topic.casefold(): topic for topic in tree.topics}


def resolve(name: str, *, tree: TopicTree, where: str = "topics") -> str:
    """The id for an id or an alias in any case. Raises NotFound with the likely one."""
    topic = names(tree).get(name.strip().casefold())
    if topic is None:
        raise NotFound(
            f"there is no topic “{name.strip()[:80]}”",
            where=where,
            cure=near(name, tree) or _shown(tree),
        )
    return topic


def _shown(tree: TopicTree) -> str:
    if not tree.topics:
        return "There are no topics yet: “distributor lists sync” takes them in."
    return "“distributor topics tree” shows them all."


def near(name: str, tree: TopicTree) -> str:
    """A sentence with the topic that was probably meant, or ""."""
    labels = {label.casefold(): topic.id for topic in tree.topics.values() for label in topic.labels.values()}
    known = labels | dict(names(tree))
    last = {topic.rpartition("/")[2]: topic for topic in tree.topics}
    close = difflib.get_close_matches(name.strip().casefold(), known | last, n=1, cutoff=0.7)
    return f"Did you mean “{(known | last)[close[0]]}”?" if close else ""


def covers(topic: str, other: str, tree: TopicTree) -> bool:
    """True when `topic` is "*", `other` itself or an ancestor of it."""
    return topic in (ALL, other) or topic in tree.line(other)


def nearest(topics: Iterable[str], other: str, tree: TopicTree) -> str | None:
    """Which of `topics` covers `other` most closely; None when none does."""
    offered = set(topics)
    for topic in tree.line(other):
        if topic in offered:
            return topic
    if other in offered:
        return other
    return ALL if ALL in offered else None


def walk(tree: TopicTree) -> Iterator[tuple[int, Topic]]:
    """Every topic with its depth, parents first, brothers by id."""
    children: dict[str | None, list[Topic]] = {}
    for topic in sorted(tree.topics.values(), key=lambda t: t.id, reverse=True):
        children.setdefault(topic.parent, []).append(topic)
    waiting = [(0, topic) for topic in children.get(None, [])]
    while waiting:
        depth, topic = waiting.pop()
        yield depth, topic
        waiting.extend((depth + 1, child) for child in children.get(topic.id, []))
