"""Law 5. When `hold` or `cancel` has returned, no hand-over of the release runs or can start.

The relay stands still at a gate while the verb works, so that nothing here depends on speed.
Planted bugs, each caught here: `may_write` that is always true, or `renew` that grants whatever is asked
(stopped after 354); `ask` that always says no (the relay that needs long); `intend` without the
holds (stopped at the dot); intents dated after their commit, or `intend` without its lock on the release
(the hold that comes between guard and commit); `hold` that returns without waiting (under way).
"""

import threading
import time

import pytest

from distributor.office import stop
from distributor.store import guard
from tests.house import REFERENCE, mailouts, people, real, states, tick
from tests.laws.changing import kill, told
from tests.proof import findings
from tests.sink import sink
from tests.world import NOW, World, leased

PEOPLE = 20


@pytest.fixture
def office(connected):
    """A release to twenty people is open; its senders are programs of their own."""
    connected.furnish(trade=people(PEOPLE))
    with connected.system(now=real) as built:
        connected.release(built)
        yield built


def _verb(verb, built, **said):
    """The verb, and how long it let itself be paused (never more than a second, law 5)."""
    paused = []

    def pause(seconds):
        paused.append(seconds)
        time.sleep(seconds)

    place = {"actor": "officer", "now": built.now(), "publisher_id": "press", "reference": REFERENCE}
    stopped = verb(built.store, **place, pause=pause, **said)
    assert sum(paused) <= 1
    return stopped


def _hold(built):
    return _verb(stop.hold, built, reason="the vote is late")


def _cancel(built):
    return _verb(stop.cancel, built, pseudonym=built.tokens.pseudonym)


def _resume(built):
    stop.resume(built.store, actor="officer", now=built.now(), publisher_id="press", reference=REFERENCE)


def _count(built):
    found = list(states(built).values())
    return {state: found.count(state) for state in set(found)}


@pytest.mark.parametrize(
    ("database_url", "verb", "rest"),
    [("sqlite", _hold, "queued"), ("postgres", _cancel, "cancelled")],
    indirect=["database_url"],
)
def test_stopped_at_the_dot_only_what_is_past_it_arrives(connected, relay, office, verb, rest):
    """Four connections are past their dot: they may have it. The other intents are handed back."""
    relay.gate("close dot")
    sender = connected.start("send-due")
    relay.until(lambda sink: len(sink.of("dot")) == 4)
    stopped = verb(office)
    assert stopped.under_way == 4
    relay.gate("open dot")
    assert sender.wait() == 0
    tick(office)
    assert len(relay.of("content")) == len(relay.accepted) == 4
    assert len(relay.of("mail")) == 4  # what waited for the relay has not even begun
    assert _count(office) == {"sent": 4, rest: PEOPLE - 4}


@pytest.mark.parametrize(
    ("database_url", "verb", "rest"),
    [("postgres", _hold, "queued"), ("sqlite", _cancel, "cancelled")],
    indirect=["database_url"],
)
def test_stopped_after_354_nothing_is_written(connected, relay, office, verb, rest):
    relay.gate("close data")
    sender = connected.start("send-due")
    relay.until(lambda sink: len(sink.of("data")) == 4)
    verb(office)
    relay.gate("open data")
    assert sender.wait() == 0
    tick(office)
    assert relay.of("content") == []
    assert _count(office) == {rest: PEOPLE}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_relay_that_needs_longer_than_an_intent_lasts_gets_its_mail(house, tmp_path):
    """Each 354 comes when the intent is old: the guard is asked again, and each envelope is said once."""
    addresses = people(8)
    house.furnish(trade=addresses)
    with sink(tmp_path / "slow.log", "--pipelining", "--before-data", "0.6") as relay:
        house.configure(port=relay.port)
        with house.system(now=real) as built:
            house.release(built)
            house.run("send-due")
            assert sorted(event["recipient"] for event in relay.accepted) == sorted(addresses)
            assert len(relay.of("data")) == 8
            assert findings(built.store, pseudonym=built.tokens.pseudonym) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_resume_lets_the_rest_go_and_nobody_twice(connected, relay, office):
    relay.gate("close dot")
    sender = connected.start("send-due")
    relay.until(lambda sink: len(sink.of("dot")) == 4)
    _hold(office)
    relay.gate("open dot")
    sender.wait()
    connected.run("send-due")
    assert len(relay.accepted) == 4  # held is held
    _resume(office)
    connected.run("send-due")
    assert sorted(event["recipient"] for event in relay.accepted) == sorted(people(PEOPLE))
    assert mailouts(office) == {"release": "finished"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_notices_that_come_while_send_due_works_go_in_the_same_call(connected, relay, office):
    """Planted: it looks for what is ready before its work, and not again after it."""
    relay.gate("close dot")
    sender = connected.start("send-due")
    relay.until(lambda sink: len(sink.of("dot")) == 4)
    kill(office)
    relay.gate("open dot")
    assert sender.wait() == 0
    assert set(told(office.store, kind="withdrawal").values()) == {"sent"}
    assert len(relay.accepted) == 8


def test_a_hold_between_the_guard_and_its_commit_sees_what_is_under_way(store):
    """Without a lock PostgreSQL lets the hold look first and the intents commit after it returned."""
    world = World(store)
    run, _, ids = leased(world)
    seen = []

    def hold():
        place = {"publisher_id": "press", "reference": "2026-0001"}
        seen.append(stop.hold(store, actor="o", now=NOW, reason="wait", pause=lambda _: None, **place))

    with store.write() as connection:
        assert guard.intend(connection, ids=ids, run_id=run.id, now=NOW) == set(ids)
        holding = threading.Thread(target=hold)
        holding.start()
        holding.join(timeout=0.5)
    holding.join()
    assert seen[0].under_way == len(ids)


def test_after_a_hold_the_guard_grants_nothing(store):
    world = World(store)
    run, mailout, ids = leased(world)
    stop.hold(store, actor="o", now=NOW, publisher_id="press", reference="2026-0001", reason="wait")
    assert world.intend(run, ids) == set()
    assert world.states(mailout) == ["queued"] * 3
