"""Which member a refused row probably speaks of."""

import pytest

from distributor.policy.nearness import mentioned

KNOWN = ["anna.weir@example.org", "bo@example.org", "press@a-desk.example.org", "k12@example.org"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("anna.weir@example.org,Anna,xx", {"anna.weir@example.org"}),  # right, something else is wrong
        ("ANNA.Weir@Example.ORG;Anna", {"anna.weir@example.org"}),  # capitals
        ('"Anna Weir" <anna.weir@example.org>;;', {"anna.weir@example.org"}),  # pasted from a mail
        ("anna.weir@@example.org,Anna", {"anna.weir@example.org"}),  # a sign twice
        ("anna.weir @example.org,Anna", {"anna.weir@example.org"}),  # a gap
        ("anna.weir(at)example.org,Anna", {"anna.weir@example.org"}),  # hidden from robots
        ("anna.wier@example.org,Anna", {"anna.weir@example.org"}),  # two letters changed places
        ("anna.weir@exampel.orq,Anna", {"anna.weir@example.org"}),  # the domain much alike
        ("anna.weir@example,Anna", {"anna.weir@example.org"}),  # the domain cut
        ("anna.weir@example.org%0aBcc:x@example.com", {"anna.weir@example.org"}),  # an attack
        ("anna\x00.weir@example.org", {"anna.weir@example.org"}),  # a control character
        ("x,y,anna.weir@example.org", {"anna.weir@example.org"}),  # in the wrong column
        ("somebody.else@example.org,Anna Weir", set()),  # another person
        ("not an address,Anna", set()),
        ("k13@example.org,Kay", {"k12@example.org"}),  # one letter off
        ("", set()),
    ],
)
def test_mentioned(row, expected):
    assert mentioned(KNOWN, [row]) == expected


def test_a_word_that_is_somebody_elses_address_speaks_of_nobody_else():
    """k13 has a good row; that k13 comes twice must not keep k12."""
    assert mentioned(KNOWN, ["k13@example.org,Kay"], others=["k13@example.org"]) == frozenset()


def test_many_rows_and_members_take_no_product_of_work():
    """Ten thousand of each: a comparison of all pairs would not come back within the time limit."""
    keys = [f"person{n}@example.org" for n in range(10_000)]
    rows = [f"person{n}@example..org,Name {n}" for n in range(10_000)]
    assert mentioned(keys, rows) == set(keys)
