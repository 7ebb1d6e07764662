"""Alerts as they arrive: by real SMTP and HTTP, from a service that is killed before its mail could go."""

from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from distributor.store import rows
from tests.hook import hook
from tests.house import HEADLINE, REFERENCE, House, people, real
from tests.sink import place, sink
from tests.waiting import until


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.close()


def _kinds(web):
    return [event["kind"] for _, _, document in web.heard for event in document["events"]]


def test_killed_between_the_event_and_the_mail(house, tmp_path):
    keep = tmp_path / "kept"
    keep.mkdir()
    with place() as port, hook(status=200) as web:
        to = f'[alerts]\nto = ["desk@example.org"]\nwebhook = "{web.url}"\n[web]\nlisten = "127.0.0.1:0"\n'
        house.configure(port=port, extra=to)
        house.furnish(trade=people(2))
        with house.system(now=real) as built:
            house.sync(built)
        house.run("release", "add", "release.md")
        house.run("release", "approve", REFERENCE)
        service = house.start("run")
        with house.system(now=real) as built:
            until(lambda: _taken(built))  # at once, though no mail goes
        assert _kinds(web) == ["relay_fails"]
        assert service.kill() == -9
        with sink(tmp_path / "second.log", "--port", str(port), "--keep", str(keep)) as relay:
            service = house.start("run")
            until(lambda: {"relay_well", "finished"} <= set(_kinds(web)))
            relay.until(lambda heard: "finished" in str(_subjects(heard, keep)))
            service.terminate()
            assert service.wait() == 0
            relay.hung_up()
            subjects = _subjects(relay, keep)
            assert subjects.count("relay sink fails") == 1
            taken = [one for one in relay.accepted if one["recipient"] == "desk@example.org"]
            assert len({one["message_id"] for one in taken}) == len(taken)
    assert sorted(_kinds(web)) == ["finished", "relay_fails", "relay_well"]
    assert len({id for _, id, _ in web.heard}) == len(web.heard)
    assert HEADLINE not in str(web.heard)
    assert not [mail for mail in _mails(keep, "desk@example.org") if HEADLINE in mail.as_string()]
    assert (
        "ok   alerts: go to desk@example.org, the webhook at 127.0.0.1" in house.run("check", expect=1).stdout
    )


def _taken(built):
    """Whether it is written down that the webhook took a document."""
    with built.store.read() as connection:
        s = rows.service_mail.c
        return connection.execute(select(s.id).where(s.way == "webhook", s.state == "sent")).first()


def _mails(keep, recipient):
    read = [message_from_bytes(path.read_bytes(), policy=default) for path in sorted(keep.iterdir())]
    return [mail for mail in read if mail["To"] == recipient]


def _subjects(relay, keep):
    """Of the alerts, in the order in which the relay took them."""
    by_id = {mail["Message-ID"]: mail["Subject"] for mail in _mails(keep, "desk@example.org")}
    return [by_id[one["message_id"]] for one in relay.accepted if one["message_id"] in by_id]
