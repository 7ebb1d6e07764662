"""The envelope of the next message rides with the final dot of this one: one round trip a message.

Planted bugs, each caught here: a rider that is told as doubtful when the connection breaks at the dot
before it; a rider's content written although it was taken back meanwhile; replies of a rider that is
refused counted for the message after it; a rider that is forgotten when the session ends.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distributor.model.message import Message, Phase, Reply, Told
from distributor.policy.replies import Outcome, classify
from distributor.wire import connect
from distributor.wire.session import Left
from distributor.wire.timeouts import Timeouts
from tests.wire.rigged import KEYWORDS, Rigged

SOON = Timeouts(connect=2, command=2, dot=2, polite=1)


def message(name: str) -> Message:
    return Message(
        "press@example.org", f"{name}@example.com", (f"Subject: {name}\r\n\r\n".encode(),), f"<{name}@x>"
    )


@dataclass
class Waiting:
    """A load; `after` is called when a message is done, `allowed` before its content is written."""

    messages: deque[Message]
    after: Callable[[Message], object] = lambda _: None
    allowed: Callable[[Message], bool] = lambda _: True
    asked: Callable[[Message, Told], None] = lambda _, told: told(False)
    replies: dict[str, Reply] = field(default_factory=dict)

    def take(self) -> Message | None:
        return self.messages.popleft() if self.messages else None

    def may_write(self, message: Message) -> bool:
        return self.allowed(message)

    def ask(self, message: Message, told: Told) -> None:
        self.asked(message, told)

    def done(self, message: Message, reply: Reply) -> None:
        assert message.recipient not in self.replies, "told twice"
        self.replies[message.recipient] = reply
        self.after(message)


def carry(relay: Rigged, load: Waiting) -> Left | None:
    """Over one session, until it or the load ends."""

    async def run() -> Left | None:
        async with relay:
            session = await connect.open(relay.address(), timeouts=SOON)
            try:
                first = load.take()
                assert first is not None
                return await session.carry(first, load)
            finally:
                session.drop("the scene is over")

    return asyncio.run(run())


def names(*them: str) -> deque[Message]:
    return deque(message(name) for name in them)


@pytest.mark.parametrize("keywords", [KEYWORDS, KEYWORDS[1:]])
@pytest.mark.parametrize("granted", [True, False])
def test_at_a_late_354_the_relay_waits_until_the_load_has_said_whether_to_go_on(keywords, granted):
    """No content may be written at first. Granted, all go over one connection; else it ends there."""
    may = set()

    def allowed(message: Message) -> bool:
        return message.recipient in may

    def asked(message: Message, told: Told) -> None:
        may.add(message.recipient)
        asyncio.get_running_loop().call_soon(told, granted)

    relay = Rigged(keywords=keywords)
    load = Waiting(names("ada", "bob", "cyd"), allowed=allowed, asked=asked)
    carry(relay, load)
    assert relay.connections == 1
    if granted:
        assert [reply.code for reply in load.replies.values()] == [250] * 3
        assert relay.accepted == list(load.replies)
    else:
        assert relay.messages == []
        assert [(reply.code, reply.written) for reply in load.replies.values()] == [(0, False)]


def test_a_relay_that_hangs_up_while_it_waits_for_us_ends_the_message_once():
    waiting = []

    def asked(_: Message, told: Told) -> None:
        waiting.append(told)
        relay.hang_up()

    relay = Rigged()
    load = Waiting(names("ada"), allowed=lambda _: False, asked=asked)
    carry(relay, load)
    [reply] = load.replies.values()
    assert (reply.code, reply.phase, reply.written, len(waiting)) == (0, Phase.DATA, True, 1)


@pytest.mark.parametrize(("keywords", "rides"), [(KEYWORDS, True), (KEYWORDS[1:], False)])
def test_the_dot_is_answered_only_when_the_next_envelope_is_there(keywords, rides):
    """The relay waits at the second dot for MAIL and RCPT of the third message."""
    relay = Rigged(keywords=keywords)

    def at_the_second(done: Message) -> None:
        relay.faults = {"dot": "listening"} if done.recipient == "ada@example.com" else {}

    load = Waiting(names("ada", "bo", "cy"), after=at_the_second)
    assert carry(relay, load) is None
    assert load.replies["ada@example.com"].code == 250
    assert load.replies["bo@example.com"].code == (250 if rides else 0)
    assert relay.accepted == (
        ["ada@example.com", "bo@example.com", "cy@example.com"] if rides else ["ada@example.com"]
    )


def test_who_rides_is_not_in_doubt_when_the_connection_breaks_at_the_dot():
    relay = Rigged()

    def at_the_second(done: Message) -> None:
        relay.faults = {"dot": "reset"}

    load = Waiting(names("ada", "bo", "cy"), after=at_the_second)
    left = carry(relay, load)
    assert classify(load.replies["bo@example.com"]) is Outcome.DOUBT
    assert left is not None
    assert (left.message.recipient, left.reply.phase) == ("cy@example.com", Phase.MAIL)
    assert classify(left.reply) is Outcome.HAND_BACK
    assert load.replies.keys() == {"ada@example.com", "bo@example.com"}


def test_who_rides_and_is_taken_back_is_not_written():
    relay = Rigged()
    load = Waiting(names("ada", "bo", "cy", "di"), allowed=lambda m: m.recipient != "cy@example.com")
    assert carry(relay, load) is None
    assert classify(load.replies["cy@example.com"]) is Outcome.HAND_BACK
    assert [recipient for _, recipient, _ in relay.messages] == ["ada@example.com", "bo@example.com"]
    assert [one.recipient for one in load.messages] == ["di@example.com"]  # the session is over: not begun


@pytest.mark.parametrize("keywords", [KEYWORDS, KEYWORDS[1:]], ids=["at once", "one by one"])
def test_what_goes_wrong_in_the_load_is_told_to_whoever_carries(keywords):
    """Planted bug: the error ends in the event loop's log, and `carry` never returns."""

    def fail(_: Message) -> None:
        raise LookupError("nobody keeps books")

    relay = Rigged(keywords=keywords)
    with pytest.raises(LookupError, match="keeps books"):
        carry(relay, Waiting(names("ada", "bo", "cy"), after=fail))
    assert relay.accepted[0] == "ada@example.com"


def test_refused_here_by_the_hundred_is_no_matter():
    """Planted bug: a step that calls the next one for each: they end in a RecursionError."""
    unfit = [message(f"p{n}\r\nRSET") for n in range(1500)]
    relay, load = Rigged(), Waiting(deque([message("ada"), *unfit, message("bo")]))
    assert carry(relay, load) is None
    assert relay.accepted == ["ada@example.com", "bo@example.com"]
    assert sum(reply.code == 501 for reply in load.replies.values()) == 1500


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=9), st.sampled_from(["554 5.5.1 no", "354 go ahead"]))
def test_each_is_told_its_own_reply_whoever_is_refused(taken, after):
    """A relay that takes and refuses in any order, and after a refusal says 354 or not."""
    people = [f"p{n}" for n in range(len(taken))]
    refused = {
        f"{who}@example.com": "550 5.1.1 unknown" for who, kept in zip(people, taken, strict=True) if not kept
    }
    relay = Rigged(refused=refused, data_without_recipient=after)
    load = Waiting(names(*people))
    assert carry(relay, load) is None
    assert {who: reply.code for who, reply in load.replies.items()} == {
        f"{who}@example.com": 250 if kept else 550 for who, kept in zip(people, taken, strict=True)
    }
    assert relay.accepted == [f"{who}@example.com" for who, kept in zip(people, taken, strict=True) if kept]
    assert relay.connections == 1
