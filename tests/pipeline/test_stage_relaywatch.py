"""Trouble with relays is written down, told once, and holds what every relay refuses; nobody is rejected.

Planted bugs, each caught here: a reason that is never cleared; a warning for each look; a hold without a
new refusal (a resumed mailout is held again before anything was tried); a rejection for our own fault.
"""

import asyncio
import logging
from contextlib import ExitStack

import pytest
from sqlalchemy import select

from distributor.office import stop
from distributor.parts import relay_address
from distributor.pipeline.relaywatch import RelayWatch
from distributor.store import rows, runs
from distributor.store.views import todo
from distributor.wire.pool import Pool
from distributor.worker import send_due
from tests.house import REFERENCE, House, people, states
from tests.sink import place, sink

EIGHT = people(8)


@pytest.fixture
def house(tmp_path, database_url):
    made = House(tmp_path, database_url)
    made.furnish(trade=EIGHT)
    return made


def _work(built):
    return asyncio.run(send_due(built))


def _trouble(built):
    with built.store.read() as connection:
        return runs.trouble(connection)


def _todo(built):
    with built.store.read() as connection:
        return todo.document(connection, publisher_id=built.publisher.id, rules=built.rules, now=built.now())


def _held(built):
    with built.store.read() as connection:
        return [reason for reason in connection.scalars(select(rows.mailout.c.held_reason)) if reason]


def _of_relays(built):
    """What the log says of each relay: kind, relay, words."""
    e = rows.log.c
    with built.store.read() as connection:
        found = select(e.kind, e.relay, e.detail).where(e.kind.like("relay%")).order_by(e.seq)
        return [tuple(row) for row in connection.execute(found)]


def _resume(built):
    stop.resume(
        built.store, actor="officer", now=built.now(), publisher_id=built.publisher.id, reference=REFERENCE
    )


def test_a_relay_in_trouble_is_written_down_until_it_works_again(house, tmp_path, caplog):
    caplog.set_level(logging.INFO, "distributor.pipeline.relaywatch")
    with ExitStack() as stack:
        port = stack.enter_context(place())
        house.configure(port=port)
        built = stack.enter_context(house.system())
        house.release(built)
        began = built.now()
        _work(built)
        house.clock.move(minutes=1)
        _work(built)  # another run: it is the same trouble
        trouble = _trouble(built)
        assert trouble.since == began
        assert f"sink (127.0.0.1:{port}) at connect" in trouble.reason
        [entry] = [one for one in _todo(built) if one["kind"] == "relay"]
        assert (entry["since"], entry["answer"]) == (began, "distributor check")
        assert _held(built) == []  # it may pass by itself
        with sink(tmp_path / "second.log", "--port", str(port)):
            house.clock.move(minutes=1)
            assert _work(built)["accept"] == 8
        assert _trouble(built) is None
        fails, well = _of_relays(built)  # once each, whatever number of runs and tries
        assert (fails[:2], well) == (("relay_fails", "sink"), ("relay_well", "sink", ""))
        assert fails[2].endswith("; mail waits, there is no other")
        told = [one.levelname for one in caplog.records if one.name == "distributor.pipeline.relaywatch"]
        assert told == ["WARNING"] * 2  # one a run


@pytest.mark.parametrize(
    "answer",
    [
        "mail:*=550 5.7.1 <x@example.org> is not welcome",
        "mail:*=530 authenticate first",
        "banner:*=554 no service for you",
        "ehlo:*=550 5.7.1 not you",
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_every_relay_refuses_is_held_until_an_officer_answers(house, tmp_path, answer):
    with ExitStack() as stack:
        port = stack.enter_context(place())
        house.configure(port=port)
        built = stack.enter_context(house.system())
        house.release(built)
        with sink(tmp_path / "sink.log", "--port", str(port), f"--answer={answer}"):
            _work(built)
        [reason] = _held(built)
        assert answer.partition("=")[2][:3] in reason
        assert "@" not in reason
        assert states(built) == dict.fromkeys(EIGHT, "queued")
        answers = {one["answer"] for one in _todo(built)}
        assert f"distributor release resume {REFERENCE}" in answers
        with sink(tmp_path / "mended.log", "--port", str(port)):
            assert _work(built).total() == 0
            _resume(built)
            house.clock.move(minutes=1)
            assert _work(built)["accept"] == 8


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_resumed_is_tried_before_it_is_held_again(house, tmp_path, caplog):
    """A sender that lives leaves the relay alone for a while; what it heard before the officer is no news."""
    elapsed = [1000.0]

    async def looks(watch, built):
        await watch.ready()
        first = _held(built)
        _resume(built)
        await watch.ready()  # too early for another try
        resumed = _held(built)
        elapsed[0] += 60
        await watch.ready()
        return first, resumed, _held(built)

    with sink(tmp_path / "sink.log", "--answer=banner:*=554 5.7.1 not you") as relay:
        house.configure(port=relay.port)
        with house.system() as built, runs.started(built.store, now=built.now()) as run:
            house.release(built)
            pool = Pool([relay_address(built.config, "sink")], clock=lambda: elapsed[0], now=built.now)
            watch = RelayWatch(built.store, run.id, pool, built.now)
            first, resumed, again = asyncio.run(looks(watch, built))
    assert (len(first), len(resumed), len(again)) == (1, 0, 1)
    said = [record.message for record in caplog.records if "nothing can be handed over" in record.message]
    assert len(said) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_next_relay_takes_what_the_first_refuses(house, tmp_path):
    with ExitStack() as stack:
        strict = stack.enter_context(sink(tmp_path / "strict.log", "--answer=banner:*=554 5.7.1 not you"))
        kind = stack.enter_context(sink(tmp_path / "kind.log"))
        second = f'[relays.spare]\nhost = "127.0.0.1"\nport = {kind.port}\ntls = "none"\npriority = 2\n'
        house.configure(port=strict.port, extra=second)
        with house.system() as built:
            house.release(built)
            assert _work(built)["accept"] == 8
            assert (_held(built), _trouble(built)) == ([], None)
            [(kind, relay, words)] = _of_relays(built)
            assert (kind, relay) == ("relay_fails", "sink")
            assert words.endswith("; mail goes by spare")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_policy_refusals_from_many_domains_hold_the_mailout(house, tmp_path):
    refusals = [f"--answer=rcpt:{who}=550 5.7.1 policy" for who in EIGHT[:5]]
    with sink(tmp_path / "sink.log", *refusals) as relay:
        house.configure(port=relay.port)
        with house.system() as built:
            house.release(built)
            _work(built)
            assert _held(built) == ["relay: refused by policy, by several domains, the last with 550 5.7.1"]
            assert set(states(built).values()) <= {"deferred", "sent", "queued"}
