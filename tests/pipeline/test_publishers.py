"""One sender for several publishers: each mail has its own publisher's name, and nobody else's.

Guards against: the first publisher's house for every mailout; unsubscribing without a
publisher; alerts of all to everybody; `foreign` that holds nothing. Planted once by hand and caught: a
sender that waits with what it leased of a publisher it does not know.
"""

import asyncio
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from distributor.errors import Refused
from distributor.model.contact import Standing
from distributor.office import stop
from distributor.pipeline.send import Sender
from distributor.store import contacts, runs, servicemail
from distributor.store.views import todo
from distributor.system import System
from distributor.web.app import build
from distributor.worker import send_due
from tests.house import REFERENCE, states, tick
from tests.signing import new_key
from tests.twohouses import SHARED, Side, Two, other, release, two

DKIM = '[dkim.green]\ndomain = "zyzzyva.test"\nkey_file = "green.pem"\n'


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Two]:
    with two(tmp_path, extra=DKIM) as found:
        new_key(tmp_path / "green.pem", kind="ed25519")
        yield found


def mails(found: Two) -> list[EmailMessage]:
    files = sorted((found.house.folder / "outbox").rglob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=default) for file in files]


def to(mail: EmailMessage) -> str:
    return str(mail["To"].addresses[0].addr_spec)


def of(found: Two, side: Side) -> list[EmailMessage]:
    """The mails that come from this publisher's address."""
    return [mail for mail in mails(found) if side.system.publisher.address in str(mail["From"])]


def test_each_mail_is_its_own_publishers(found: Two) -> None:
    for side in (found.press, found.green):
        release(found.house, side)
    found.send()
    assert len(mails(found)) == len(of(found, found.press)) + len(of(found, found.green))
    for side, domain, foreign in (
        (found.press, "example.org", "zyzzyva"),
        (found.green, "zyzzyva.test", "quokka"),
    ):
        got = [mail for mail in of(found, side) if mail["Auto-Submitted"] is None]
        people = [SHARED, f"early@{side.word}.test", f"r@{side.word}.test"]
        assert sorted(to(mail) for mail in got) == people
        for mail in got:
            assert mail["List-Id"] == f"<{side.id}.{domain}>"
            assert str(mail["Message-ID"]).endswith(f"@{domain}>")
            assert f"@{domain}" in str(mail["List-Unsubscribe"])
            assert foreign not in mail.as_string().lower()
            assert (mail["DKIM-Signature"] is not None) == (side is found.green)
    square = [mail for mail in mails(found) if "1 Zyzzyva Square" in mail.as_string()]
    assert {str(mail["From"]) for mail in square} == {"Zyzzyva Group <green@zyzzyva.test>"}


def test_who_leaves_one_goes_on_at_the_other(found: Two) -> None:
    for side in (found.press, found.green):
        release(found.house, side)
    found.send()
    with found.whole.store.read() as connection:
        asked = f"SELECT id FROM delivery WHERE publisher_id = 'green' AND address = '{SHARED}'"
        id = connection.exec_driver_sql(asked).scalar_one()
    client, link = TestClient(build(found.whole)), f"/u/{found.whole.tokens.unsubscribe(id)}"
    page = client.get(link)
    assert "Zyzzyva Group" in page.text
    assert "Quillhaven" not in page.text
    client.post(link)
    assert standing(found.green) is Standing.UNSUBSCRIBED
    assert standing(found.press) is Standing.ACTIVE
    for side in (found.press, found.green):
        release(found.house, side, "2030-0043")
    found.send()
    hers = [[mail for mail in of(found, side) if to(mail) == SHARED] for side in (found.press, found.green)]
    assert [len(one) for one in hers] == [2, 1]


def standing(side: Side) -> Standing | None:
    with side.system.store.read() as connection:
        found = contacts.find(connection, publisher_id=side.id, address_key=SHARED)
    return found.standing if found else None


def test_each_is_told_of_its_own(found: Two) -> None:
    for side in (found.press, found.green):
        release(found.house, side, side.only)
    found.send()
    asyncio.run(send_due(found.whole))
    alerts = [mail for mail in mails(found) if mail["Auto-Submitted"]]
    told = {(to(mail), str(mail["From"])): mail.get_content() for mail in alerts}
    assert {whom for whom, _ in told} == {"desk@quokka.test", "desk@zyzzyva.test"}
    for (whom, sender), text in told.items():
        mine = found.green if whom == "desk@zyzzyva.test" else found.press
        others = other(mine, found)
        assert mine.system.publisher.address in sender
        assert mine.only in text
        assert others.only not in text


def test_what_has_no_publisher_any_more_is_held(found: Two) -> None:
    """Its section is taken away while something waits: nothing goes by another name, nothing is lost."""
    for side in (found.press, found.green):
        release(found.house, side)
    found.whole.plan()
    config = found.house.folder / "config.toml"
    both = config.read_text()
    config.write_text(both.partition("[publishers.green]")[0])
    with found.house.system() as alone:
        assert list(alone.publishers) == ["press"]
        assert [alone.hold_foreign() for _ in range(2)] == [1, 0]
        tick(alone)
        asyncio.run(send_due(alone))
    assert {str(mail["From"]) for mail in mails(found)} == {"Quillhaven Press Office <press@example.org>"}
    asked = needs(found.green)
    assert [one for one in asked if "not in the configuration" in one]
    said = {"actor": "cli:x", "now": found.whole.now(), "publisher_id": "green", "reference": REFERENCE}
    stop.resume(found.whole.store, house=None, note="", **said)
    found.send()
    assert len([mail for mail in of(found, found.green) if not mail["Auto-Submitted"]]) == 3
    assert set(states(found.whole).values()) == {"sent"}


def needs(side: Side) -> list[str]:
    system: System = side.system
    with system.store.read() as connection:
        found = todo.document(connection, publisher_id=side.id, rules=system.rules, now=system.now())
    return [one["what"] for one in found]


def test_a_sender_that_meets_a_strangers_mail_holds_it(found: Two) -> None:
    """Another host has the section, this one has not: it leases the batch, and nothing of it goes out."""
    release(found.house, found.green)
    tick(found.whole)
    config = found.house.folder / "config.toml"
    config.write_text(config.read_text().partition("[publishers.green]")[0])
    with found.house.system() as alone:
        asyncio.run(send_due(alone))
        assert mails(found) == []
    assert [one for one in needs(found.green) if "not in the configuration" in one]


def test_a_sender_that_is_at_work_ends_at_a_strangers_mail(found: Two) -> None:
    """It read its configuration before the section came: it must not wait there with what it leased."""
    release(found.house, found.green)
    tick(found.whole)
    config = found.house.folder / "config.toml"
    config.write_text(config.read_text().partition("[publishers.green]")[0])
    with (
        found.house.system() as alone,
        runs.started(alone.store, now=alone.now()) as run,
        pytest.raises(Refused, match="green"),
    ):
        asyncio.run(drained(alone.sender(run=run, mailer=alone.mailer())))
    assert mails(found) == []
    found.send()
    assert len([mail for mail in of(found, found.green) if not mail["Auto-Submitted"]]) == 3


async def drained(sender: Sender) -> None:
    async with asyncio.timeout(60):  # else it would never end
        await sender.drain()


def test_service_mail_has_the_publishers_name(found: Two) -> None:
    with found.whole.store.write() as connection:
        servicemail.add(
            connection,
            publisher_id="green",
            way=servicemail.MAIL,
            kind="link",
            address="new@zyzzyva.test",
            subject="A link",
            content="Here",
            now=found.whole.now(),
            lasts=found.whole.rules.expire_release,
        )
    asyncio.run(send_due(found.whole))
    [mail] = mails(found)
    assert (str(mail["From"]), mail["DKIM-Signature"] is not None) == (
        "Zyzzyva Group <green@zyzzyva.test>",
        True,
    )
