"""Two officers agree to one and the same hash: who counts, and what is void.

Planted bugs that these tests caught: a yes to another hash counted; the same officer counted twice; an
officer who was removed counted; a yes to “lift” that lasts for ever.
"""

from datetime import UTC, datetime, timedelta

import pytest

from distributor.errors import Refused
from distributor.policy.eyes import Eyes, Word, decide

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
THIS, OTHER = "a" * 64, "b" * 64
APPROVE, LIFT = "release approve", "release lift"
TRUSTED = ("ada", "bea", "cid")


def word(by: str, *, hash: str = THIS, minutes: int = 5) -> Word:
    return Word(by, NOW - timedelta(minutes=minutes), hash)


def asked(words, *, actor: str = "bea", verb: str = APPROVE, trusted=TRUSTED) -> Eyes:
    return decide(words, actor=actor, verb=verb, hash=THIS, now=NOW, trusted=trusted)


@pytest.mark.parametrize(
    ("words", "verb", "trusted", "by", "void"),
    [
        # the first one
        ([], APPROVE, TRUSTED, ("bea",), ()),
        # the second one
        ([word("ada")], APPROVE, TRUSTED, ("ada", "bea"), ()),
        # it changed since: hers counts no more
        ([word("ada", hash=OTHER)], APPROVE, TRUSTED, ("bea",), ("ada",)),
        # one of two is still about the same
        ([word("ada", hash=OTHER), word("cid")], APPROVE, TRUSTED, ("cid", "bea"), ("ada",)),
        # her own yes to what was before is no second one
        ([word("bea", hash=OTHER)], APPROVE, TRUSTED, ("bea",), ()),
        # ada was removed, or approves no more
        ([word("ada")], APPROVE, ("bea", "cid"), ("bea",), ("ada",)),
        # days later the text is still the text
        ([word("ada", minutes=60 * 24 * 7)], APPROVE, TRUSTED, ("ada", "bea"), ()),
        # “lift” means now
        ([word("ada", minutes=60)], LIFT, TRUSTED, ("ada", "bea"), ()),
        ([word("ada", minutes=61)], LIFT, TRUSTED, ("bea",), ("ada",)),
    ],
)
def test_who_counts(words, verb, trusted, by, void) -> None:
    seen = asked(words, verb=verb, trusted=trusted)
    assert (seen.by, seen.void) == (by, void)
    assert seen.enough == (len(by) == 2)


def test_nobody_is_two() -> None:
    with pytest.raises(Refused, match="bea has agreed to it already") as caught:
        asked([word("bea")])
    assert "Another officer" in caught.value.cure


def test_names_are_told_as_a_person_would() -> None:
    assert asked([word("ada")]).names == "ada and bea"
