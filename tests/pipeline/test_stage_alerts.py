"""Alerts: made of what the log says, once each, whoever dies in between; handed over until they are taken.

Planted by hand and caught here: the place in the log written down before the mails, in another transaction; a
second try with another Message-ID; a webhook that is given up at once; what was alerted in a copy.
"""

import asyncio
import json
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import insert, select, update

from distributor.model.officer import Role
from distributor.office import officers, stop
from distributor.pipeline import alerts
from distributor.store import log, rows, runs
from distributor.store.views import todo
from distributor.worker import send_due
from tests.hook import hook
from tests.house import HEADLINE, REFERENCE, House, people, tick

TO = '[alerts]\nto = ["desk@example.org"]\n'


@pytest.fixture
def house(tmp_path, database_url):
    made = House(tmp_path, database_url)
    made.configure(extra=TO)
    made.furnish(trade=people(2))
    return made


def kept(built, *, way="mail"):
    """What was to be told, in its order."""
    s = rows.service_mail.c
    with built.store.read() as connection:
        return connection.execute(select(rows.service_mail).where(s.way == way).order_by(s.id)).all()


def mails(house):
    """The alerts in the outbox, by subject."""
    read = [
        message_from_bytes(path.read_bytes(), policy=default) for path in house.folder.glob("outbox/*.eml")
    ]
    return {mail["Subject"]: mail for mail in read if mail["Auto-Submitted"]}


def hold(built, reference=REFERENCE):
    stop.hold(
        built.store, actor="ada", now=built.now(), publisher_id="press", reference=reference,
        reason="a figure", pause=lambda seconds: None,
    )  # fmt: skip


def many(house, built, number):
    for n in range(number):
        house.document(f"---\nreference: x-{n}\nlanguage: en\ntopics: [trade]\n---\n# H {n}\n\nText.\n")
        house.add(built)
        hold(built, f"x-{n}")


def test_what_happens_is_mailed_and_says_no_word_of_the_text(house):
    with house.system() as built:
        house.sync(built)
        house.add(built)
        asyncio.run(send_due(built))
        assert set(mails(house)) == {f"{REFERENCE}: approval is wanted"}
        house.approve(built)
        asyncio.run(send_due(built))
        asyncio.run(send_due(built))
    found = mails(house)
    finished = f"{REFERENCE}: release is finished, 2 accepted"
    assert set(found) == {f"{REFERENCE}: approval is wanted", finished}
    mail = found[finished]
    assert (mail["To"], mail.get_content_type()) == ("desk@example.org", "text/plain")
    assert "2 accepted, Mon 4 Mar 2030 10:00:00 Brussels" in mail.get_content()
    assert not [one for one in found.values() if HEADLINE in one.as_string()]
    with house.system() as built, built.store.read() as connection:
        kinds = [
            row.kind
            for row in connection.execute(select(rows.log).order_by(rows.log.c.id))
            if "service mail" in row.detail
        ]
    assert kinds == ["intent", "answer"] * 2


def test_told_once_whoever_else_looks(house):
    """Two services at once, and one that stopped between its reading and its writing."""
    with house.system() as built, house.system() as other:
        house.sync(built)
        tick(built)
        house.add(built)
        hold(built)
        assert built.tell() == 1
        assert (built.tell(), other.tell()) == (0, 0)
        [mail] = kept(built)
        assert mail.subject == "2 alerts: 1 waits for approval, 1 held"


def test_who_begins_to_listen_hears_no_old_news(house):
    house.configure()
    with house.system() as built:
        house.sync(built)
        house.add(built)
        tick(built)
        house.clock.move(hours=1)
        ada = {"actor": "cli", "now": built.now(), "publisher_id": "press", "name": "grace"}
        officers.add(built.store, **ada, roles=[Role.APPROVER], address="grace@example.org")
        tick(built)
        assert kept(built) == []
        hold(built)
        tick(built)
        assert [mail.address for mail in kept(built)] == ["grace@example.org"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_storm_is_one_mail(house):
    with house.system() as built:
        house.sync(built)
        tick(built)
        many(house, built, 30)
        tick(built)
        [mail] = kept(built)
        assert mail.subject == "60 alerts: 30 wait for approval, 30 held"
        for _ in range(12):
            house.clock.move(seconds=1)
            stop.resume(built.store, actor="ada", now=built.now(), publisher_id="press", reference="x-1")
            hold(built, "x-1")
            tick(built)
        assert len(kept(built)) == 10
        house.clock.move(minutes=5)
        tick(built)
        assert kept(built)[-1].subject == "3 alerts: 3 held"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_waits_is_told_when_everybody_was_tried_once(house):
    """Not a day later, when the last one has been given up."""
    with house.system() as built:
        house.release(built)
        d = rows.delivery.c
        with built.store.write() as connection:
            connection.execute(update(rows.delivery).values(state="deferred", next_at=house.clock.now))
            first = select(d.id).order_by(d.id).limit(1).scalar_subquery()
            connection.execute(update(rows.delivery).where(d.id == first).values(state="sent"))
        tick(built)
        tick(built)
        subjects = [mail.subject for mail in kept(built)]
        assert subjects[-1] == f"{REFERENCE}: release went out, 1 accepted, 1 waiting"
        assert len(subjects) == len(set(subjects))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_told_is_forgotten_after_a_while(house):
    """Not what is still to go, and not the last one, whose number would be given again."""
    with house.system() as built:
        house.sync(built)
        many(house, built, 1)
        tick(built)
        asyncio.run(send_due(built))
        [first] = kept(built)
        house.clock.move(days=89)
        stop.resume(built.store, actor="ada", now=built.now(), publisher_id="press", reference="x-0")
        hold(built, "x-0")
        tick(built)
        asyncio.run(send_due(built))
        house.clock.move(days=1)
        tick(built)
        assert kept(built)[0].id == first.id
        house.clock.move(seconds=1)
        tick(built)
        assert first.id not in [one.id for one in kept(built)]
        house.clock.move(days=400)
        tick(built)
        assert [one.state for one in kept(built)] == ["sent"]


def _die(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_dies_while_telling_has_told_nothing(house, monkeypatch):
    with house.system() as built:
        house.sync(built)
        tick(built)
        hold_at = kept(built)
        house.add(built)
        monkeypatch.setattr(alerts.Words, "subject", _die)
        with pytest.raises(KeyboardInterrupt):
            built.tell()
        monkeypatch.undo()
        assert kept(built) == hold_at == []
        assert (built.tell(), built.tell(), len(kept(built))) == (1, 0, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_dies_while_handing_over_repeats_the_same_mail(house):
    """Taken and not ended: after a quarter of an hour another hands over the same bytes."""
    with house.system() as built:
        house.sync(built)
        house.add(built)
        tick(built)
        with runs.started(built.store, now=built.now()) as run:
            post = built.sender(run=run, mailer=built.mailer()).post
            _, message = post._take("press")
            assert not post._due()
        house.clock.move(minutes=14)
        asyncio.run(send_due(built))
        assert not (house.folder / "outbox").exists()
        house.clock.move(minutes=1)
        asyncio.run(send_due(built))
        [mail] = mails(house).values()
        assert mail["Message-ID"] == message.message_id
        assert [path.read_bytes() for path in house.folder.glob("outbox/*.eml")] == [message.content]
        assert [(one.state, one.tries) for one in kept(built)] == [("sent", 2)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_copy_of_the_database_tells_nobody(house):
    with house.system() as built:
        house.sync(built)
        house.add(built)
        tick(built)
        with built.store.write() as connection:
            connection.execute(insert(rows.installation).values(name="copy", value="this is a backup"))
        asyncio.run(send_due(built))
        hold(built)
        tick(built)
        assert (mails(house), len(kept(built))) == ({}, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_silent_or_outside_a_test_system_is_mailed(house):
    """Also one who became so after the alert was written (laws 4 and 8)."""
    with house.system() as built:
        house.sync(built)
        house.add(built)
        tick(built)
    house.configure(extra=TO + '[sending]\nallow_recipients = ["example.com"]\n')
    with house.system() as built:
        asyncio.run(send_due(built))
        assert [(one.state, one.reason) for one in kept(built)] == [
            ("failed", "its address is not in [sending] allow_recipients")
        ]
        hold(built)
        tick(built)
        assert len(kept(built)) == 1
        with built.store.read() as connection:
            asked = todo.document(connection, publisher_id="press", rules=built.rules, now=built.now())
        assert [one["what"] for one in asked if one["kind"] == "alert"] == [
            "an alert could not be mailed: its address is not in [sending] allow_recipients"
        ]


def _reasons(built):
    return [(one.state, one.reason) for one in kept(built, way="webhook")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_webhook_is_posted_to_until_it_takes_it_for_a_day(house):
    with hook(status=302) as web:
        house.configure(extra=f'[alerts]\nwebhook = "{web.url}"\n')
        with house.system() as built:
            house.sync(built)
            house.add(built)
            tick(built)
            assert (built.post(), built.post()) == (0, 0)  # tried once, then there is a pause
            assert [path for path, _, _ in web.heard] == ["/press?key=s3cret"]  # and nothing followed
            assert _reasons(built) == [("queued", "it answered 302, and redirects are not followed")]
            hold(built)
            tick(built)  # one after the other: this waits in the log
            web.status = 200
            house.clock.move(minutes=1)
            assert built.post() == 1
            tick(built)
            assert built.post() == 1
            (_, first, _), (_, again, one), (_, other, two) = web.heard
            assert first == again == one["id"] != other == two["id"]
            assert [event["kind"] for event in one["events"] + two["events"]] == ["approval", "held"]
            assert two["text"] == f"{REFERENCE}: held by ada: a figure"
            assert HEADLINE not in json.dumps([one, two])
            web.status = 500
            house.clock.move(minutes=1)
            stop.resume(built.store, actor="ada", now=built.now(), publisher_id="press", reference=REFERENCE)
            hold(built)
            tick(built)
            for _ in range(60):
                built.post()
                house.clock.move(minutes=30)
            assert _reasons(built)[-1] == ("failed", "it answered 500")
            assert 45 <= len(web.heard) <= 60
            with built.store.read() as connection:
                asked = todo.document(connection, publisher_id="press", rules=built.rules, now=built.now())
                kinds = [row.kind for row in connection.execute(select(rows.log).order_by(rows.log.c.id))]
            [entry] = [one for one in asked if one["kind"] == "alert"]
            assert entry["what"] == "the webhook took no alert for a day, it was given up: it answered 500"
            assert (kinds.count("alert_posted"), kinds.count("alert_given_up")) == (2, 1)


def test_the_office_log_of_a_relay_is_told(store):
    """What a sender finds of a relay is news without a release."""
    from distributor.model.rules import Rules
    from distributor.store.views import news
    from tests.world import NOW, PUBLISHER, World

    World(store)
    with store.write() as connection:
        log.record(connection, log.Event("relay_fails", NOW, "clockwork", relay="main", detail="why"))
    with store.read() as connection:
        found = news.since(connection, seq=0, publisher_id=PUBLISHER, rules=Rules(), now=NOW)
    assert [(one.kind, one.relay, one.detail) for one in found.news] == [("relay_fails", "main", "why")]
