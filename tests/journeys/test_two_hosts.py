"""A worker dies at the dot, and its host with it: one on another host, with the same database, finishes.

Two folders stand for two hosts: each has its own configuration and outbox, they share the database and the
secret. Planted by hand and caught: `recover` that frees a batch and
forgets what was under way (nobody is listed).
"""

import shutil

import pytest

from tests.house import REFERENCE, House, people, real

PEOPLE = people(40)
ASK = '[sending]\nafter_crash = "ask"\n[web]\nlisten = "127.0.0.1:0"\n'


@pytest.fixture
def hosts(tmp_path, relay, postgres_url):
    """The first has the office's lists and documents; the second only what a worker needs."""
    made = []
    for name in ("here", "there"):
        folder = tmp_path / name
        folder.mkdir()
        made.append(House(folder, postgres_url))
        made[-1].configure(port=relay.port, extra=ASK)
    here, there = made
    here.furnish(trade=PEOPLE)
    with here.system(now=real) as built:
        here.sync(built)
        here.approve(built, here.add(built))
        built.plan()
        assert built.prepare() == 1
    shutil.copytree(here.folder / "state", there.folder / "state")
    yield made
    for one in made:
        one.close()


def test_another_host_finishes_what_one_left(hosts, relay):
    here, there = hosts
    relay.gate("close dot")
    worker = here.start("worker")
    relay.until(lambda sink: len(sink.of("dot")) == 4)
    worker.kill()
    relay.gate("open dot")
    relay.hung_up()
    past = {event["recipient"] for event in relay.of("dot")}

    listed = {one["address"] for one in there.json("doubt", "list")}
    assert past <= listed < set(PEOPLE)
    service = there.start("run")
    others = set(PEOPLE) - listed
    relay.until(lambda sink: others <= {event["recipient"] for event in sink.accepted})
    service.terminate()
    assert service.wait() == 0
    taken = [event["recipient"] for event in relay.accepted]
    assert sorted(address for address in taken if address not in past) == sorted(others)
    assert {one["address"] for one in there.json("doubt", "list")} == listed

    there.run("doubt", "resend", REFERENCE)
    there.run("send-due")
    taken = [event["recipient"] for event in relay.accepted]
    assert set(taken) == set(PEOPLE)
    assert {address for address in taken if taken.count(address) > 1} <= past
    [mailout] = there.json("log", REFERENCE)["mailouts"]
    assert (mailout["state"], mailout["counts"]) == ("finished", {"sent": len(PEOPLE)})
    there.run("log", "verify")
