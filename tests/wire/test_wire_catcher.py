"""The catcher keeps what a real conversation brought, byte for byte, with its time and envelope."""

import asyncio
import shutil
import smtplib
from datetime import UTC, datetime

from distributor.model.message import Message
from distributor.model.relay import RelayAddress
from distributor.wire.catcher import Catcher
from distributor.wire.pool import Pool

CONTENT = b"Subject: Hi\r\nMessage-ID:\r\n <42.abc@example.org>\r\n\r\nA dot . inside\r\n"


def hand_over(port: int, *recipients: str):
    async def run():
        pool = Pool([RelayAddress("catcher", "127.0.0.1", port, tls="none", connections=2)])
        messages = [Message("press@example.org", each, (CONTENT,), "<1>") for each in recipients]
        replies = await asyncio.gather(*(pool.hand_over(one, may_write=lambda: True) for one in messages))
        await pool.close()
        return replies

    return asyncio.run(run())


def test_keeps_messages_with_time_and_envelope(tmp_path):
    before = datetime.now(UTC)
    with Catcher(tmp_path / "inboxes") as catcher:
        replies = hand_over(catcher.port, "ada@example.com", "../zoë@example.com", "bo@example.com")
        caught = catcher.messages
    assert [reply.code for reply in replies] == [250] * 3
    assert {each.recipient for each in caught} == {"ada@example.com", "../zoë@example.com", "bo@example.com"}
    assert {(each.sender, each.message_id) for each in caught} == {
        ("press@example.org", "<42.abc@example.org>")
    }
    assert all(before <= each.received_at <= datetime.now(UTC) for each in caught)
    paths = [each.path for each in caught]
    assert sorted(paths) == paths == sorted((tmp_path / "inboxes").iterdir())
    assert all(each.path.read_bytes() == each.content == CONTENT for each in caught)
    assert "ada@example.com" in next(p.name for p in paths if "ada" in p.name)


def test_takes_mail_of_any_client(tmp_path):
    """Lines that begin with a dot are unstuffed (RFC 5321 §4.5.2)."""
    with Catcher(tmp_path) as catcher, smtplib.SMTP("127.0.0.1", catcher.port) as client:
        client.sendmail(
            "press@example.org", ["a@example.com", "b@example.com"], b"Subject: x\r\n\r\n.dot\r\n"
        )
        assert [each.content for each in catcher.messages] == [b"Subject: x\r\n\r\n.dot\r\n"] * 2
        assert len({each.path for each in catcher.messages}) == 2


def test_says_so_when_it_cannot_keep(tmp_path):
    with Catcher(tmp_path / "inboxes") as catcher:
        shutil.rmtree(tmp_path / "inboxes")
        reply = hand_over(catcher.port, "ada@example.com")[0]
        assert (reply.code, reply.enhanced) == (452, "4.3.1")
        assert catcher.messages == []
