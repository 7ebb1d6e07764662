"""What each reply means: exactly one outcome each, doubt only where a dot was written and nothing came."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.model.message import Phase, Reply
from distributor.policy.lifecycle import DELIVERY, DeliveryState
from distributor.policy.replies import (
    Outcome,
    classify,
    is_policy,
    looks_like_us,
    refuses_entry,
    refuses_us,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def reply(
    phase: str, code: int, enhanced: str | None = None, *, text: str = "", written: bool = True
) -> Reply:
    return Reply(code, enhanced, text, "main", Phase(phase), NOW, NOW, written)


@pytest.mark.parametrize(
    ("phase", "code", "enhanced", "outcome"),
    [
        ("dot", 250, "2.0.0", "accept"),
        ("dot", 250, None, "accept"),
        ("dot", 250, "5.0.0", "accept"),  # it took responsibility; the status beside it is a slip
        ("dot", 0, None, "doubt"),
        ("data", 0, None, "hand_back"),
        ("rcpt", 0, None, "hand_back"),
        ("mail", 0, None, "hand_back"),
        ("connect", 0, None, "hand_back"),
        ("connect", 554, "5.7.1", "hand_back"),  # the relay's trouble with us, whatever it says
        # 421: until the recipient is named it cannot be about her
        ("mail", 421, "4.3.2", "hand_back"),
        ("rcpt", 421, "4.7.0", "defer"),
        ("data", 421, None, "defer"),
        ("dot", 421, None, "defer"),
        # the sender: nobody is rejected for it
        ("mail", 451, None, "defer"),
        ("mail", 550, "5.1.8", "defer"),
        ("mail", 552, "5.3.4", "defer"),
        ("mail", 550, "5.7.1", "hand_back"),  # policy: another relay may take it
        ("mail", 530, None, "hand_back"),  # credentials, likewise
        # the recipient
        ("rcpt", 550, "5.1.1", "reject"),
        ("rcpt", 550, None, "reject"),
        ("rcpt", 553, "5.6.7", "reject"),  # a non-ASCII address and no SMTPUTF8
        ("rcpt", 501, "5.1.3", "reject"),
        ("rcpt", 501, None, "reject"),
        ("rcpt", 450, "4.2.1", "defer"),
        ("rcpt", 451, None, "defer"),  # greylisting
        ("rcpt", 452, "4.5.3", "defer"),  # too many recipients
        ("rcpt", 552, None, "defer"),  # RFC 5321 §4.5.3.1.10
        ("rcpt", 552, "5.2.2", "defer"),  # a full mailbox empties
        ("rcpt", 552, "5.2.3", "reject"),  # too large for this mailbox, for ever
        ("dot", 552, "5.3.4", "reject"),
        ("rcpt", 550, "5.7.1", "defer"),  # policy is our fault until proven otherwise
        ("dot", 550, "5.7.515", "defer"),  # Microsoft: not authenticated
        ("dot", 550, "5.7.26", "defer"),  # Gmail: likewise
        ("data", 554, "5.5.1", "defer"),  # the conversation, not the message
        ("rcpt", 503, None, "defer"),
        ("rcpt", 530, None, "defer"),
        ("dot", 554, None, "reject"),
        ("dot", 451, "4.3.0", "defer"),  # a definite no after the dot is no doubt
        # the status beats the code
        ("rcpt", 450, "5.1.1", "reject"),
        ("rcpt", 550, "4.2.2", "defer"),
        ("rcpt", 550, "5.0.0", "reject"),  # a status that says nothing leaves it to the code
        ("rcpt", 550, "nonsense", "reject"),
        # unknown is temporary
        ("rcpt", 571, None, "defer"),
        ("dot", 599, None, "defer"),
        ("dot", 354, None, "defer"),
        ("rcpt", 250, None, "defer"),
    ],
)
def test_meaning(phase, code, enhanced, outcome):
    assert classify(reply(phase, code, enhanced)) == outcome


ANY_REPLY = st.builds(
    reply,
    st.sampled_from([phase.value for phase in Phase]),
    st.one_of(st.just(0), st.integers(-1, 999)),
    st.one_of(st.none(), st.text(max_size=12), st.from_regex(r"[245]\.\d{1,3}\.\d{1,3}", fullmatch=True)),
    text=st.text(max_size=40),
    written=st.booleans(),
)


@given(ANY_REPLY)
def test_every_reply_is_an_event_of_a_delivery_that_is_sending(any_reply):
    """Planted bugs: doubt before the dot; a policy refusal that rejects; a rejection at MAIL."""
    outcome = classify(any_reply)
    assert DeliveryState.SENDING in DELIVERY.sources(outcome)
    if not any_reply.written:
        assert outcome is Outcome.HAND_BACK
    after_dot = any_reply.phase is Phase.DOT and any_reply.written
    assert (outcome is Outcome.DOUBT) == (after_dot and any_reply.code == 0)
    if outcome is Outcome.ACCEPT:
        assert after_dot
        assert 200 <= any_reply.code <= 299
    if outcome is Outcome.REJECT:
        assert any_reply.phase in (Phase.RCPT, Phase.DATA, Phase.DOT)
        assert 400 <= any_reply.code <= 599
        assert not (any_reply.enhanced or "").startswith("5.7.")


@given(ANY_REPLY, st.text(max_size=60))
def test_words_of_the_relay_change_nothing(any_reply, words):
    other = reply(
        any_reply.phase.value, any_reply.code, any_reply.enhanced, text=words, written=any_reply.written
    )
    assert classify(other) is classify(any_reply)


@pytest.mark.parametrize(
    ("phase", "code", "enhanced", "refuses"),
    [
        ("mail", 550, "5.7.1", True),
        ("mail", 530, "5.7.0", True),
        ("mail", 535, None, True),
        ("mail", 450, "4.7.1", False),  # temporary: this relay, later
        ("mail", 552, "5.3.4", False),  # about this message
        ("rcpt", 550, "5.7.1", False),  # about this recipient, perhaps
        ("dot", 550, "5.7.26", False),
    ],
)
def test_refusal_of_us_and_not_of_the_message(phase, code, enhanced, refuses):
    assert refuses_us(reply(phase, code, enhanced)) is refuses


@pytest.mark.parametrize(
    ("code", "enhanced", "refuses"),
    [
        (554, None, True),  # the greeting that says: no service (RFC 5321 §3.1)
        (554, "5.7.1", True),
        (550, "5.7.1", True),  # EHLO: this client is not wanted
        (535, "5.7.8", True),  # the password
        (535, None, True),
        (530, None, True),
        (550, None, False),  # unknown is temporary
        (521, None, False),
        (554, "5.3.2", True),  # whatever stands beside it
        (421, "4.3.2", False),
        (454, "4.7.0", False),  # TLS is not available now
        (0, None, False),
    ],
)
def test_entry_that_is_refused(code, enhanced, refuses):
    assert refuses_entry(code, enhanced) is refuses


@pytest.mark.parametrize(
    ("phase", "code", "enhanced", "policy"),
    [
        ("rcpt", 550, "5.7.1", True),
        ("dot", 550, "5.7.26", True),
        ("dot", 250, "5.7.1", False),  # taken, whatever the status says
        ("dot", 550, "5.1.1", False),
        ("mail", 550, "5.7.1", False),  # about us: another rule
    ],
)
def test_policy_refusal_of_one_recipient_or_message(phase, code, enhanced, policy):
    assert is_policy(reply(phase, code, enhanced)) is policy


@pytest.mark.parametrize(
    ("refused", "us"),
    [
        ("a a b b c", True),  # 5, of 3 domains
        ("a b c d", False),  # 4 are too few
        ("a a a a a b", False),  # 2 domains: they may have their reasons
        ("a b c d e" + " -" * 15, True),  # within the last 20
        ("a b c d e" + " -" * 16, False),  # one of them is too long ago
    ],
)
def test_policy_refusals_from_many_sides_are_about_us(refused, us):
    assert looks_like_us([None if word == "-" else word for word in refused.split()]) is us
