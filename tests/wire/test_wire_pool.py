"""Which relay gets a message, over how many connections, and how often one that failed is tried.

The clock of the pool is the test's: nothing waits for a back-off to pass.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from distributor.model.message import Message, Phase, Reply
from distributor.policy.replies import Outcome, classify
from distributor.wire.pool import Pool
from distributor.wire.timeouts import Timeouts
from tests.torture.faulty import Faulty, Once
from tests.wire.rigged import Rigged, Visit

CONTENT = b"Subject: Harbour opens\r\n\r\nThe harbour opens.\r\n"


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def message(recipient: str = "ada@example.com") -> Message:
    return Message("press@example.org", recipient, (CONTENT,), "<1@example.org>")


def messages(count: int) -> list[Message]:
    return [message(f"r{number}@example.com") for number in range(count)]


async def hand_over(pool: Pool, *them: Message) -> list[Reply]:
    """All at the same time."""
    them = them or (message(),)
    return list(await asyncio.gather(*(pool.hand_over(one, may_write=lambda: True) for one in them)))


def outcomes(replies: Iterable[Reply]) -> Counter[str]:
    return Counter(classify(reply).value for reply in replies)


def play(scene, *relays: Rigged, connections: int = 2, priorities: tuple[int, ...] = (), **options):
    """Run `scene(pool, clock)` over these relays, named r0, r1 …"""

    async def run():
        clock = Clock()
        async with AsyncExitStack() as stack:
            for relay in relays:
                await stack.enter_async_context(relay)
            addresses = [
                relay.address(name=f"r{n}", connections=connections, priority=(priorities or (0,) * 9)[n])
                for n, relay in enumerate(relays)
            ]
            pool = Pool(addresses, clock=clock, jitter=lambda: 0.0, **options)
            try:
                return await scene(pool, clock)
            finally:
                await pool.close()

    return asyncio.run(run())


# Connections


def test_never_more_connections_than_configured_and_all_of_them_used():
    """Planted bug: opening without counting those under way opens one for each message."""
    relay = Rigged()
    replies = play(lambda pool, _: hand_over(pool, *messages(40)), relay, connections=3)
    assert outcomes(replies) == {"accept": 40}
    assert sorted(relay.accepted) == sorted(one.recipient for one in messages(40))
    assert relay.connections == 3


def test_one_after_the_other_needs_one_connection():
    relay = Rigged()

    async def scene(pool, _):
        for one in messages(5):
            await hand_over(pool, one)

    play(scene, relay, connections=4)
    assert (relay.connections, len(relay.accepted)) == (1, 5)


def test_warm_opens_all_once():
    relay = Rigged()

    async def scene(pool, _):
        first = await pool.warm()
        said = len(relay.commands)
        second = await pool.warm()
        return first, second, len(relay.commands) - said

    assert play(scene, relay, connections=5) == (5, 5, 0)
    assert relay.connections == 5


def test_relay_that_gives_fewer_connections_keeps_those_it_gave():
    """Planted bug: a refused *further* connection that shuts the relay leaves the good ones unused."""
    relay = Rigged(limit=2)

    async def scene(pool, _):
        return await pool.warm(), await hand_over(pool, *messages(20)), pool.unavailable_reason

    opened, replies, reason = play(scene, relay, connections=6)
    assert (opened, outcomes(replies), reason) == (2, {"accept": 20}, None)


def test_quits_politely_and_hands_over_nothing_more():
    relay = Rigged()

    async def scene(pool, _):
        await pool.warm()
        await pool.close()
        return (await hand_over(pool))[0], await pool.warm()

    reply, opened = play(scene, relay)
    assert (reply.phase, reply.code, classify(reply), opened) == (Phase.CONNECT, 0, Outcome.HAND_BACK, 0)
    assert relay.sent("QUIT") == 2
    assert relay.accepted == []


# Idle sessions


def test_session_that_the_relay_closed_meanwhile_makes_no_doubt():
    relay = Rigged()

    async def scene(pool, _):
        await pool.warm()
        relay.hang_up()
        return await hand_over(pool, *messages(4))

    assert outcomes(play(scene, relay)) == {"accept": 4}


def test_session_that_rested_is_asked_first():
    """A firewall forgot the connection: nobody hears of it until something is said.

    Planted bug: without the question the message itself finds out.
    """
    relay = Rigged()

    async def scene(pool, clock):
        await hand_over(pool)
        relay.faults["noop"] = "reset"
        clock.now += 60
        replies = await hand_over(pool, message("bo@example.com"))
        clock.now += 1
        return replies + await hand_over(pool, message("cy@example.com"))

    assert outcomes(play(scene, relay)) == {"accept": 2}
    assert (relay.sent("NOOP"), relay.connections) == (1, 2)


def test_warm_asks_those_that_rested_and_replaces_the_dead():
    relay = Rigged()

    async def scene(pool, clock):
        await pool.warm()
        clock.now += 60
        asked = await pool.warm()
        relay.faults["noop"] = "hanging"
        clock.now += 60
        return asked, await pool.warm()

    assert play(scene, relay, connections=3, timeouts=Timeouts(polite=0.3)) == (3, 3)
    assert (relay.sent("NOOP"), relay.connections) == (6, 6)


# Several relays


def test_lowest_priority_number_first_then_the_next():
    main, spare = Rigged(), Rigged()

    async def scene(pool, clock):
        before = await hand_over(pool, *messages(6))
        main.faults["banner"] = "554 5.3.2 out of order"
        main.hang_up()
        during = await hand_over(pool, *messages(6))
        main.faults.clear()
        clock.now += 60
        tried = await hand_over(pool)
        return before + during + tried + await hand_over(pool, *messages(6))

    replies = play(scene, main, spare, priorities=(1, 2))
    assert [reply.relay for reply in replies] == ["r0"] * 6 + ["r1"] * 6 + ["r0"] * 7
    assert outcomes(replies) == {"accept": 19}


def test_equal_priorities_share_the_load():
    one, other = Rigged(), Rigged()
    replies = play(lambda pool, _: hand_over(pool, *messages(20)), one, other)
    assert outcomes(replies) == {"accept": 20}
    assert len(one.accepted) >= 5
    assert len(other.accepted) >= 5


def test_relay_that_refuses_us_is_passed_over():
    """5.7.x at MAIL is about us: the next relay gets the message, and nobody is rejected for it."""
    strict, kind = Rigged(faults={"mail": "550 5.7.1 not your address"}), Rigged()
    replies = play(lambda pool, _: hand_over(pool, *messages(8)), strict, kind, priorities=(1, 2))
    assert outcomes(replies) == {"accept": 8}
    assert {reply.relay for reply in replies} == {"r1"}
    assert strict.sent("MAIL") <= 2


def test_when_every_relay_refuses_us_all_waits_and_the_reason_is_told():
    strict = Rigged(faults={"mail": "550 5.7.1 not your address"})

    async def scene(pool, clock):
        replies = await hand_over(pool, *messages(8))
        closed = await pool.warm(), pool.unavailable_reason
        strict.faults.clear()
        clock.now += 60
        replies_later = await hand_over(pool, *messages(8))
        return replies, closed, replies_later, pool.unavailable_reason

    replies, closed, later, reason = play(scene, strict)
    assert outcomes(replies) == {"hand_back": 8}
    assert closed[0] == 0
    assert "550 5.7.1 not your address" in closed[1]
    assert (outcomes(later), reason) == ({"accept": 8}, None)


# Relays that fail


def test_relay_that_is_down_is_tried_at_most_once_in_ten_seconds():
    """Planted bug: a try for each message and each look of the sender."""
    down = Rigged(faults={"banner": "421 4.3.2 closed"})

    async def scene(pool, clock):
        replies, opened = [], []
        for _ in range(100):
            clock.now += 1
            opened.append(await pool.warm())
            replies += await hand_over(pool, *messages(3))
        return replies, opened, pool.unavailable_reason

    replies, opened, reason = play(scene, down, connections=4)
    assert outcomes(replies) == {"hand_back": 300}
    assert {(reply.code, reply.phase) for reply in replies} == {(0, Phase.CONNECT)}
    assert set(opened) == {0}
    assert 2 <= down.connections <= 10
    assert "r0 (127.0.0.1" in reason
    assert "421 4.3.2 closed" in reason


def test_probe_under_way_is_not_waited_for():
    """While the one try after the back-off hangs, the others hear at once that there is no relay."""
    down = Rigged(faults={"banner": "421 4.3.2 closed"})

    async def scene(pool, clock):
        await hand_over(pool)
        down.faults["banner"] = "hanging"
        clock.now += 60
        probing = asyncio.create_task(hand_over(pool))
        while down.connections < 2:
            await asyncio.sleep(0)
        replies = await hand_over(pool, *messages(5))
        under_way = not probing.done()
        probing.cancel()
        await asyncio.wait([probing])
        return replies, under_way

    replies, under_way = play(scene, down)
    assert under_way
    assert outcomes(replies) == {"hand_back": 5}
    assert down.connections == 2


def test_relay_comes_back():
    relay = Rigged(faults={"banner": "554 5.3.2 down"})

    async def scene(pool, clock):
        first = await pool.warm()
        relay.faults.clear()
        clock.now += 16
        return first, await pool.warm(), pool.unavailable_reason

    assert play(scene, relay, connections=3) == (0, 3, None)


def test_relay_whose_sessions_all_break_is_left_alone():
    """A relay that takes the dot and says nothing would make one doubtful delivery after the other.

    Planted bug: reconnecting for ever makes all thirty doubtful.
    """
    relay = Rigged(faults={"dot": "reset"})

    async def scene(pool, clock):
        replies = [reply for one in messages(30) for reply in await hand_over(pool, one)]
        relay.faults.clear()
        clock.now += 60
        return replies, pool.unavailable_reason, await hand_over(pool), pool.unavailable_reason

    replies, reason, later, cleared = play(scene, relay)
    assert outcomes(replies) == {"doubt": 3, "hand_back": 27}
    assert "DOT" in reason
    assert (outcomes(later), cleared) == ({"accept": 1}, None)


def test_one_recipient_that_breaks_the_session_does_not_hold_up_the_others():
    relay = Rigged(refused={"poison@example.com": "what"})

    async def scene(pool, _):
        pairs = [(message("poison@example.com"), one) for one in messages(10)]
        return [reply for pair in pairs for one in pair for reply in await hand_over(pool, one)]

    replies = play(scene, relay)
    assert outcomes(replies) == {"hand_back": 10, "accept": 10}
    assert len(relay.accepted) == 10


def test_relay_that_breaks_the_order_is_spoken_to_one_by_one():
    relay = Rigged(faults={"mail": "early"})

    async def scene(pool, _):
        first = await hand_over(pool)
        relay.faults["mail"] = "listening"  # answers only when RCPT and DATA are there too
        return first + await hand_over(pool)

    replies = play(scene, relay, timeouts=Timeouts(command=0.5))
    assert outcomes(replies) == {"hand_back": 2}


# Taking back, cancelling


def test_nothing_is_said_for_a_message_that_was_taken_back_before_its_turn():
    relay = Rigged()

    async def scene(pool, _):
        await pool.warm()
        return await pool.hand_over(message(), may_write=lambda: False), await hand_over(pool)

    taken_back, others = play(scene, relay, connections=1)
    assert (taken_back.written, classify(taken_back)) == (False, Outcome.HAND_BACK)
    assert outcomes(others) == {"accept": 1}
    assert (relay.sent("MAIL"), relay.connections) == (1, 1)


def test_cancelled_hand_overs_give_their_connection_back():
    """One is cancelled over the wire, one while it waits for a free session.

    Planted bug: a count that only goes down when the hand-over ends well.
    """
    relay = Rigged(faults={"data": "hanging"})

    async def scene(pool, _):
        sending = asyncio.create_task(hand_over(pool))
        while not relay.sent("DATA"):
            await asyncio.sleep(0)
        waiting = asyncio.create_task(hand_over(pool))
        await asyncio.sleep(0)
        for task in (waiting, sending):
            task.cancel()
            await asyncio.wait([task])
        relay.faults.clear()
        return await hand_over(pool, *messages(3))

    assert outcomes(play(scene, relay, connections=1)) == {"accept": 3}
    assert len(relay.accepted) == 3


def test_cancelled_openings_give_their_connection_back():
    relay = Rigged(faults={"ehlo": "hanging"})

    async def scene(pool, _):
        tasks = [asyncio.create_task(pool.warm()), asyncio.create_task(hand_over(pool))]
        while not relay.sent("EHLO"):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        relay.faults.clear()
        return await hand_over(pool, *messages(3)), await pool.warm()

    replies, opened = play(scene, relay, connections=2)
    assert (outcomes(replies), opened) == ({"accept": 3}, 2)


def test_no_relay_at_all():
    async def scene(pool, _):
        return await pool.warm(), (await hand_over(pool))[0].phase, pool.unavailable_reason

    assert play(scene) == (0, Phase.CONNECT, "no relay is configured")


# Trouble, and the end


def test_refusals_count_only_while_every_relay_refuses_us():
    """Planted bug: a relay that is merely down counts as one that refuses us: all would be held for it."""
    strict, down = (
        Rigged(faults={"banner": "554 5.7.1 go away"}),
        Rigged(faults={"banner": "421 4.3.2 later"}),
    )

    async def scene(pool, clock):
        opened = await pool.warm()
        partly = pool.refusals
        down.faults["banner"] = "554 no service"
        clock.now += 60
        await pool.warm()
        wholly = pool.refusals
        down.faults.clear()
        clock.now += 120
        await pool.warm()
        return opened, partly, wholly, pool.refusals

    opened, partly, wholly, after = play(scene, strict, down, priorities=(1, 2))
    assert (opened, partly, after) == (0, 0, 0)
    assert wholly > 0


def test_the_reason_has_no_address_and_no_password():
    relay = Rigged(faults={"auth": "535 5.7.8 ECHO no such user press@example.org"})

    async def scene():
        async with relay:
            pool = Pool([relay.address(username="press@example.org", password="hush hush")])
            await pool.warm()
            return pool.unavailable_reason

    reason = asyncio.run(scene())
    assert "535 5.7.8" in reason
    assert "@" not in reason
    assert "hush" not in reason
    assert "aHVzaCBodXNo" not in reason  # base64


def test_drop_leaves_doubt_where_the_dot_was_written_and_nowhere_else():
    """One message waits for the answer to its dot, one for a free session.

    Planted bug: sessions that are lent are left alone: the hand-over waits ten minutes.
    """
    relay = Rigged(faults={"dot": "hanging"})

    async def scene(pool, _):
        sending = asyncio.create_task(hand_over(pool, *messages(2)))
        while not relay.messages:
            await asyncio.sleep(0)
        pool.drop()
        return await sending, await pool.warm()

    replies, opened = play(scene, relay, connections=1)
    assert outcomes(replies) == {"doubt": 1, "hand_back": 1}
    assert opened == 0


def test_drop_ends_an_opening_that_hangs():
    relay = Rigged(faults={"ehlo": "hanging"})

    async def scene(pool, _):
        warming = asyncio.create_task(pool.warm())
        while not relay.sent("EHLO"):
            await asyncio.sleep(0)
        pool.drop()
        return await warming

    assert play(scene, relay) == 0


def test_a_connection_that_keeps_silent_holds_up_none_of_the_others():
    """Planted: `warm` that waits for all it opens; nothing is accepted until the silent one is given up."""
    relay = Faulty(faults=Once("banner", "hanging"))

    async def scene(pool, _):
        return await pool.warm(), await hand_over(pool, *messages(4))

    opened, replies = play(scene, relay, connections=3)
    assert opened == 2
    assert outcomes(replies) == {"accept": 4}
    assert relay.meanwhile == [4]  # had theirs when the pool was closed, and the silent one with it


def test_a_session_that_has_proved_itself_is_taken_before_a_new_one():
    """Else the last messages go round over connections that are opened anew and never do any work."""
    used = []

    class Noting(Visit):
        async def _mail(self, line):
            used.append(id(self))
            await super()._mail(line)

    async def scene(pool, _):
        await hand_over(pool)
        assert await pool.warm() == 2
        await hand_over(pool)

    play(scene, Rigged(visit=Noting))
    assert len(used) == 2
    assert len(set(used)) == 1
