"""A release changes on its way: advance copy, moved, lifted, corrected, withdrawn. What came is read."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest

from tests.house import DOCUMENT, HEADLINE, REFERENCE, furnished, people
from tests.sink import sink

AGENCIES, TRADE = people(12, prefix="a"), people(8, prefix="t")
LIFT = datetime.now(UTC).replace(hour=11, minute=0, second=0, microsecond=0) + timedelta(days=2)
RIGHT = DOCUMENT.replace("eleven years", "twelve years")


class Inbox:
    """What the relay took, as mails, in the order in which they came."""

    def __init__(self, relay, folder):
        self._relay, self._folder, self._seen = relay, folder, 0

    def new(self):
        """{recipient: mail} since the last look: nobody has two."""
        fresh, self._seen = self._relay.accepted[self._seen :], len(self._relay.accepted)
        mails = {event["recipient"]: self._mail(event) for event in fresh}
        assert len(mails) == len(fresh)
        return mails

    def _mail(self, event):
        return message_from_bytes((self._folder / f"{event['sha256']}.eml").read_bytes())


@pytest.fixture
def inbox(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    with sink(tmp_path / "sink.log", "--keep", str(kept)) as relay:
        yield Inbox(relay, kept)


@pytest.fixture
def house(tmp_path, inbox):
    with furnished(tmp_path, port=inbox._relay.port, trade=TRADE, agencies=AGENCIES) as made:
        made.synced()
        yield made


def _subject(mail):
    return " ".join(str(make_header(decode_header(mail["Subject"]))).split())


def _text(mail):
    return mail.get_payload()[0].get_payload(decode=True).decode()


def _told(house, inbox, *verb):
    """What a verb says, and what came of it."""
    said = house.json("release", *verb)
    house.run("send-due")
    return said, inbox.new()


def test_moved_lifted_corrected_withdrawn(house, inbox):
    moved = LIFT + timedelta(hours=1)
    house.run("release", "add", "release.md", "--embargo", LIFT.isoformat(), "--advance", "agencies=-9999h")
    house.run("release", "approve", REFERENCE)
    house.run("send-due")
    advance = inbox.new()
    assert sorted(advance) == sorted(AGENCIES)
    assert {mail["X-Embargo-Until"] for mail in advance.values()} == {f"{LIFT:%Y-%m-%dT%H:%M:%SZ}"}

    said, notices = _told(house, inbox, "embargo", REFERENCE, moved.isoformat())
    assert (said["notice"], said["told"], said["unreached"]) == ("embargo_moved", 12, [])
    assert sorted(notices) == sorted(AGENCIES)
    for address, mail in notices.items():
        assert _subject(mail).startswith("EMBARGO MOVED to ")
        assert mail["In-Reply-To"] == mail["References"] == advance[address]["Message-ID"]
        assert mail["X-Embargo-Until"] == f"{moved:%Y-%m-%dT%H:%M:%SZ}"
    words = _text(notices["a0@example.org"])
    assert "All other embargoes stand." in words
    assert f"{moved:%H:%M} UTC" in words
    assert f"Until now: {LIFT:%A}" in words
    assert "eleven years" not in words

    said, mails = _told(house, inbox, "lift", REFERENCE, "--yes")
    assert said["was"]["embargo"] == moved.isoformat()
    assert sorted(mails) == sorted(AGENCIES + TRADE)
    assert {_subject(mails[address]) for address in TRADE} == {HEADLINE}
    assert {_subject(mails[address]) for address in AGENCIES} == {f"EMBARGO LIFTED: {HEADLINE}"}
    assert not any("EMBARGOED" in _text(mail) or mail["X-Embargo-Until"] for mail in mails.values())
    held = advance | {address: mails[address] for address in TRADE}

    house.document(RIGHT, name="right.md")
    said, corrected = _told(
        house, inbox, "correct", REFERENCE, "right.md", "--yes", "--note", "Twelve, not eleven."
    )
    assert sorted(corrected) == sorted(AGENCIES + TRADE)
    for address, mail in corrected.items():
        assert _subject(mail) == f"CORRECTION: {HEADLINE}"
        assert mail["In-Reply-To"] == held[address]["Message-ID"]
        assert "twelve years" in _text(mail)
        assert "Twelve, not eleven." in _text(mail)

    house.run("contacts", "suppress", "t1@example.com", "--reason", "asked")
    said, killed = _told(house, inbox, "withdraw", REFERENCE, "--yes")
    assert sorted(killed) == sorted({*AGENCIES, *TRADE} - {"t1@example.com"})
    assert [one["address"] for one in said["unreached"]] == ["t1@example.com"]
    for address, mail in killed.items():
        assert _subject(mail) == f"WITHDRAWN, do not use (KILL): {HEADLINE}"
        assert mail["In-Reply-To"] == held[address]["Message-ID"]
        assert "years" not in _text(mail)
    thread = [one["a0@example.org"] for one in (advance, notices, mails, corrected, killed)]
    assert len({mail["Message-ID"] for mail in thread}) == 5
    assert {mail["References"] for mail in thread[1:]} == {thread[0]["Message-ID"]}
    [phone] = [one for one in house.json("todo") if one["kind"] == "phone"]
    assert phone["answer"] == f"distributor release unreached {REFERENCE}"
    said = house.json("release", "unreached", REFERENCE, "--told", "T1@example.com", "--note", "at her desk")
    assert [(one["address"], one["told"]["note"]) for one in said["unreached"]] == [
        ("t1@example.com", "at her desk")
    ]
    assert [one for one in house.json("todo") if one["kind"] == "phone"] == []
    refused = house.run("release", "unreached", REFERENCE, "--told", "t1@example.com", expect=1)
    assert "has been told already" in refused.stderr
    house.run("log", "verify")


def test_until_lifted_opens_by_the_lift_alone(house, inbox):
    house.run("release", "add", "release.md", "--embargo", "until lifted", "--advance", "agencies=-1h")
    planned = house.json("release", "approve", REFERENCE)["plan"]
    assert [one["kind"] for one in planned["mailouts"]] == ["advance"]
    assert any("release lift" in warning for warning in planned["warnings"])
    house.run("send-due")
    advance = inbox.new()
    assert sorted(advance) == sorted(AGENCIES)
    assert {_subject(mail) for mail in advance.values()} == {f"EMBARGOED until lifted: {HEADLINE}"}
    _, mails = _told(house, inbox, "lift", REFERENCE, "--yes")
    assert sorted(mails) == sorted(AGENCIES + TRADE)
    refused = house.run("release", "embargo", REFERENCE, LIFT.isoformat(), expect=1)
    assert "its embargo ended" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_hold_and_its_end_are_told_to_holders_only_and_a_quiet_one_to_nobody(house, inbox):
    house.run("release", "add", "release.md", "--embargo", LIFT.isoformat(), "--advance", "agencies=-9999h")
    house.run("release", "approve", REFERENCE)
    house.run("send-due")
    advance = inbox.new()
    said, mails = _told(house, inbox, "hold", REFERENCE, "--reason", "a doubt")
    assert said["told"] == len(mails) == len(AGENCIES)
    assert {_subject(mail) for mail in mails.values()} == {f"HOLD: {HEADLINE}"}
    assert not any("a doubt" in _text(mail) for mail in mails.values())
    _, mails = _told(house, inbox, "resume", REFERENCE)
    assert {_subject(mail) for mail in mails.values()} == {f"HOLD ENDED: {HEADLINE}"}
    assert all(mails[address]["References"] == advance[address]["Message-ID"] for address in AGENCIES)
    assert "Its embargo stands." in _text(mails["a0@example.org"])
    said, mails = _told(house, inbox, "hold", REFERENCE, "--reason", "a doubt", "--quiet")
    assert (said["told"], mails) == (0, {})
    assert _told(house, inbox, "resume", REFERENCE)[1] == {}
