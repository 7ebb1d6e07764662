"""kill -9 in the middle of a mailout: after the next start nobody is missing, and who may have two copies
was named first. Commands of the program and a relay that keeps its own book; nothing else.

Planted bugs, each caught here: an answer written before its message is handed over (somebody is missing);
`recover` that puts what was under way back without naming it (a second copy that nobody listed); a sender
that leases more than its windows allow (too many in doubt); a run whose lock outlives it (never finished).
"""

import os
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from select import select as select_ready

import pytest
from sqlalchemy import func, select

from distributor.store import rows
from distributor.store.database import open_store
from tests.house import REFERENCE, furnished, people
from tests.waiting import until

PEOPLE = people(60)
UNDER_WAY = 2 * 4 + 64  # what a sender with four connections may have under way (law 2)


@pytest.fixture
def house(tmp_path, relay):
    """Approved and due; nothing is sent yet."""
    with furnished(tmp_path, port=relay.port, trade=PEOPLE) as made:
        made.due()
        yield made


def _accepted(relay):
    return [event["recipient"] for event in relay.accepted]


def _twice(relay):
    accepted = _accepted(relay)
    return {address for address in accepted if accepted.count(address) > 1}


def _doubted(house):
    return [line["address"] for line in house.json("doubt", "list", "--all")]


KILLS = {
    "with the envelope sent": ("data", lambda sink: len(sink.of("data")) == 4),
    "with the message taken and the answer withheld": ("dot", lambda sink: len(sink.accepted) == 4),
    "after the first": (None, lambda sink: len(sink.accepted) >= 1),
    "after some": (None, lambda sink: len(sink.accepted) >= 17),
    "near the end": (None, lambda sink: len(sink.accepted) >= 55),
}


@pytest.mark.parametrize(("gate", "moment"), KILLS.values(), ids=KILLS.keys())
def test_killed_and_started_again(house, relay, gate, moment):
    if gate:
        relay.gate(f"close {gate}")
    sender = house.start("send-due")
    relay.until(moment)
    sender.kill()
    if gate:
        relay.gate(f"open {gate}")
    relay.hung_up()
    before = set(_accepted(relay))
    listed = house.json("doubt", "list")
    assert len(listed) <= UNDER_WAY
    house.run("send-due")
    assert set(_accepted(relay)) == set(PEOPLE)
    assert _twice(relay) <= {line["address"] for line in listed} & before
    assert sorted(_doubted(house)) == sorted(line["address"] for line in listed)
    assert house.counts() == {"sent": len(PEOPLE)}


def test_killed_again_and_again(house, relay):
    """By rule a doubtful message is sent again once; who was in doubt twice is asked for, not forgotten.

    They may be so many that a sender ends before it has sent as many as the test waits for.
    """
    for taken in (5, 15, 30, 45):
        sender = house.start("send-due")
        until(lambda: len(relay.accepted) >= taken or not sender.running)  # noqa: B023, it waits here
        sender.kill()
    house.run("send-due")
    if house.json("doubt", "list"):
        house.run("doubt", "resend", REFERENCE)
        house.run("send-due")
    assert set(_accepted(relay)) == set(PEOPLE)
    doubted = _doubted(house)
    for address in _twice(relay):
        assert _accepted(relay).count(address) <= 1 + doubted.count(address)
    assert house.counts() == {"sent": len(PEOPLE)}


def test_a_sender_that_is_asked_to_end_leaves_no_doubt(house, relay):
    """SIGTERM, as systemd stops a service: what has begun is finished, the rest waits."""
    relay.gate("close dot")
    sender = house.start("send-due")
    relay.until(lambda sink: len(sink.of("dot")) == 4)
    sender.terminate()
    relay.gate("open dot")
    assert sender.wait() == 0
    assert _doubted(house) == []
    house.run("send-due")
    assert sorted(_accepted(relay)) == sorted(PEOPLE)


def test_two_senders_at_once_one_of_them_killed(house, relay):
    relay.gate("close dot")
    first, second = house.start("send-due"), house.start("worker")
    relay.until(lambda sink: len(sink.of("dot")) == 4)
    first.kill()
    relay.gate("open dot")
    house.run("send-due")
    relay.until(lambda sink: set(_accepted(sink)) == set(PEOPLE))
    second.terminate()
    second.wait()
    house.run("send-due")
    assert _twice(relay) <= set(_doubted(house))
    assert house.counts() == {"sent": len(PEOPLE)}


def test_the_service_killed_takes_its_senders_with_it(house, relay):
    """Nobody is left that sends without a clock; the next start finishes."""
    house.configure(port=relay.port, extra='[web]\nlisten = "127.0.0.1:0"\n')
    service = house.start("run")
    relay.until(lambda sink: sink.accepted)
    with _senders(service) as over:
        service.kill()
        over()
    assert _runs_under_way(house) == 0
    taken = len(relay.accepted)
    house.run("send-due")
    assert (taken == len(PEOPLE)) or len(relay.accepted) > taken
    assert sorted(set(_accepted(relay))) == sorted(PEOPLE)
    assert _twice(relay) <= set(_doubted(house))


@contextmanager
def _senders(service):
    """What waits until every process that the service has started has ended, by themselves or not."""
    children = Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()
    with ExitStack() as stack:
        ends = [stack.enter_context(open(os.pidfd_open(int(pid)))) for pid in children]
        assert ends
        yield lambda: [select_ready([end], [], []) for end in ends]


def _runs_under_way(house):
    run = rows.run.c
    with closing(open_store(f"sqlite:///{house.database}")) as store, store.read() as connection:
        return connection.scalar(select(func.count()).where(run.ended_at.is_(None)))


def test_before_the_embargo_doubt_is_asked_and_never_sent_again_by_rule(house, relay):
    house.furnish(trade=PEOPLE[:3], agencies=["wire@example.eu"])
    house.run("lists", "sync", "--yes", "--allow-gone", "100")
    advanced = ("--reference", "2040-0001", "--embargo", "2040-03-05 12:00 UTC", "--advance")
    house.run("release", "cancel", REFERENCE, "--yes")
    house.run("release", "add", "release.md", *advanced, "agencies=-240000h")
    house.run("release", "approve", "2040-0001")
    relay.gate("close dot")
    sender = house.start("send-due")
    relay.until(lambda sink: sink.accepted)
    sender.kill()
    relay.gate("open dot")
    for _ in range(2):
        house.run("send-due")
    assert _accepted(relay) == ["wire@example.eu"]
    [line] = house.json("doubt", "list")
    assert (line["address"], line["reference"]) == ("wire@example.eu", "2040-0001")
    assert "2040-0001" in [entry["reference"] for entry in house.json("todo")]
