"""An officer stops a release that is going out: from another program, while the relay is slow.

Planted bugs, each caught here: `hold` that returns at once while intents wait for the relay (something
begins afterwards); a sender that reads the holds once a batch; templates that are read before a hold.
"""

import json

import pytest

from tests.house import REFERENCE, furnished, people
from tests.sink import sink

PEOPLE = people(80)


@pytest.fixture
def relay(tmp_path):
    with sink(tmp_path / "sink.log", "--delay", "0.4") as heard:
        yield heard


@pytest.fixture
def house(tmp_path, relay):
    """Approved, due, and a sender at work on it."""
    with furnished(tmp_path, port=relay.port, trade=PEOPLE) as made:
        made.due()
        yield made


def _begun(relay):
    return [event["recipient"] for event in relay.of("content")]


@pytest.mark.parametrize("after", [1, 10, 25])
def test_hold_from_another_program_and_resume(house, relay, after):
    """The relay's own book: when the hold has returned it hears no more than was under way by then."""
    sender = house.start("send-due")
    relay.until(lambda sink: len(sink.accepted) >= after)
    held = house.json("release", "hold", REFERENCE, "--reason", "the vote is late", "--quiet")
    seen = len(_begun(relay))
    relay.gate("pace 0")
    sender.wait()
    begun = len(_begun(relay))
    assert seen <= begun <= seen + held["under_way"]  # none, if the relay hears and answers in time
    assert begun == len(relay.accepted) < len(PEOPLE)
    assert house.counts()["sent"] == begun
    [asked] = [entry for entry in house.json("todo") if entry["reference"] == REFERENCE]
    assert "the vote is late" in asked["what"]
    house.run("send-due")
    assert len(_begun(relay)) == begun
    house.run("release", "resume", REFERENCE)
    house.run("send-due")
    assert sorted(_begun(relay)) == sorted(PEOPLE)
    assert house.counts() == {"sent": len(PEOPLE)}


def test_cancel_from_another_program_is_for_good(house, relay):
    sender = house.start("send-due")
    relay.until(lambda sink: len(sink.accepted) >= 10)
    cancelled = house.json("release", "cancel", REFERENCE, "--yes")
    seen = len(_begun(relay))
    relay.gate("pace 0")
    sender.wait()
    house.run("send-due")
    begun = len(_begun(relay))
    assert seen <= begun <= seen + cancelled["under_way"]  # none, if the relay hears and answers in time
    assert begun == len(relay.accepted) < len(PEOPLE)
    assert house.counts() == {"sent": begun, "cancelled": len(PEOPLE) - begun}
    refused = house.run("release", "resume", REFERENCE, expect=1)
    assert REFERENCE in refused.stderr


def test_a_service_that_is_held_and_resumed_finishes_by_itself(house, relay):
    first, worker = house.start("send-due"), house.start("worker")
    relay.until(lambda sink: len(sink.accepted) >= 5)
    house.run("release", "hold", REFERENCE, "--reason", "wait", "--quiet")
    house.run("release", "resume", REFERENCE)
    relay.gate("pace 0")
    while len(relay.accepted) < len(PEOPLE):  # on a busy machine the worker hands back again and again
        house.run("send-due")  # gathers it: a worker alone does not
    worker.terminate()
    assert (first.wait(), worker.wait()) == (0, 0)
    assert sorted(_begun(relay)) == sorted(PEOPLE)


def test_a_template_that_broke_stops_no_sending_and_no_hold(house, relay):
    """What was approved is what is sent; whoever edits templates meanwhile cannot take the brake away."""
    own = house.folder / "templates" / "email"
    own.mkdir(parents=True, exist_ok=True)
    (own / "brand.j2").write_text("{% if")
    sender = house.start("send-due")
    relay.until(lambda sink: len(sink.accepted) >= 5)
    house.run("release", "hold", REFERENCE, "--reason", "wait")
    relay.gate("pace 0")
    sender.wait()
    house.run("release", "resume", REFERENCE)
    house.run("send-due")
    assert set(_begun(relay)) == set(PEOPLE)
    assert len(_begun(relay)) > len(PEOPLE)  # whoever had it was told, with the shipped look


@pytest.fixture
def silent(tmp_path):
    """Takes the dot and says nothing."""
    with sink(tmp_path / "silent.log", "--answer=dot:*=silence") as heard:
        yield heard


def test_two_signals_end_a_sender_at_once_and_doubt_is_named(house, silent):
    """One signal gives what is under way some seconds; nobody waits ten minutes for a relay.

    Planted bug: a stop that waits for the answers (`Timeouts.dot`) hangs here.
    """
    house.configure(port=silent.port)
    sender = house.start("send-due", "--json")
    silent.until(lambda sink: len(sink.of("dot")) == 4)
    sender.terminate()
    sender.terminate()
    while not sender.stderr:  # signals of one kind do not queue: until the second is heard
        sender.terminate()
    assert sender.wait() == 0
    doubtful = {one["address"] for one in house.json("doubt", "list")}
    assert doubtful == {event["recipient"] for event in silent.of("dot")}
    states = house.counts()
    assert (states["doubtful"], states["queued"]) == (4, len(PEOPLE) - 4)
    assert "doubt list" in sender.stderr


def test_cancel_counts_those_who_have_it_when_it_is_done(house, relay):
    """Planted bug: the count of before the question."""
    sender = house.start("send-due")
    relay.until(lambda sink: len(sink.accepted) >= 4)
    cancelled = house.json("release", "cancel", REFERENCE, "--yes")
    relay.gate("pace 0")
    sender.wait()
    sent, under_way = cancelled["sent"], cancelled["under_way"]  # none, if the relay answers in time
    assert sent <= house.counts()["sent"] <= sent + under_way <= len(PEOPLE) - 1


def test_send_due_that_reaches_no_relay_fails_and_says_why(house):
    house.configure(port=1)
    failed = house.run("send-due", "--json", expect=1)
    assert "127.0.0.1:1" in failed.stderr
    assert failed.stderr.count("\n") == 1
    [waits] = [one for one in json.loads(failed.stdout)["waiting"] if one["kind"] == "relay"]
    assert waits["answer"] == "distributor check"


def test_send_due_says_what_holds_everything(house):
    house.run("release", "hold", REFERENCE, "--reason", "the vote is late", "--quiet")
    said = house.run("send-due")
    assert "the vote is late" in said.stderr
    assert f"distributor release resume {REFERENCE}" in said.stderr
