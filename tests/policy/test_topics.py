"""The topic tree: what covers what, and names people use for topics."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distributor.errors import DocumentError, NotFound
from distributor.model.topic import Topic, TopicTree
from distributor.policy.topics import ALL, build, covers, near, nearest, resolve, walk

TREE = build(
    [
        Topic("trade", labels={"en": "Trade", "fr": "Commerce"}),
        Topic("trade/export-control", parent="trade", aliases=("dual-use", "Dual Use")),
        Topic("trade/export-control/cyber", parent="trade/export-control"),
        Topic("energy"),
    ],
    where="topics.toml",
)


@pytest.mark.parametrize(
    ("topic", "other", "expected"),
    [
        ("trade", "trade", True),  # itself
        ("trade", "trade/export-control", True),  # its child
        ("trade", "trade/export-control/cyber", True),  # a grandchild
        ("trade/export-control", "trade", False),  # not upward
        ("energy", "trade/export-control", False),  # another branch
        (ALL, "energy", True),  # everything
        ("trad", "trade", False),  # a prefix of the id is no ancestor
    ],
)
def test_covers(topic, other, expected):
    assert covers(topic, other, TREE) is expected


@pytest.mark.parametrize(
    ("topics", "expected"),
    [
        (["*", "trade"], "trade"),  # a name says more than everything
        (["trade", "trade/export-control"], "trade/export-control"),  # the closest
        (["energy", "*"], "*"),  # nothing closer
        (["energy"], None),  # none
        ([], None),
    ],
)
def test_nearest(topics, expected):
    assert nearest(topics, "trade/export-control", TREE) == expected


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("trade", "trade"),
        ("Trade/Export-Control", "trade/export-control"),  # any case
        ("DUAL USE", "trade/export-control"),  # an alias
        (" energy ", "energy"),  # blanks around it
    ],
)
def test_resolve(name, id):
    assert resolve(name, tree=TREE) == id


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("trade/exportcontrol", "“trade/export-control”"),
        ("energie", "“energy”"),
        ("commerce", "“trade”"),  # its French label
        ("export-control", "“trade/export-control”"),  # without its parent
    ],
)
def test_an_unknown_topic_names_the_likely_one(name, meant):
    with pytest.raises(NotFound, match=meant):
        resolve(name, tree=TREE, where="release.md")
    assert near("qqqq", TREE) == ""


@pytest.mark.parametrize(
    ("topics", "message"),
    [
        ([Topic("a", parent="b")], r"x \[a\] parent: parent “b” of “a” is not a topic"),
        ([Topic("a", parent="a")], "“a” is its own ancestor"),
        ([Topic("a", parent="b"), Topic("b", parent="c"), Topic("c", parent="a")], "a → b → c → a"),
        ([Topic("z", parent="a"), Topic("a", parent="b"), Topic("b", parent="a")], "“a” is its own ancestor"),
        ([Topic("a", aliases=("B",)), Topic("b")], r"x \[a\] aliases: the alias “B” already names “b”"),
        ([Topic("a", aliases=("q",)), Topic("b", aliases=("Q",))], r"\[b\] aliases"),
        ([Topic("a", aliases=("q", "q"))], "already names “a”"),
    ],
)
def test_a_tree_that_is_none(topics, message):
    with pytest.raises(DocumentError, match=message):
        build(topics, where="x")


@st.composite
def trees(draw) -> TopicTree:
    """Any forest: each topic hangs below an earlier one, or nowhere."""
    size = draw(st.integers(1, 12))
    parents = [draw(st.one_of(st.none(), st.integers(0, at - 1))) if at else None for at in range(size)]
    return build(
        [Topic(f"t{at}", parent=None if p is None else f"t{p}") for at, p in enumerate(parents)], where="x"
    )


@settings(deadline=None)
@given(trees())
def test_every_topic_is_walked_once_below_its_parent(tree):
    walked = list(walk(tree))
    assert sorted(topic.id for _, topic in walked) == sorted(tree.topics)
    depths = {topic.id: depth for depth, topic in walked}
    assert all(depths[t.id] == (depths[t.parent] + 1 if t.parent else 0) for t in tree.topics.values())


@settings(deadline=None)
@given(trees(), st.data())
def test_covering_is_transitive_and_agrees_with_nearest(tree, data):
    a, b, c = (data.draw(st.sampled_from(sorted(tree.topics))) for _ in range(3))
    if covers(a, b, tree) and covers(b, c, tree):
        assert covers(a, c, tree)
    assert (nearest([a, b], c, tree) is not None) == (covers(a, c, tree) or covers(b, c, tree))
