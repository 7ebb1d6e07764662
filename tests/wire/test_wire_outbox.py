"""Without a relay mail goes to a folder: whole files, one a Message-ID; and a reason when it cannot."""

import asyncio

import pytest

from distributor.model.message import Message, Phase
from distributor.policy.replies import Outcome, classify
from distributor.wire.outbox import Outbox


def message(
    message_id: str = "<42.abc@example.org>", content: bytes = b"Subject: Hi\r\n\r\nHi\r\n"
) -> Message:
    return Message("press@example.org", "ada@example.com", (content,), message_id)


def keep(outbox: Outbox, *messages: Message, may_write: bool = True):
    async def run():
        return [await outbox.hand_over(one, may_write=lambda: may_write) for one in messages]

    return asyncio.run(run())


def files(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_message_again_replaces_itself(tmp_path):
    folder = tmp_path / "new" / "outbox"
    replies = keep(Outbox(folder), message(), message(content=b"Subject: Two\r\n\r\nTwo\r\n"))
    assert files(folder) == {"42.abc@example.org.eml": b"Subject: Two\r\n\r\nTwo\r\n"}
    assert {(r.code, r.enhanced, r.text, r.relay, r.phase) for r in replies} == {
        (250, "2.0.0", "kept as 42.abc@example.org.eml", "outbox", Phase.DOT)
    }
    assert asyncio.run(Outbox(folder).warm()) == 1


@pytest.mark.parametrize(
    "message_id",
    [
        "<../../etc/passwd@example.org>",
        "<.hidden@example.org>",
        "</abs@x>",
        "<" + "a" * 400 + "@x>",
        "<\0@x>",
        "<>",
    ],
)
def test_no_message_id_leads_out_of_the_folder(tmp_path, message_id):
    folder = tmp_path / "outbox"
    assert keep(Outbox(folder), message(message_id))[0].code == 250
    names = list(files(folder))
    assert len(names) == 1
    assert names[0].endswith(".eml")
    assert not names[0].startswith(".")
    assert list(tmp_path.iterdir()) == [folder]


def test_different_message_ids_are_different_files(tmp_path):
    ids = ["<a/b@x>", "<a_b@x>", "<a%2Fb@x>", "<" + "a" * 400 + "1@x>", "<" + "a" * 400 + "2@x>"]
    keep(Outbox(tmp_path), *(message(each) for each in ids))
    assert len(files(tmp_path)) == len(ids)


def test_taken_back_is_not_kept(tmp_path):
    reply = keep(Outbox(tmp_path), message(), may_write=False)[0]
    assert not reply.written
    assert classify(reply) is Outcome.HAND_BACK
    assert files(tmp_path) == {}


def test_folder_that_cannot_be_written_hands_back_with_the_reason(tmp_path):
    (tmp_path / "outbox").write_text("a file stands where the folder should be")
    outbox = Outbox(tmp_path / "outbox")
    reply = keep(outbox, message())[0]
    assert (reply.code, reply.phase, classify(reply)) == (0, Phase.CONNECT, Outcome.HAND_BACK)
    assert str(tmp_path / "outbox") in reply.text
    assert outbox.unavailable_reason
    assert asyncio.run(outbox.warm()) == 0


def test_file_that_cannot_take_its_name_leaves_no_part_behind(tmp_path):
    """Planted bug: without the clean-up the folder fills with parts."""
    (tmp_path / "42.abc@example.org.eml" / "in the way").mkdir(parents=True)
    assert keep(Outbox(tmp_path), message())[0].phase is Phase.CONNECT
    assert [path.name for path in tmp_path.iterdir()] == ["42.abc@example.org.eml"]


def test_a_try_leaves_nothing_and_a_mended_folder_works_again(tmp_path):
    folder = tmp_path / "outbox"
    folder.write_text("a file")
    outbox = Outbox(folder)
    assert asyncio.run(outbox.warm()) == 0
    assert "not a folder" in outbox.unavailable_reason
    folder.unlink()
    assert asyncio.run(outbox.warm()) == 1
    assert outbox.unavailable_reason is None
    assert list(folder.iterdir()) == []
