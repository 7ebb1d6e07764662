"""Who had a copy at an instant, from its log rows: told as it was then, whatever became of it later.

Planted by hand and caught: a row after the instant that counts; an intent alone taken for “had”; a copy sent
again by rule that is no “may have had” any more.
"""

from datetime import UTC, datetime, timedelta

import pytest

from distributor.policy.possession import Grip, Step, at

START = datetime(2030, 3, 4, 13, 0, tzinfo=UTC)
HAD, MAY, NONE = Grip.HAD, Grip.MAY, Grip.NONE


def _steps(*told: tuple[str, str]) -> list[Step]:
    """One row a minute, from 13:00 on."""
    return [Step(kind, detail, START + timedelta(minutes=n)) for n, (kind, detail) in enumerate(told)]


INTENT, ACCEPT = ("intent", ""), ("answer", "accept")
DOUBT, AGAIN = ("doubted", "run 7 died"), ("settled", "resend, by rule")


@pytest.mark.parametrize(
    ("told", "grips"),
    [
        ([INTENT, ACCEPT], [MAY, HAD]),
        ([INTENT, ("answer", "reject")], [MAY, NONE]),
        ([INTENT, ("answer", "defer"), INTENT, ACCEPT], [MAY, NONE, MAY, HAD]),
        ([INTENT, ("handed_back", "")], [MAY, NONE]),  # no dot was written
        ([INTENT, DOUBT, ("settled", "sent")], [MAY, MAY, HAD]),
        ([INTENT, DOUBT, ("settled", "cancelled")], [MAY, MAY, NONE]),  # an officer knows
        ([INTENT, DOUBT, ("settled", "resend, by the relay's log: …")], [MAY, MAY, NONE]),  # proven
        ([INTENT, DOUBT, AGAIN], [MAY, MAY, MAY]),  # the first one may have arrived
        ([INTENT, DOUBT, AGAIN, INTENT, ("answer", "reject")], [MAY] * 5),
        ([INTENT, DOUBT, AGAIN, INTENT, ACCEPT], [MAY, MAY, MAY, MAY, HAD]),
        ([INTENT, DOUBT, AGAIN, ("cancelled", "")], [MAY] * 4),
        ([INTENT, DOUBT, ("answer", "late: accept")], [MAY, MAY, HAD]),  # moved nothing, proves all
        ([INTENT, ACCEPT, ("bounced", "")], [MAY, HAD, HAD]),
        ([("cancelled", "had its advance copy")], [NONE]),
        ([("suppressed", "")], [NONE]),
    ],
)
def test_as_it_was_at_each_minute(told: list[tuple[str, str]], grips: list[Grip]) -> None:
    steps = _steps(*told)
    assert [at(steps, step.at).grip for step in steps] == grips
    assert at(steps, START - timedelta(microseconds=1)).grip is NONE


def test_the_row_that_proves_it_and_what_came_later() -> None:
    steps = _steps(INTENT, DOUBT, AGAIN, INTENT, ACCEPT)
    then = at(steps, steps[1].at)
    assert (then.proof, then.later) == (steps[0], steps[2])
    assert at(steps, steps[4].at).proof == steps[4]
