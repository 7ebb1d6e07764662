"""A pile gives everybody back, in the order of the places, and those of one place as they came.

Planted bugs: places sorted by their first number alone; the latest of a place first.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.model.audience import Reason, Recipient
from distributor.store import sorting

_WORDS = st.sampled_from(["", "ab", "é"])
_REASONS = st.lists(st.builds(Reason, st.none() | _WORDS, st.none() | _WORDS, st.none() | _WORDS), max_size=2)
_PEOPLE = st.builds(
    Recipient,
    _WORDS, _WORDS, st.none() | st.integers(0, 2**40), _WORDS, _WORDS, _WORDS, st.none() | _WORDS,
    _REASONS.map(tuple),
)  # fmt: skip
_PLACES = st.tuples(st.integers(0, 2) | st.integers(0, 2**63 - 1), st.integers(0, 2))


@pytest.fixture(params=["as they are", "on a pile"], autouse=True, scope="module")
def how(request):
    """Few are sorted as they are: here all, or none."""
    few, sorting._FEW = sorting._FEW, 100 if request.param == "as they are" else 0
    yield
    sorting._FEW = few


@given(st.lists(st.tuples(_PLACES, _PEOPLE), max_size=12))
def test_everybody_comes_back_in_order(people):
    found = list(sorting.in_order(iter(people)))
    assert found == [person for _, person in sorted(people, key=lambda pair: pair[0])]
    assert all(isinstance(reason, Reason) for person in found for reason in person.reasons)


def test_a_pile_of_two_is_sorted_while_another_is_read():
    """As the fair order does: the second pile takes what the first gives."""
    people = [((n, 0), Recipient(f"r{n}", f"r{n}", n, "", "", "en", None, ())) for n in range(50)]
    back = sorting.in_order(((-one.contact_id, 0), one) for one in sorting.in_order(people))
    assert [one.contact_id for one in back] == list(range(49, -1, -1))
