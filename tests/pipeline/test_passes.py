"""What a run has leased: each delivery is composed once, in its order, however much of it ahead.

Planted bugs, each caught here: what was composed ahead forgotten by `compose`; the count of those composed
ahead kept when a batch is put before them; composed once more.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from distributor.errors import HeaderError
from distributor.mail.tokens import Tokens
from distributor.model.message import Message
from distributor.pipeline.passes import Found, Passes
from distributor.store.deliveries import Delivery
from tests.world import NOW

BAD = 13  # its name cannot stand in a header


@dataclass
class Composing:
    """Composes, and counts."""

    times: Counter[int] = field(default_factory=Counter)

    def message(self, delivery: Delivery) -> Message:
        if delivery.id % 20 == BAD:
            raise HeaderError("holds a line break", where="header To", cure="Correct it.")
        self.times[delivery.id] += 1
        return Message("press@example.org", delivery.address, (b"x\r\n",), f"<{delivery.id}@example.org>")


def passes() -> Passes:
    nothing: Any = None
    return Passes(nothing, nothing, Tokens(b"a secret of a test"), allow_recipients=("example.org",))


def found(composing: Composing, ids: range, *, opens: timedelta = timedelta(0)) -> Found:
    people = [(id, f"r{id}@{'example.com' if id % 20 == 7 else 'example.org'}") for id in ids]
    deliveries = [
        Delivery(id, 1, "p", 1, who, who, "", "en", "because", "queued", 0, 0) for id, who in people
    ]
    return Found(ids.start, NOW + opens, deliveries, cast(Any, composing), NOW + timedelta(days=1))


@given(st.lists(st.one_of(st.none(), st.integers(0, 70), st.just("early")), max_size=40))
def test_each_is_composed_once_and_in_its_order(steps):
    """A number: so many are asked for; None: a few are composed ahead; "early": a batch comes first."""
    mine, composing, order, asked = passes(), Composing(), list(range(100, 300)), []
    mine.begin(found(composing, range(100, 300)), now=NOW)
    for step in [*steps, 500]:
        if step == "early" and order and order[0] >= 100:
            mine.begin(found(composing, range(40), opens=timedelta(seconds=1)), now=NOW)
            mine.open(now=NOW + timedelta(seconds=1))
            order = [*range(40), *order]
        elif step is None:
            mine.compose_some()
        elif isinstance(step, int):
            candidates, hopeless = mine.compose(step)
            got = [one.delivery.id for one in candidates]
            gone = {delivery.id for delivery, _ in hopeless}
            taken, order = order[: len(got) + len(gone)], order[len(got) + len(gone) :]
            assert [id for id in taken if id not in gone] == got
            assert gone == {id for id in taken if id % 20 in (7, BAD)}
            asked += got
    assert composing.times == Counter(asked)
    assert not order
    assert not mine.compose_some()


def test_what_is_given_up_is_not_composed_any_more():
    mine, composing = passes(), Composing()
    mine.begin(found(composing, range(100, 300)), now=NOW)
    while mine.compose_some():
        pass
    assert 0 < len(composing.times) < 200  # not the whole batch: each takes memory
    assert mine.unfinished() == [100]
    assert mine.compose(10) == ([], [])
    assert not mine.compose_some()
