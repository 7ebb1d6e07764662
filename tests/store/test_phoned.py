"""Whoever was not reached by mail is told by phone, and ticked off: `office.phone`, on both databases.

Planted by hand and caught: a tick that covers what she misses afterwards; one person's tick that takes all
of the release out of `todo`; a second tick that is taken.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from distributor.errors import DistributorError, NotFound, Refused
from distributor.model.rules import Rules
from distributor.office import phone
from distributor.store import releases, rows
from distributor.store.views import log, report, todo, unreached
from tests.world import NOW, PUBLISHER, World, recipient

REFERENCE = "2026-0001"
ANN, BEA, CID = (f"{name}@example.org" for name in ("ann", "bea", "cid"))


@pytest.fixture
def world(store):
    made = World(store)
    release = made.release()
    _mailout(made, release, kind="advance", wave="agencies", ends={ANN: "rejected", CID: "sent"})
    _mailout(made, release, kind="hold", ends={ANN: "expired", BEA: "suppressed", CID: "sent"})
    return made


def _mailout(world, release, *, ends, **mailout):
    id = world.mailout(release, **mailout)
    world.deliver(id, [recipient(address) for address in ends])
    d, m = rows.delivery.c, rows.mailout.c
    with world.store.write() as connection:
        connection.execute(update(rows.mailout).where(m.id == id).values(opened_at=NOW))
        for address, state in ends.items():
            mine = (d.mailout_id == id, d.address_key == address)
            connection.execute(update(rows.delivery).where(*mine).values(state=state))


def _tell(world, *addresses, note="", actor="otto"):
    return phone.told(
        world.store,
        actor=actor,
        now=NOW,
        publisher_id=PUBLISHER,
        reference=REFERENCE,
        addresses=addresses,
        pseudonym=lambda key: f"p:{key}",
        note=note,
    )


def _listed(world):
    with world.store.read() as connection:
        release = releases.get(connection, publisher_id=PUBLISHER, reference=REFERENCE)
        found = unreached.of_release(connection, release_id=release.id)
    return {one["address"]: one["told"] for one in found}


def _asked(world):
    with world.store.read() as connection:
        found = todo.document(connection, publisher_id=PUBLISHER, rules=Rules(), now=NOW)
    return [one["what"].partition(" not")[0] for one in found if one["kind"] == "phone"]


def test_todo_asks_until_everybody_was_told(world):
    assert _listed(world) == {ANN: None, BEA: None}
    assert _asked(world) == ["2 people were"]
    assert _tell(world, ANN.upper(), note="spoke to her desk") == 1
    assert _listed(world) == {BEA: None, ANN: {"by": "otto", "at": NOW, "note": "spoke to her desk"}}
    assert _asked(world) == ["1 person was"]
    assert _tell(world, BEA) == 1
    assert _asked(world) == []


def test_what_she_misses_afterwards_is_another_call(world):
    _tell(world, ANN, BEA)
    with world.store.read() as connection:
        release = releases.get(connection, publisher_id=PUBLISHER, reference=REFERENCE).id
    _mailout(world, release, kind="withdrawal", ends={ANN: "suppressed"})
    assert _listed(world)[ANN] is None
    assert _asked(world) == ["1 person was"]
    assert _tell(world, ANN, actor="ida") == 1
    assert _listed(world)[ANN]["by"] == "ida"


def test_it_is_all_of_them_or_none_and_each_once(world):
    _tell(world, BEA)
    for addresses, error in (
        ((ANN, BEA), Refused),  # one was told already
        ((ANN, CID), NotFound),  # one was reached
        ((ANN, "ann at home"), DistributorError),
        ((), Refused),
    ):
        with pytest.raises(error):
            _tell(world, *addresses)
        assert _listed(world)[ANN] is None


def test_log_report_and_evidence_tell_of_it(world):
    _tell(world, ANN, note="spoke to her desk")
    e = rows.log.c
    with world.store.read() as connection:
        release = releases.get(connection, publisher_id=PUBLISHER, reference=REFERENCE)
        [first, second] = connection.execute(select(rows.log).where(e.kind == "phoned").order_by(e.id))
        [hold] = report.document(connection, release, now=NOW)["notices"]
        shown = log.events(connection, log.Filter(PUBLISHER, release_id=release.id), limit=9)
        calls = unreached.calls(connection, release_id=release.id, until=NOW)
        before = unreached.calls(connection, release_id=release.id, until=NOW - timedelta(seconds=1))
    assert (first.detail, second.detail) == ("advance agencies", "hold")
    assert {(row.actor, row.address, row.subject, row.text) for row in (first, second)} == {
        ("otto", ANN, f"p:{ANN}", "spoke to her desk")
    }
    told = {name: number for name, number in hold["groups"].items() if number}
    assert told == {"accepted": 1, "phoned": 1, "to_phone": 1}
    assert [one["kind"] for one in shown if one["detail"] == "hold"] == ["phoned"]
    assert ANN not in str(shown)  # the address stands beside the hash, where it can be blanked
    assert [(one["of"], one["by"], one["proof"]["hash"]) for one in calls] == [
        ("advance agencies", "otto", first.hash),
        ("hold", "otto", second.hash),
    ]
    assert before == []
