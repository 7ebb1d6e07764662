"""Sending: what each answer of a real relay makes of a delivery, and what a sender does without a relay.

Planted bugs, each caught here: a refused RCPT that counts for the whole batch (the table of answers); a
drain that tries a relay again and again that takes nothing (it never ends); `_end` that closes a batch
of which something is still waiting (the relay that went away).
"""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from distributor.store import rows
from distributor.worker import send_due
from tests.house import House, mailouts, people, states
from tests.proof import broken_chains
from tests.sink import place, sink

ANSWERS = {
    # who, at which step, what the relay says: what becomes of it
    "r0@example.org": ("rcpt", "550 5.1.1 no such user", "rejected"),
    "r1@example.com": ("rcpt", "450 4.2.1 try again later", "deferred"),
    "r2@example.eu": ("dot", "554 5.6.0 not like this", "rejected"),
    "r3@example.org": ("dot", "451 4.3.0 no room now", "deferred"),
    "r4@example.com": ("rcpt", "550 5.7.1 policy", "deferred"),  # may be our fault: never a rejection
    "r5@example.eu": ("dot", "599 what is this", "deferred"),  # no code of SMTP: unknown is temporary
}


def _work(built):
    return asyncio.run(send_due(built))


@pytest.fixture
def house(tmp_path, database_url):
    made = House(tmp_path, database_url)
    made.furnish(trade=people(8))
    return made


def _log(built, **facts):
    e = rows.log.c
    query = select(rows.log).where(*(e[name] == value for name, value in facts.items())).order_by(e.id)
    with built.store.read() as connection:
        return connection.execute(query).all()


def test_each_recipient_gets_what_her_own_answer_means(house, tmp_path):
    refusals = [f"--answer={step}:{who}={said}" for who, (step, said, _) in ANSWERS.items()]
    with sink(tmp_path / "sink.log", *refusals) as relay:
        house.configure(port=relay.port)
        with house.system() as built:
            house.release(built)
            tally = _work(built)
            expected = {who: ends for who, (_, _, ends) in ANSWERS.items()}
            expected |= dict.fromkeys(people(8)[6:], "sent")
            assert states(built) == expected
            assert tally == {"accept": 2, "reject": 2, "defer": 4}
            for who, (_, said, _) in ANSWERS.items():
                [answer] = _log(built, kind="answer", address=who)
                told = [str(answer.code), answer.enhanced, answer.text]
                assert (" ".join(filter(None, told)), answer.relay) == (said, "sink")
            assert broken_chains(built.store) == []
        assert sorted(event["recipient"] for event in relay.accepted) == sorted(people(8)[6:])


def test_a_deferred_delivery_is_tried_again_later_and_expires_in_the_end(house, tmp_path):
    with sink(tmp_path / "sink.log", "--answer=rcpt:r1@example.com=450 4.2.1 later") as relay:
        house.configure(port=relay.port, extra='[sending]\nexpire_release = "4h"\n')
        with house.system() as built:
            house.release(built)
            _work(built)
            assert _work(built).total() == 0  # not at once
            house.clock.move(minutes=2)
            assert _work(built) == {"defer": 1}
            while states(built)["r1@example.com"] == "deferred":
                house.clock.move(minutes=45)
                _work(built)
            assert states(built)["r1@example.com"] == "expired"
            assert mailouts(built) == {"release": "finished"}
        asked = [event for event in relay.of("rcpt") if event["recipient"] == "r1@example.com"]
        assert 4 < len(asked) < 12  # again and again, and not a storm


def test_without_a_relay_that_answers_everything_waits_and_nothing_is_said(house):
    house.configure(port=1)
    with house.system() as built:
        house.release(built)
        assert _work(built).total() == 0
        assert states(built) == dict.fromkeys(people(8), "queued")
        assert _log(built, kind="intent") == []


@pytest.mark.parametrize("answer", ["mail:*=550 5.7.1 not from you", "mail:*=421 4.3.2 shutting down"])
def test_a_relay_that_takes_nothing_from_us_ends_the_pass(house, tmp_path, answer):
    """It is our trouble, not the recipients': they all wait for another try."""
    with sink(tmp_path / "sink.log", f"--answer={answer}") as relay:
        house.configure(port=relay.port)
        with house.system() as built:
            house.release(built)
            _work(built)
            assert states(built) == dict.fromkeys(people(8), "queued")
        assert len(relay.of("mail")) < 60
        assert relay.of("rcpt") == []


def test_when_the_relay_is_back_what_waited_goes(house, tmp_path):
    with place() as port:
        house.configure(port=port)
        with house.system() as built:
            house.release(built)
            _work(built)
            with sink(tmp_path / "sink.log", "--port", str(port)) as relay:
                house.clock.move(seconds=30)
                assert _work(built) == {"accept": 8}
                assert sorted(event["recipient"] for event in relay.accepted) == sorted(people(8))


def test_one_connection_keeps_the_fair_order(house, tmp_path):
    with sink(tmp_path / "sink.log") as relay:
        house.configure(port=relay.port)
        config = house.folder / "config.toml"
        config.write_text(config.read_text().replace("connections = 4", "connections = 1"))
        with house.system() as built:
            house.release(built)
            d = rows.delivery.c
            with built.store.read() as connection:
                fair = list(connection.scalars(select(d.address).order_by(d.position)))
            _work(built)
        assert [event["recipient"] for event in relay.accepted] == fair
        assert {event["connection"] for event in relay.accepted} == {1}


def test_what_expires_while_it_waits_is_not_sent(house, tmp_path):
    with sink(tmp_path / "sink.log") as relay:
        house.configure(port=relay.port)
        with house.system() as built:
            house.release(built)
            house.clock.now += timedelta(hours=24)
            _work(built)
            assert states(built) == dict.fromkeys(people(8), "expired")
        assert relay.of("mail") == []
