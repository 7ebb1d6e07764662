"""Replies are read whole however the bytes come, and what is none is refused within bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.wire.lines import MOST_LINE, MOST_REPLY, MOST_TEXT, Garbled, Reading, SmtpReply


def read(*pieces: bytes) -> list[SmtpReply]:
    reading = Reading()
    answers = [answer for piece in pieces for answer in reading.feed(piece)]
    assert reading.empty
    return answers


@pytest.mark.parametrize(
    ("wire", "answer"),
    [
        (b"250 2.0.0 Ok: queued as 1\r\n", SmtpReply(250, "2.0.0", "Ok: queued as 1")),
        (b"250\r\n", SmtpReply(250, None, "")),  # RFC 5321 §4.2: text may be missing
        (b"354 go\n", SmtpReply(354, None, "go")),  # a bare line feed, as some relays send
        # several lines: joined, each without its status (RFC 2034 §4)
        (b"550-5.1.1 no such\r\n550 5.1.1 mailbox\r\n", SmtpReply(550, "5.1.1", "no such mailbox")),
        (b"550 5.1.10x no\r\n", SmtpReply(550, None, "5.1.10x no")),  # no status: a word
        (b"550 2.1 no\r\n", SmtpReply(550, None, "2.1 no")),
        (
            b"550 a\x00\x1b[31mb\r\n",
            SmtpReply(550, None, "a [31mb"),
        ),  # no control reaches a log or a terminal
        (b"550 \xff\xfe\r\n", SmtpReply(550, None, "��")),
    ],
)
def test_reply_is_read(wire, answer):
    assert read(wire) == [answer]


@pytest.mark.parametrize(
    "wire",
    [
        b"hello\r\n",
        b"\r\n",
        b"099 no\r\n",
        b"199 no\r\n",  # SMTP has no 1yz
        b"600 no\r\n",
        b"2500 no\r\n",
        b"250+no\r\n",
        b"250-one\r\n251 two\r\n",  # lines of different replies
        b"x" * (MOST_LINE + 1),
        b"250 " + b"x" * MOST_LINE + b"\r\n",
        b"250-x\r\n" * MOST_REPLY,
    ],
)
def test_nonsense_is_refused(wire):
    with pytest.raises(Garbled):
        list(Reading().feed(wire))


def test_what_came_before_the_nonsense_counts():
    """Planted bug: giving the answers back as one list loses the relay's 250, and makes doubt of it."""
    answers = Reading().feed(b"250 queued\r\n\xff\xff\r\n")
    assert next(answers).code == 250
    with pytest.raises(Garbled):
        next(answers)


LINES = st.lists(
    st.tuples(
        st.integers(200, 599), st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=40)
    ),
    min_size=1,
    max_size=5,
)


@given(LINES, st.data())
def test_any_cut_of_the_bytes_gives_the_same_replies(lines, data):
    wire = b"".join(f"{code} {text}\r\n".encode() for code, text in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=8)))
    pieces = [wire[start:end] for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    assert read(*pieces) == read(wire)
    assert [answer.code for answer in read(wire)] == [code for code, _ in lines]


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_any_bytes_are_replies_or_garbled(pieces):
    reading = Reading()
    try:
        answers = [answer for piece in pieces for answer in reading.feed(piece)]
    except Garbled:
        return
    assert all(200 <= answer.code <= 599 and len(answer.text) <= MOST_TEXT for answer in answers)
    assert all(answer.text.isprintable() or not answer.text.isascii() for answer in answers)
