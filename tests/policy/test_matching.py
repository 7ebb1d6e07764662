"""Why a membership gets a release."""

import pytest

from distributor.model.audience import Reason
from distributor.model.candidate import ListFacts, Membership
from distributor.model.topic import Topic
from distributor.policy.matching import covering, reasons
from distributor.policy.topics import build

TREE = build(
    [
        Topic("trade"),
        Topic("trade/export", parent="trade"),
        Topic("trade/customs", parent="trade"),
        Topic("energy"),
    ],
    where="topics.toml",
)


def membership(*topics: str, only: tuple[str, ...] = ()) -> Membership:
    return Membership(ListFacts("L", topics=topics), only)


@pytest.mark.parametrize(
    ("member", "topics", "expected"),
    [
        (membership("trade"), ["trade/export"], [("trade", "trade/export")]),  # an ancestor
        (membership("trade/export"), ["trade"], []),  # a child does not cover its parent
        (membership("*"), ["energy"], [("*", "energy")]),  # everything
        (membership("trade", "energy"), ["energy", "trade"], [("energy", "energy"), ("trade", "trade")]),
        (membership("trade", only=("trade/export",)), ["trade/export"], [("trade/export", "trade/export")]),
        (membership("trade", only=("trade/export",)), ["trade/customs"], []),  # the row narrows
        (membership("trade", only=("trade/export",)), ["trade"], []),  # … upward too
        (membership("trade", only=("energy",)), ["energy"], []),  # … and never widens
        (membership("trade/export", only=("trade",)), ["trade/export"], [("trade/export", "trade/export")]),
        (membership("*", only=("energy",)), ["energy"], [("energy", "energy")]),  # she follows energy only
        (membership("trade", only=("*",)), ["trade/export"], [("trade", "trade/export")]),  # narrows nothing
        (membership(), ["trade"], []),  # a list without topics
        (membership("trade"), [], []),  # a release without topics
    ],
)
def test_reasons_by_topic(member, topics, expected):
    found = reasons(member, topics=topics, named=(), tree=TREE)
    assert [(reason.topic, reason.covers) for reason in found] == expected
    assert all(reason.list == "L" for reason in found)


def test_a_named_list_reaches_all_its_members_and_keeps_its_topics_as_reasons():
    narrow = membership("trade", only=("energy",))
    assert reasons(narrow, topics=["trade"], named=["L"], tree=TREE) == (Reason(list="L"),)
    wide = membership("trade")
    assert reasons(wide, topics=["trade"], named=["L"], tree=TREE) == (
        Reason(list="L"),
        Reason(list="L", topic="trade", covers="trade"),
    )
    assert reasons(wide, topics=[], named=["other"], tree=TREE) == ()


def test_covering_finds_the_list_whatever_the_row_narrows():
    narrow = membership("trade", only=("energy",))
    assert covering([membership("energy"), narrow], topics=["trade/export"], tree=TREE) == narrow
    assert covering([narrow], topics=["energy"], tree=TREE) is None
