"""A relay with limits gets what was let out and no more; what one relay lacks, another may have.

Planted bugs, each caught here: a rider that needs no ration; a used-up relay that is still warmed; SMTPUTF8
asked of the first relay only; a refusal for good while the relay that may offer it cannot be reached.
"""

from collections import deque
from datetime import UTC, datetime, timedelta

import pytest

from distributor.model.message import Message, Phase
from distributor.policy.replies import Outcome, classify
from distributor.wire.pool import Pool
from tests.wire.rigged import Rigged
from tests.wire.test_wire_pool import message, messages, outcomes, play
from tests.wire.test_wire_riding import Waiting

ASCII_ONLY = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES")
ABROAD = Message("press@example.org", "åsa@example.com", (b"Subject: x\r\n\r\nx\r\n",), "<å@example.org>")


class Limited(Rigged):
    """`daily` in its address makes it a relay with limits."""

    def address(self, **fields):
        return super().address(**fields | {"daily": 1000})


def load(*them: Message):
    return Waiting(deque(them))


async def carry(pool: Pool, *them: Message):
    """Over one connection; the replies by recipient."""
    one = load(*them)
    await pool.carry(one)
    return one.replies


def test_no_more_than_was_let_out():
    """The rest is taken back, and nothing is in doubt."""
    relay = Limited()

    async def scene(pool, _):
        (ration,) = pool.rations
        before = pool.room
        ration.allow(3)
        replies = await carry(pool, *messages(5))
        return before, replies, pool.room, pool.unavailable_reason

    before, replies, after, reason = play(scene, relay)
    assert (before, after, reason) == (0, 0, None)
    assert outcomes(replies.values()) == {"accept": 3, "hand_back": 2}
    assert [reply.written for reply in replies.values()] == [True] * 3 + [False] * 2
    assert len(relay.messages) == 3


def test_relay_without_limits_needs_no_ration():
    relay = Rigged()

    async def scene(pool, _):
        return pool.room, pool.rations, await carry(pool, *messages(5))

    room, rations, replies = play(scene, relay)
    assert (room, rations) == (None, [])
    assert outcomes(replies.values()) == {"accept": 5}


def test_a_day_that_is_used_up_passes_to_the_next_relay_and_back():
    now = [datetime(2030, 3, 4, 9, 0, tzinfo=UTC)]
    first, second = Limited(), Rigged()

    async def scene(pool, _):
        (ration,) = pool.rations
        ration.close(until=now[0] + timedelta(hours=1), reason="daily limit of relay r0 reached")
        opened = await pool.warm()
        replies = list((await carry(pool, *messages(3))).values())
        reason = pool.unavailable_reason
        now[0] += timedelta(hours=1)
        ration.allow(2)
        replies += (await carry(pool, *messages(2))).values()
        return opened, replies, reason

    opened, replies, reason = play(scene, first, second, priorities=(0, 1), now=lambda: now[0])
    assert (opened, reason) == (2, None)
    assert [reply.relay for reply in replies] == ["r1"] * 3 + ["r0"] * 2
    assert first.connections == 1


def test_when_every_day_is_used_up_nothing_goes_and_it_says_why():
    relay = Limited()

    async def scene(pool, _):
        (ration,) = pool.rations
        ration.close(until=datetime.now(UTC) + timedelta(hours=1), reason="daily limit of relay r0 reached")
        return await pool.warm(), pool.room, pool.rations, pool.unavailable_reason

    assert play(scene, relay) == (0, 0, [], "daily limit of relay r0 reached")
    assert relay.connections == 0


def test_who_has_a_ration_is_preferred_among_equals():
    first, second = Limited(), Limited()

    async def scene(pool, _):
        pool.rations[1].allow(4)
        return await carry(pool, *messages(4))

    replies = play(scene, first, second)
    assert {reply.relay for reply in replies.values()} == {"r1"}


def test_a_test_copy_waits_for_no_rate():
    relay = Limited()

    async def scene(pool, _):
        replies = [await pool.hand_over(one, may_write=lambda: True) for one in messages(3)]
        return replies, pool.unused

    replies, unused = play(scene, relay)
    assert outcomes(replies) == {"accept": 3}
    assert unused == []


def test_what_is_taken_back_uses_nothing_up():
    relay = Limited()

    async def scene(pool, _):
        pool.rations[0].allow(1)
        one = load(message())
        one.allowed = lambda _: False
        await pool.carry(one)
        return pool.room

    assert play(scene, relay) == 1


# SMTPUTF8


@pytest.mark.parametrize("before", [0, 1, 4])  # alone; after others: it would have ridden
def test_goes_by_the_relay_that_offers_it(before):
    first, second = Rigged(keywords=ASCII_ONLY), Rigged()

    async def scene(pool, _):
        return await carry(pool, *messages(before), ABROAD, message("z@example.com"))

    replies = play(scene, first, second, priorities=(0, 1))
    assert outcomes(replies.values()) == {"accept": before + 2}
    assert [one for _, one, _ in second.messages] == [ABROAD.recipient]
    assert len(first.messages) == before + 1


@pytest.mark.parametrize("relays", [1, 2])
def test_offered_by_none_it_is_refused_for_this_one_recipient(relays):
    sinks = [Rigged(keywords=ASCII_ONLY) for _ in range(relays)]

    async def scene(pool, _):
        return await carry(pool, message(), ABROAD, message("z@example.com"))

    replies = play(scene, *sinks, priorities=(0, 1))
    refused = replies[ABROAD.recipient]
    assert (refused.phase, refused.code, refused.enhanced) == (Phase.RCPT, 553, "5.6.7")
    assert "SMTPUTF8" in refused.text
    assert classify(refused) is Outcome.REJECT
    assert outcomes(replies.values()) == {"accept": 2, "reject": 1}


def test_while_the_relay_that_may_offer_it_is_away_it_waits():
    first, second = Rigged(keywords=ASCII_ONLY), Rigged(faults={"banner": "reset"})

    async def scene(pool, _):
        return await carry(pool, ABROAD)

    reply = play(scene, first, second, priorities=(0, 1))[ABROAD.recipient]
    assert (reply.code, classify(reply)) == (451, Outcome.DEFER)
