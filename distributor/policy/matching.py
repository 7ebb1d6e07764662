"""Why a membership gets a release: the list's topics, the row's own, and the lists a release names.

Does not look at standing, and not at other memberships (policy.audience).
"""

from collections.abc import Collection, Iterable, Sequence

from distributor.model.audience import Reason
from distributor.model.candidate import Membership
from distributor.model.topic import TopicTree
from distributor.policy.topics import covers, nearest


def reasons(
    membership: Membership, *, topics: Sequence[str], named: Collection[str], tree: TopicTree
) -> tuple[Reason, ...]:
    """Every reason of this membership, in the order of the release's topics; () when it has none.

    A list covers a topic of the release when it follows it, an ancestor, or "*"; topics of the row narrow
    that. A list that the release names reaches all its members, whatever they follow.
    """
    by_name = (Reason(list=membership.list.name),) if membership.list.name in named else ()
    by_topic = (_by_topic(membership, topic, tree=tree) for topic in topics)
    return by_name + tuple(reason for reason in by_topic if reason is not None)


def _by_topic(membership: Membership, topic: str, *, tree: TopicTree) -> Reason | None:
    follows = nearest(membership.list.topics, topic, tree)
    if follows is not None and membership.topics:
        narrowed = nearest(membership.topics, topic, tree)
        follows = closer(narrowed, follows, tree) if narrowed is not None else None
    return None if follows is None else Reason(list=membership.list.name, topic=follows, covers=topic)


def closer(one: str, other: str, tree: TopicTree) -> str:
    """The narrower of two topics that cover the same one."""
    return one if covers(other, one, tree) else other


def covering(
    memberships: Iterable[Membership], *, topics: Sequence[str], tree: TopicTree
) -> Membership | None:
    """The first membership whose list covers the release, whatever the row narrows; None when none does."""
    for membership in memberships:
        if any(nearest(membership.list.topics, topic, tree) is not None for topic in topics):
            return membership
    return None
