"""What is under way between ledger and wire: never too much, nothing lost, nothing stale begun.

Planted bugs, each caught here: `take` that gives what is stale; `room` that forgets what is not written
yet; `take_back` that drops what it takes back; one who is late and is told to go on although the guard said
no, or twice, or after its end.
"""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.model.message import Message, Phase, Reply
from distributor.pipeline import flow as flows
from distributor.pipeline.flow import STALE, Flow
from distributor.pipeline.group import Composed
from distributor.policy.replies import Outcome, classify
from distributor.store.deliveries import Delivery
from tests.world import NOW

CONNECTIONS = 3


class Elapsed:
    """Seconds that pass when a test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


elapsed = Elapsed()


@pytest.fixture(autouse=True)
def _by_it(monkeypatch):
    monkeypatch.setattr(flows, "elapsed", elapsed)


def candidate(id: int) -> Composed:
    address = f"r{id}@example.org"
    delivery = Delivery(id, 1, "press", 1, address, address, "", "en", "because", "queued", 0, 0)
    message = Message("press@example.org", address, (b"x\r\n",), f"<{id}@example.org>")
    return Composed(delivery, message, "b" * 64, "s" * 64, NOW + timedelta(days=1))


def reply(code: int = 250, *, phase: Phase = Phase.DOT) -> Reply:
    return Reply(code, None, "said", "relay", phase, NOW, NOW)


@pytest.fixture
def flow() -> Flow:
    return Flow(connections=CONNECTIONS, now=lambda: NOW)


@given(st.lists(st.sampled_from(["grant", "take", "done", "write", "take back", "pause"]), max_size=200))
def test_whatever_happens_each_intent_has_one_end_and_never_too_many_are_open(steps):
    flow, number, granted, ended, in_hand = Flow(connections=CONNECTIONS, now=lambda: NOW), 0, [], [], []
    for step in steps:
        if step == "grant":
            new = [candidate(number + n) for n in range(flow.room)]
            number += len(new)
            granted += [one.delivery.id for one in new]
            flow.grant(new, intended=elapsed())
        elif step == "take" and (message := flow.take()) is not None:
            in_hand.append(message)
        elif step == "done" and in_hand:
            flow.done(in_hand.pop(0), reply())
        elif step == "write":
            ended += [answer.candidate.delivery.id for answer in flow.answers()]
        elif step == "take back":
            flow.take_back()
        elif step == "pause":
            elapsed.now += STALE / 3
        assert flow.under_way <= 2 * CONNECTIONS + 64
    for message in in_hand:
        flow.done(message, reply())
    flow.take_back()
    ended += [answer.candidate.delivery.id for answer in flow.answers()]
    assert sorted(ended) == granted
    assert flow.under_way == 0


def test_what_is_stale_is_not_begun_but_handed_back(flow):
    flow.grant([candidate(1)], intended=elapsed() - STALE)
    flow.grant([candidate(2)], intended=elapsed())
    taken = flow.take()
    assert taken is not None
    assert taken.recipient == "r2@example.org"
    [answer] = flow.answers()
    assert (answer.candidate.delivery.id, classify(answer.reply)) == (1, Outcome.HAND_BACK)


def test_content_may_be_written_while_the_intent_is_fresh(flow):
    flow.grant([candidate(1)], intended=elapsed())
    message = flow.take()
    elapsed.now += STALE * 0.99
    assert flow.may_write(message)
    elapsed.now += STALE * 0.02
    assert not flow.may_write(message)


def test_intents_are_written_ahead_only_as_far_as_the_relay_is_quick(flow):
    """A slow relay: no more than one for each connection waits. A quick one: many."""
    assert flow.room == CONNECTIONS
    for number in range(200):
        flow.grant([candidate(number)], intended=elapsed())
        message = flow.take()
        elapsed.now += 0.001
        flow.done(message, reply())
        flow.answers()
    assert flow.room == CONNECTIONS  # the first ones wait for no others
    flow.grant([candidate(200)], intended=elapsed())
    assert flow.room == 2 * CONNECTIONS + 64 - 1


def test_behind_a_slow_relay_nothing_waits(flow):
    """Each would be stale before its session is free: intents, and rows of them handed back, without end."""
    flow._pace = 2 * STALE
    flow.grant([candidate(number) for number in range(CONNECTIONS - 1)], intended=elapsed())
    for _ in range(CONNECTIONS - 1):
        assert flow.take() is not None
    assert flow.room == 1
    flow.grant([candidate(9)], intended=elapsed())
    assert flow.take() is not None
    assert flow.room == 0


def test_behind_a_relay_that_fell_silent_nothing_waits_either(flow):
    """It was quick until now. Planted bug: the pace is that of the hand-overs that ended."""
    flow._pace = STALE / 100
    flow.grant([candidate(number) for number in range(CONNECTIONS)], intended=elapsed())
    for _ in range(CONNECTIONS):
        assert flow.take() is not None
    assert flow.room > 0
    elapsed.now += STALE
    assert flow.room == 0


class Session:
    """Is at a late 354. Told to go on it looks whether it may; else its hand-over ends."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.heard = flow, []
        flow.grant([candidate(1)], intended=elapsed())
        self.message = flow.take()
        flow.ask(self.message, self.told)

    def told(self, goes_on: bool) -> None:
        self.heard.append(goes_on)
        if not goes_on:
            self.end()

    def end(self) -> None:
        self.flow.done(self.message, reply(0, phase=Phase.DATA))


@pytest.mark.parametrize("granted", [{1}, set()])
def test_who_is_late_goes_on_when_the_guard_says_so_and_is_told_once(flow, granted):
    session, late = Session(flow), flow.late()
    for _ in range(2):
        flow.renew(late, granted=granted, intended=elapsed())
    assert session.heard == [bool(granted)]
    assert len(flow.answers()) == 1 - len(granted)
    assert flow.under_way == len(granted)
    assert not granted or flow.may_write(session.message)
    assert flow.late() == []


@pytest.mark.parametrize("asked", [True, False])
def test_who_ends_while_the_guard_is_asked_is_told_nothing_more(flow, asked):
    session = Session(flow)
    late = flow.late() if asked else []
    session.end()
    flow.renew(late, granted={1}, intended=elapsed())
    assert (session.heard, len(flow.answers()), flow.under_way, flow.late()) == ([], 1, 0, [])


def test_who_is_late_when_nothing_may_go_is_taken_back(flow):
    session = Session(flow)
    flow.take_back()
    assert (session.heard, len(flow.answers()), flow.late()) == ([False], 1, [])


@pytest.mark.parametrize(
    ("ends", "reachable"),
    [
        (reply(0, phase=Phase.CONNECT), False),  # no relay was found
        (reply(0, phase=Phase.DOT), True),  # one broke: the next session may find another
        (reply(450, phase=Phase.RCPT), True),
    ],
)
def test_without_a_relay_nothing_more_is_begun(flow, ends, reachable):
    flow.grant([candidate(1)], intended=elapsed())
    flow.done(flow.take(), ends)
    assert flow.reachable is reachable


def test_sessions_wait_for_what_is_granted_and_go_home_at_the_end(flow):
    async def scene() -> list[bool]:
        waiting = [asyncio.create_task(flow.more()) for _ in range(CONNECTIONS)]
        await asyncio.sleep(0)
        flow.grant([candidate(1)], intended=elapsed())
        first = await waiting[0]
        flow.close()
        return [first, *await asyncio.gather(*waiting[1:])]

    assert asyncio.run(scene()) == [True, False, False]
