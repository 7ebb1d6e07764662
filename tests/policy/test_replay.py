"""What a delivery's rows in the log say became of it.

Planted bugs: a late answer that counts; `settled` read as "settle" whatever its outcome; a mistake that
stops the replay.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.policy.lifecycle import DELIVERY
from distributor.policy.replay import event_of, replay

INTENT = ("intent", "")


@pytest.mark.parametrize(
    ("kind", "detail", "event"),
    [
        ("intent", "", "intend"),
        ("answer", "accept", "accept"),
        ("answer", "expire: too old", "expire"),  # the event, then why
        ("answer", "late: accept", None),  # the run was taken for dead: nothing changed
        ("doubted", "late: doubt", None),
        ("doubted", "run 7 died", "doubt"),
        ("handed_back", "hand_back", "hand_back"),
        ("defer", "defer", "defer"),  # no answer, so the event is the kind
        ("settled", "resend, by rule", "resend"),
        ("settled", "sent", "settle"),
        ("settled", "resend, by the relay's log: it never came", "resend"),
        ("settled", "cancelled", "cancel"),
        ("cancelled", "had the advance copy", "cancel"),
        ("suppressed", "", "suppress"),
        ("expired", "", "expire"),
        ("answer", "", None),  # not ours: the chain tells
        ("noted", "accept", None),
    ],
)
def test_each_row_is_an_event_or_none(kind, detail, event):
    assert event_of(kind, detail) == event


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([], "queued"),
        ([INTENT], "sending"),
        ([INTENT, ("answer", "defer"), INTENT, ("answer", "accept")], "sent"),
        ([INTENT, ("doubted", "run 1 died"), ("answer", "late: accept")], "doubtful"),
        ([INTENT, ("doubted", "run 1 died"), ("settled", "resend, by rule"), INTENT], "sending"),
        ([("cancelled", "")], "cancelled"),
    ],
)
def test_rows_lead_to_a_state(rows, state):
    replayed = replay(rows)
    assert (replayed.state, replayed.mistakes, replayed.rows) == (state, (), len(rows))


def test_what_cannot_follow_is_named_and_the_rest_is_read_on():
    replayed = replay([("answer", "accept"), INTENT])
    assert replayed.mistakes == ("“accept” cannot follow “queued”", "“intend” cannot follow “sent”")
    assert replayed.state == "sending"


@given(st.lists(st.sampled_from(sorted(DELIVERY.events))))
def test_it_goes_the_way_of_the_machine(events):
    state, mistakes = DELIVERY.start, 0
    for event in events:
        mistakes += state not in DELIVERY.sources(event)
        state = DELIVERY.target(event)
    replayed = replay([(event, "") for event in events])
    assert (replayed.state, len(replayed.mistakes)) == (state, mistakes)
