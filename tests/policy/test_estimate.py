"""About when the last one gets it where no limit tells: a guess by the latest mailouts, or none."""

from datetime import UTC, datetime, timedelta

import pytest

from distributor.policy.estimate import LATEST, LEAST, Earlier, pace

START = datetime(2030, 3, 4, 10, 0, tzinfo=UTC)
QUICK, SLOW = Earlier(1000, timedelta(seconds=9)), Earlier(100, timedelta(seconds=90))  # 100/s, 1/s


@pytest.mark.parametrize(
    ("earlier", "rate", "mailouts"),
    [
        ([QUICK], 100, 1),
        ([QUICK, SLOW, SLOW], 1, 3),  # the median
        ([Earlier(LEAST - 1, timedelta(seconds=1)), QUICK], 100, 1),  # a few people tell nothing
        ([QUICK] * LATEST + [SLOW] * 20, 100, LATEST),  # the latest first
    ],
)
def test_a_pace(earlier: list[Earlier], rate: float, mailouts: int) -> None:
    found = pace(earlier)
    assert found is not None
    assert (found.rate, found.mailouts) == (rate, mailouts)


def test_the_last_one_and_the_words() -> None:
    found = pace([SLOW])
    assert found is not None
    assert found.last(90, start=START) == START + timedelta(seconds=90)
    assert found.words == "as quick as the last mailout: about 1 a second"


def test_nothing_to_go_by() -> None:
    assert pace([]) is None
    assert pace([Earlier(LEAST - 1, timedelta(seconds=1))]) is None
