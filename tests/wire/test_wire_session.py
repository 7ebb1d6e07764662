"""One session: what goes over the wire, and what each end of a hand-over is."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from distributor.model.message import Message, Phase, Reply, Single
from distributor.policy.replies import Outcome, classify
from distributor.wire import connect
from distributor.wire.session import Session
from distributor.wire.timeouts import Timeouts
from tests.wire.rigged import KEYWORDS, Rigged

BODY = b"Subject: =?utf-8?q?H=C3=A4fen?=\r\n\r\n=2E a line that began with a dot\r\n" + b"x" * 900 + b"\r\n"
PIPELINING = pytest.mark.parametrize("keywords", [KEYWORDS, KEYWORDS[1:]], ids=["at once", "one by one"])


def message(recipient: str = "ada@example.com", *, sender: str = "press@example.org", content: bytes = BODY):
    return Message(sender=sender, recipient=recipient, pieces=(content,), message_id="<1@example.org>")


def play(relay: Rigged, scene, **options):
    """Run `scene(session)` against the relay."""

    async def run():
        async with relay:
            session = await connect.open(relay.address(), **options)
            try:
                return await scene(session)
            finally:
                session.drop("the scene is over")

    return asyncio.run(run())


async def send(session: Session, *messages: Message) -> list[Reply]:
    return [await _one(session, one) for one in messages or (message(),)]


async def _one(session: Session, one: Message, *, may_write: Callable[[], bool] = lambda: True) -> Reply:
    load = Single(None, may_write)
    left = await session.carry(one, load)
    reply = left.reply if left else load.reply
    assert reply is not None
    return reply


@PIPELINING
def test_content_arrives_as_it_stands(keywords):
    relay = Rigged(keywords=keywords)
    big = b"Subject: long\r\n\r\n" + b"0123456789\r\n" * 90_000
    replies = play(relay, lambda session: send(session, message(), message("bo@example.com", content=big)))
    assert [content for _, _, content in relay.messages] == [BODY, big]
    assert relay.accepted == ["ada@example.com", "bo@example.com"]
    assert [(reply.code, reply.enhanced, reply.text) for reply in replies] == [(250, "2.0.0", "queued")] * 2
    assert {reply.relay for reply in replies} == {"rigged"}
    assert {reply.phase for reply in replies} == {Phase.DOT}


def test_times_of_a_reply_are_the_clock_it_was_given():
    ticks = iter(datetime(2026, 3, 2, 9, 0, second, tzinfo=UTC) for second in range(60))
    replies = play(Rigged(), send, now=lambda: next(ticks))
    assert replies[0].finished - replies[0].started == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("keywords", "code"), [(KEYWORDS, 250), (KEYWORDS[1:], 0)], ids=["at once", "one by one"]
)
def test_envelope_goes_in_one_write_where_that_is_offered(keywords, code):
    """A relay that answers MAIL only when it has RCPT and DATA too."""
    relay = Rigged(keywords=keywords, faults={"mail": "listening"})
    assert play(relay, send, timeouts=Timeouts(command=1))[0].code == code


@PIPELINING
def test_taken_back_after_354_nothing_is_delivered(keywords):
    """Planted bug: without the question before the write the relay accepts it."""
    relay, asked = Rigged(keywords=keywords), []

    async def scene(session: Session) -> tuple[Reply, bool]:
        reply = await _one(session, message(), may_write=lambda: bool(asked.append(len(relay.commands))))
        return reply, session.alive

    reply, alive = play(relay, scene)
    assert (reply.written, reply.code, reply.phase, alive) == (False, 0, Phase.DATA, False)
    assert classify(reply) is Outcome.HAND_BACK
    assert len(asked) == 1
    assert relay.commands[asked[0] - 1] == "DATA"
    assert (relay.messages, relay.accepted) == ([], [])


@PIPELINING
@pytest.mark.parametrize("after", ["554 5.5.1 no valid recipients", "354 go ahead"], ids=["refused", "354"])
def test_refused_recipient_leaves_the_session_good(keywords, after):
    """Planted bug: content sent after that 354, or no RSET before the next MAIL."""
    relay = Rigged(
        keywords=keywords,
        refused={"unknown@example.com": "550 5.1.1 unknown"},
        data_without_recipient=after,
    )
    replies = play(
        relay, lambda s: send(s, message("unknown@example.com"), message(), message("bo@example.com"))
    )
    assert [(reply.phase, reply.code) for reply in replies] == [
        (Phase.RCPT, 550),
        (Phase.DOT, 250),
        (Phase.DOT, 250),
    ]
    assert replies[0].enhanced == "5.1.1"
    assert [recipient for _, recipient, _ in relay.messages] == ["ada@example.com", "bo@example.com"]
    assert (relay.connections, relay.sent("RSET")) == (1, 1)


def test_relay_that_counts_wrongly_is_spoken_to_one_by_one():
    relay = Rigged(faults={"mail": "early"})

    async def scene(session: Session) -> tuple[Reply, bool]:
        return (await send(session))[0], session.disorderly

    reply, disorderly = play(relay, scene)
    assert disorderly
    assert classify(reply) is Outcome.HAND_BACK
    assert play(Rigged(), scene)[1] is False


@PIPELINING
def test_reply_that_begins_before_its_time_is_not_waited_for(keywords):
    """Planted bug: only whole replies are looked at before the dot."""
    relay = Rigged(keywords=keywords, faults={"data": "half"})
    reply = play(relay, send)[0]
    assert (reply.phase, classify(reply)) == (Phase.DATA, Outcome.HAND_BACK)
    assert relay.messages == []


@PIPELINING
@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        ("mail", "354 go ahead", Outcome.HAND_BACK),
        ("rcpt", "354 go ahead", Outcome.HAND_BACK),
        ("data", "250 2.0.0 ok", Outcome.HAND_BACK),
        ("data", "355 go ahead", Outcome.HAND_BACK),  # nobody knows what it waits for
        ("dot", "354 go ahead", Outcome.DOUBT),
    ],
)
def test_answer_of_a_kind_that_the_step_cannot_have(keywords, step, answer, outcome):
    """Planted bug: every answer taken as one to the step makes a 354 after the dot a mere delay."""
    relay = Rigged(keywords=keywords, faults={step: answer})

    async def scene(session: Session) -> tuple[Reply, bool, bool]:
        return (await send(session))[0], session.alive, session.disorderly

    reply, alive, disorderly = play(relay, scene)
    assert (reply.code, reply.phase, classify(reply)) == (0, Phase(step), outcome)
    assert (alive, disorderly) == (False, True)


@PIPELINING
@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "dot"])
def test_session_ends_with_421(keywords, step):
    """Planted bug: a session that goes on after 421 meets a relay that has hung up (RFC 5321 §3.8)."""

    async def scene(session: Session) -> tuple[int, bool]:
        return (await send(session))[0].code, session.alive

    assert play(Rigged(keywords=keywords, faults={step: "421 4.3.2 bye"}), scene) == (421, False)


def test_sender_refused_but_recipient_taken_gets_no_dot():
    """Planted bug: the lone dot here too; what it would deliver nobody knows."""
    relay = Rigged(faults={"mail": "550 5.1.8 no such sender"}, lenient=True)

    async def scene(session: Session) -> tuple[Reply, bool]:
        return (await send(session))[0], session.alive

    reply, alive = play(relay, scene)
    assert (reply.phase, reply.code, reply.enhanced, alive) == (Phase.MAIL, 550, "5.1.8", False)
    assert relay.messages == []


@pytest.mark.parametrize(
    ("fields", "phase", "code", "enhanced"),
    [
        ({"recipient": "zoë@example.com"}, Phase.RCPT, 553, "5.6.7"),  # no SMTPUTF8
        ({"sender": "zoë@example.org"}, Phase.MAIL, 553, "5.6.7"),
        ({"recipient": "a@example.com>\r\nDATA"}, Phase.RCPT, 501, "5.1.3"),  # a command of its own
        ({"recipient": "a@example.com\nRCPT TO:<b@example.com"}, Phase.RCPT, 501, "5.1.3"),
        ({"recipient": "a@example.com> NOTIFY=NEVER"}, Phase.RCPT, 501, "5.1.3"),
        ({"recipient": "a\ud800@example.com"}, Phase.RCPT, 501, "5.1.3"),  # cannot be encoded
        ({"sender": "press@example.org\r\nRSET"}, Phase.MAIL, 501, "5.1.3"),
    ],
)
def test_address_that_cannot_be_written_is_refused_here(fields, phase, code, enhanced):
    relay = Rigged(keywords=("PIPELINING", "8BITMIME"))
    replies = play(relay, lambda session: send(session, message(**fields), message()))
    assert (replies[0].phase, replies[0].code, replies[0].enhanced) == (phase, code, enhanced)
    assert "not sent" in replies[0].text
    assert replies[1].code == 250  # the next one is not held up
    assert relay.sent("MAIL") == 1


def test_non_ascii_address_goes_where_smtputf8_is_offered():
    relay = Rigged()
    replies = play(relay, lambda session: send(session, message("zoë@example.com"), message()))
    assert [reply.code for reply in replies] == [250, 250]
    assert relay.accepted == ["zoë@example.com", "ada@example.com"]
    mails = [command for command in relay.commands if command.startswith("MAIL")]
    assert ["SMTPUTF8" in command for command in mails] == [True, False]
    assert ["BODY=8BITMIME" in command for command in mails] == [True, False]
    assert f"SIZE={len(BODY)}" in mails[0]


def test_empty_return_path():
    relay = Rigged()
    assert play(relay, lambda session: send(session, message(sender="")))[0].code == 250
    assert relay.commands[1].startswith("MAIL FROM:<>")


def test_long_words_of_a_relay_are_cut():
    reply = play(Rigged(faults={"rcpt": "550 " + "word " * 1000}), send)[0]
    assert len(reply.text) == 500


@pytest.mark.parametrize(("fault", "alive"), [(None, True), ("reset", False), ("421 4.4.2 bye", False)])
def test_idle_relay_is_asked(fault, alive):
    async def scene(session: Session) -> tuple[bool, bool]:
        return await session.check(), session.alive

    relay = Rigged(faults={"noop": fault} if fault else {})
    assert play(relay, scene) == (alive, alive)
    assert relay.sent("NOOP") == 1


@pytest.mark.parametrize(("fault", "code"), [(None, 250), ("550 5.7.1 not yours", 550), ("reset", 0)])
def test_sender_is_tried_without_sending(fault, code):
    relay = Rigged(faults={"mail": fault} if fault else {})
    reply = play(relay, lambda session: session.try_sender("press@example.org"))
    assert (reply.phase, reply.code) == (Phase.MAIL, code)
    assert relay.sent("RCPT") == 0
    assert relay.sent("RSET") == (1 if code else 0)


def test_cancelled_hand_over_leaves_no_session_behind():
    relay = Rigged(faults={"rcpt": "hanging"})

    async def scene(session: Session) -> bool:
        sending = asyncio.create_task(send(session))
        while not relay.sent("RCPT"):
            await asyncio.sleep(0)
        sending.cancel()
        await asyncio.wait([sending])
        assert sending.cancelled()
        return session.alive

    assert play(relay, scene) is False


def test_limits_are_those_of_the_standard():
    """RFC 5321 §4.5.3.2: five minutes for a command, ten after the dot."""
    limits = Timeouts()
    assert (limits.connect, limits.command, limits.dot) == (30, 300, 600)
