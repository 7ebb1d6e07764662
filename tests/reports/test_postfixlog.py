"""Postfix logs: what the relay took, by the one line that says so, whatever else stands in them.

Lines are as Postfix 3.7 wrote them. Planted once by hand and caught: `search` in place of `fullmatch` for
qmgr's line; any program's line believed; a Message-ID taken for proof; the last of a long line read on its
own; a queue id kept for the next message.
"""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributor.model.evidence import LogLine, Names
from distributor.reports import postfixlog

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
AT = datetime(2026, 11, 24, 4, 22, 15, tzinfo=UTC)
SENDER, MESSAGE_ID = "bounce+7.00ff00ff00ff00ff00ff@example.org", "<c0ffee@example.org>"
OURS = Names(7, MESSAGE_ID, SENDER)
HEAD = "Nov 24 04:22:15 relay postfix/"
ID = "4442DEA2074"
ARRIVES = f"{HEAD}smtpd[18180]: {ID}: client=localhost[127.0.0.1]"
NAMED = f"{HEAD}cleanup[18183]: {ID}: message-id={MESSAGE_ID}"
TAKEN = f"{HEAD}qmgr[17710]: {ID}: from=<{SENDER}>, size=393, nrcpt=1 (queue active)"
BROKEN = f"{HEAD}smtpd[18180]: lost connection after DATA (63 bytes) from localhost[127.0.0.1]"


def read(*lines, wanted=OURS, zone="UTC", now=NOW):
    data = b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)
    bounded = postfixlog.bounded(BytesIO(data))
    return postfixlog.read(bounded, name="mail.log", wanted=[wanted], now=now, zone=ZoneInfo(zone))


def test_taken_by_its_own_sender():
    assert read(ARRIVES, NAMED, TAKEN).taken(7) == LogLine(AT, ID)


def test_taken_by_its_message_id_when_all_share_a_sender():
    shared = f"{HEAD}qmgr[17710]: {ID}: from=<press@example.org>, size=393, nrcpt=1 (queue active)"
    assert read(ARRIVES, NAMED, shared, wanted=Names(7, MESSAGE_ID)).taken(7) == LogLine(AT, ID)


def test_arriving_is_not_taken():
    trace = read(ARRIVES, NAMED).traces[7]
    assert (trace.taken, trace.begun, trace.broken) == (None, (LogLine(AT, ID),), ())


def test_broken_before_its_end():
    """smtpd may say so before cleanup names the message."""
    for lines in ((ARRIVES, BROKEN, NAMED), (ARRIVES, NAMED, BROKEN)):
        trace = read(*lines).traces[7]
        assert (trace.taken, trace.begun, trace.broken) == (None, (), (LogLine(AT, ID),))


def test_another_process_broke():
    assert read(ARRIVES, NAMED, BROKEN.replace("18180", "999")).traces[7].begun


@pytest.mark.parametrize(
    "between",
    [
        ARRIVES,  # the id is given to the next message
        f"{HEAD}cleanup[18183]: {ID}: message-id=<other@example.com>",  # the same, of a bounce
        f"{HEAD}qmgr[17710]: {ID}: removed",
    ],
)
def test_queue_id_is_used_again(between):
    other = f"{HEAD}qmgr[17710]: {ID}: from=<press@example.org>, size=393, nrcpt=1 (queue active)"
    assert read(ARRIVES, NAMED, between, other).taken(7) is None


FORGED = {
    "in a subject that a header check quotes": f"{HEAD}cleanup[1]: {ID}: warning: header Subject: "
    f"{ID}: from=<{SENDER}>, size=1, nrcpt=1 (queue active)",
    "in a whole line quoted by another program": f"{HEAD}smtp[1]: {ID}: to=<a@example.org>, "
    f"status=deferred (host said: {TAKEN})",
    "in a quoted local part": f'{HEAD}qmgr[1]: {ID}: from=<"x>, size=1, nrcpt=1 (queue active) '
    f'from=<{SENDER}>"@example.com>, size=360, nrcpt=1 (queue active)',
    "behind other text in qmgr's line": f"{HEAD}qmgr[1]: warning: {ID}: from=<{SENDER}>, size=1, nrcpt=1 "
    "(queue active)",
    "with more behind it": f"{TAKEN} or not",
    "an address that contains it": TAKEN.replace(f"<{SENDER}", f"<x{SENDER}"),
    "an address that goes on": TAKEN.replace(f"{SENDER}>", f"{SENDER}.example.com>"),
    "as a recipient": f"{HEAD}smtp[1]: {ID}: to=<{SENDER}>, relay=none, status=sent (250 ok)",
    "refused at once": f"{HEAD}smtpd[1]: NOQUEUE: reject: RCPT from x[127.0.0.1]: 450 4.7.1 no; "
    f"from=<{SENDER}> to=<a@example.org> proto=ESMTP",
    "given up": f"{HEAD}qmgr[1]: {ID}: from=<{SENDER}>, status=expired, returned to sender",
    "by a program that keeps no queue": TAKEN.replace("/qmgr[", "/smtpd["),
    "of no mail program": TAKEN.replace("postfix/qmgr", "qmgr"),
    "without a time": TAKEN.partition("relay ")[2],
    "behind a line's beginning": f"x{TAKEN}",
    "on a day that does not exist": TAKEN.replace("Nov 24", "Nov 31"),
    "in a message-id that has more": f"{HEAD}cleanup[1]: {ID}: message-id={MESSAGE_ID} {MESSAGE_ID}",
    "resent": f"{HEAD}cleanup[1]: {ID}: resent-message-id={MESSAGE_ID}",
    "in UTF-16": TAKEN.encode("utf-16"),
    "with a NUL in it": TAKEN.replace("from=", "from\0="),
    "at the end of a very long line": "x" * postfixlog.LONGEST + TAKEN,
}


@pytest.mark.parametrize("line", FORGED.values(), ids=FORGED.keys())
def test_forged_lines_prove_nothing(line):
    assert read(line, b"\xff\xfe\x00", TAKEN.replace(SENDER, "other@example.org")).traces == {}


@given(st.lists(st.binary(max_size=80), max_size=8), st.integers(0, 200))
def test_what_stands_between_changes_nothing(noise, cut):
    """Property: lines of any bytes neither hide a proof nor make one; a line cut short proves nothing."""
    noise = [piece.replace(b"\n", b" ") for piece in noise]
    assert read(*noise, TAKEN, *noise).taken(7) == LogLine(AT, ID)
    short = TAKEN.encode()[: min(cut, len(TAKEN) - 1)]
    assert read(*noise, short, *noise).taken(7) is None


text = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=60)


@given(text, text)
def test_no_text_in_another_field_is_a_proof(before, after):
    """Property: whatever a stranger puts around our sender in fields of his own."""
    said = f"{before}{SENDER}{after}"
    strange = [
        f"{HEAD}cleanup[1]: {ID}: message-id=<{said}>",
        f"{HEAD}cleanup[1]: {ID}: warning: header Subject: {said} from x[127.0.0.1]; from=<a@example.com>",
        f"{HEAD}smtpd[1]: NOQUEUE: reject: RCPT from x: 450 {said}",
        f"{HEAD}qmgr[1]: {ID}: from=<x{said}>, size=1, nrcpt=1 (queue active)",
    ]
    assert read(*strange).traces == {}


@pytest.mark.parametrize(
    ("stamp", "zone", "at"),
    [
        ("Nov 24 04:22:15", "UTC", AT),
        ("Nov 24 05:22:15", "Europe/Brussels", AT),  # local time of the relay
        ("Nov  4 04:22:15", "UTC", AT - timedelta(days=20)),  # a day of one digit
        ("Dec 24 04:22:15", "UTC", AT.replace(year=2025, month=12)),  # last year's
        ("Feb 29 04:22:15", "UTC", None),  # neither year has it
        ("2026-11-24T04:22:15.123456+00:00", "Europe/Brussels", AT.replace(microsecond=123456)),
        ("2026-11-24T05:22:15+01:00", "UTC", AT),
        ("2026-11-24T05:22:15+0100", "UTC", AT),  # journalctl -o short-iso
        ("2026-11-24T04:22:15Z", "Asia/Tokyo", AT),
    ],
)
def test_times(stamp, zone, at):
    log = read(TAKEN.replace("Nov 24 04:22:15", stamp), zone=zone)
    assert (log.first, log.last) == (at, at)


def test_from_when_to_when_it_tells():
    log = read(ARRIVES.replace("04:22", "04:10"), "Nov 24 04:59:00 relay sshd[1]: hello", TAKEN)
    assert (log.lines, log.first, log.last) == (2, AT - timedelta(minutes=12), AT)


@pytest.mark.parametrize(
    "line",
    [
        "Nov 24 04:22:15 relay rsyslogd: imuxsock lost 52 messages from pid 812 due to rate-limiting",
        "Nov 24 04:22:15 relay systemd-journald[311]: Suppressed 1204 messages from postfix.service",
        "2026-11-24T04:22:15+00:00 relay rsyslogd: imjournal: begin to drop messages due to rate-limiting",
    ],
)
def test_lost_lines_are_seen(line):
    assert read(TAKEN, line).lossy
    assert not read(TAKEN, line.replace("rsyslogd", "sshd").replace("systemd-journald", "sshd")).lossy


@pytest.mark.parametrize("name", ["postfix/qmgr", "postfix-out/qmgr", "postfix/relay/qmgr", "mta.1/oqmgr"])
def test_other_instances(name):
    assert read(TAKEN.replace("postfix/qmgr", name)).taken(7)


def test_relay_that_folds_the_case():
    assert read(TAKEN.replace(SENDER, SENDER.upper())).taken(7)
