"""What a log proves: a line proves that it was taken; silence only in the whole log of the right relay.

Planted once by hand and caught: silence believed without neighbours; with one neighbour missing; of one relay
when there are two; in a log that ends with the hand-over.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from distributor.model.evidence import HandOver, LogLine, LogTrace, Neighbour, RelayLog
from distributor.policy.evidence import AFTER, BEFORE, Proof, judge

AT = datetime(2026, 11, 24, 4, 22, tzinfo=UTC)
END = AT + timedelta(seconds=5)
SECOND = timedelta(seconds=1)
HAND_OVER = HandOver(
    7, AT, END, frozenset({"main"}), (Neighbour(5, "main", AT - SECOND), Neighbour(9, "main", AT + SECOND))
)
SEEN = {5: LogTrace(LogLine(AT - SECOND, "A5AAA")), 9: LogTrace(LogLine(AT + SECOND, "A9AAA"))}
WHOLE = RelayLog("mail.log", 9, AT - BEFORE, END + AFTER, traces=SEEN)
MARK = LogLine(AT, "C0FFEE1")


def with_trace(trace, log=WHOLE):
    return replace(log, traces=SEEN | {7: trace})


def test_its_line_proves_it_even_in_a_torn_log():
    torn = RelayLog("mail.log", 1, AT, AT, lossy=True, traces={7: LogTrace(MARK)})
    verdict = judge(HAND_OVER, [WHOLE, torn])
    assert (verdict.proof, verdict.mark, verdict.log) == (Proof.TAKEN, MARK, "mail.log")
    assert "C0FFEE1" in verdict.why
    assert "2026-11-24T04:22:00+00:00" in verdict.why


def test_silence_in_the_whole_log():
    verdict = judge(HAND_OVER, [WHOLE])
    assert verdict.proof is Proof.NOT_TAKEN
    assert "no trace" in verdict.why


def test_lost_half_way():
    verdict = judge(HAND_OVER, [with_trace(LogTrace(broken=(MARK,)))])
    assert (verdict.proof, verdict.mark) == (Proof.NOT_TAKEN, MARK)


@pytest.mark.parametrize(
    "log",
    [
        replace(WHOLE, first=AT),  # begins with the hand-over
        replace(WHOLE, last=END + AFTER - SECOND),  # ends too soon: the relay may still take it
        replace(WHOLE, lossy=True),  # lines are missing
        replace(WHOLE, first=None, last=None, lines=0),  # says nothing
        replace(WHOLE, traces={}),  # another relay's
        replace(WHOLE, traces={5: SEEN[5]}),  # one of two behind one name
        replace(
            WHOLE, traces=SEEN | {9: LogTrace(LogLine(AT + timedelta(hours=1), "A9AAA"))}
        ),  # another zone
        replace(WHOLE, traces=SEEN | {9: LogTrace(begun=(LogLine(AT, "A9AAA"),))}),  # not said to be taken
        with_trace(LogTrace(begun=(MARK,))),  # it began, and its end is not told
        with_trace(LogTrace(begun=(MARK,), broken=(LogLine(AT, "C0FFEE2"),))),  # broken once, and begun again
    ],
)
def test_nothing_is_proven(log):
    assert judge(HAND_OVER, [log]).proof is Proof.NOTHING


@pytest.mark.parametrize(
    "hand_over",
    [
        replace(HAND_OVER, neighbours=()),  # whose log is it?
        replace(HAND_OVER, relays=frozenset()),  # no relay
        replace(HAND_OVER, relays=frozenset({"main", "spare"})),  # the other relay may have it
    ],
)
def test_silence_of_whom(hand_over):
    assert judge(hand_over, [WHOLE]).proof is Proof.NOTHING


def test_no_log_at_all():
    assert judge(HAND_OVER, []).proof is Proof.NOTHING


def test_each_relay_that_may_have_it_is_asked():
    spare = Neighbour(8, "spare", AT)
    both = replace(HAND_OVER, relays=frozenset({"main", "spare"}), neighbours=(*HAND_OVER.neighbours, spare))
    other = replace(WHOLE, name="spare.log", traces={8: LogTrace(LogLine(AT, "A8AAA"))})
    assert judge(both, [WHOLE]).proof is Proof.NOTHING
    assert judge(both, [WHOLE, other]).proof is Proof.NOT_TAKEN
    begun = replace(other, traces=other.traces | {7: LogTrace(begun=(MARK,))})
    assert judge(both, [WHOLE, begun]).proof is Proof.NOTHING
