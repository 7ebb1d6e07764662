"""Law 3. The intent is written before the dot, the answer after it, each with the change of state.

Planted bugs, each caught here: `_commit` after the hand-over instead of before it, or an intent with the
hash of other bytes (the relay that stops the world at the dot); `Ledger.commit` in two transactions, or
without taking the chain's end back (the failing transactions); a group whose end is not waited for (the
refused one); `chained` without the hash before (the
changed row); anything that updates the log (the log only grows); a delivery cancelled by a statement that
writes no row of it (the cancelled release: its state does not follow from its rows).
"""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from distributor.errors import Refused
from distributor.mail.tokens import Tokens
from distributor.model.message import Message, Phase, Reply
from distributor.office import stop
from distributor.pipeline.group import Answer, Composed, Group
from distributor.pipeline.ledger import Ledger
from distributor.store import deliveries, doubts, guard, log, rows
from tests.house import REFERENCE, real, states, tick
from tests.proof import broken_chains, dump, findings, unguard
from tests.world import NOW, World, leased


def _log(store, **facts):
    e = rows.log.c
    query = select(rows.log).where(*(e[name] == value for name, value in facts.items())).order_by(e.id)
    with store.read() as connection:
        return connection.execute(query).all()


def test_when_the_relay_has_the_dot_the_intent_with_the_hash_of_just_these_bytes_is_written(connected, relay):
    """The relay withholds its answers, so the world stands still at the dot."""
    relay.gate("close dot")
    with connected.system(now=real) as built:
        connected.release(built)
        sender = connected.start("send-due")
        relay.until(lambda sink: len(sink.accepted) == 4)
        for taken in relay.accepted:
            *_, intent = _log(built.store, kind="intent", bytes_sha256=taken["sha256"])
            assert intent.address == taken["recipient"]
            assert states(built)[taken["recipient"]] == "sending"
        assert _log(built.store, kind="answer") == []
        relay.gate("open dot")
        assert sender.wait() == 0
        for taken in relay.accepted:
            *_, intent = _log(built.store, kind="intent", bytes_sha256=taken["sha256"])
            [answer] = _log(built.store, kind="answer", delivery_id=intent.delivery_id)
            expected = (intent.bytes_sha256, 250, intent.attempt)
            assert (answer.bytes_sha256, answer.code, answer.attempt) == expected
        assert broken_chains(built.store) == []


# The ledger alone, with a transaction that fails in the middle.

_PSEUDONYM = Tokens(b"a secret of the tests").pseudonym


@pytest.fixture
def world(store):
    made = World(store)
    yield made
    for ledger in made.ledgers:
        ledger.close()


def _ledger(world, run):
    with world.store.read() as connection:
        chain = log.last(connection, name=f"run:{run.id}")
    world.ledgers.append(Ledger(world.store, run.id, _PSEUDONYM, chain))
    return world.ledgers[-1]


def _candidates(world, ids):
    with world.store.read() as connection:
        d = rows.delivery.c
        found = connection.execute(select(rows.delivery).where(d.id.in_(ids)).order_by(d.id)).all()
    message = Message("press@example.org", "a@example.org", (b"bytes\r\n",), "<1@example.org>")
    return [_candidate(deliveries.delivery(row), message) for row in found]


def _candidate(delivery, message):
    subject = _PSEUDONYM(delivery.address_key)
    return Composed(delivery, message, "b" * 64, subject, expires_at=NOW + timedelta(days=1))


def _accepted(candidate):
    reply = Reply(250, "2.0.0", "2.0.0 Ok", "relay", Phase.DOT, started=NOW, finished=NOW)
    return Answer(candidate, reply, jitter=0)


class PowerCut(Exception):
    pass


def _cut(*_, **__):
    raise PowerCut


def test_an_intent_and_its_log_row_are_one_transaction(world, monkeypatch):
    run, mailout, ids = leased(world)
    ledger, candidates = _ledger(world, run), _candidates(world, ids)
    with monkeypatch.context() as patched:
        patched.setattr(log, "append", _cut)
        with pytest.raises(PowerCut):
            ledger.commit(Group(candidates=candidates), now=NOW)
    assert (world.states(mailout), world.log_kinds()) == (["queued"] * 3, [])
    assert ledger.commit(Group(candidates=candidates), now=NOW).granted == candidates
    assert (world.states(mailout), world.log_kinds()) == (["sending"] * 3, ["intent"] * 3)
    assert broken_chains(world.store) == []


def test_an_answer_and_its_log_row_are_one_transaction(world, monkeypatch):
    """The intents of the same group fail: the answers before them are not half written either."""
    run, mailout, ids = leased(world)
    ledger, (first, *others) = _ledger(world, run), _candidates(world, ids)
    ledger.commit(Group(candidates=[first]), now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(guard, "intend", _cut)
        with pytest.raises(PowerCut):
            ledger.commit(Group(answers=[_accepted(first)], candidates=others), now=NOW)
    assert (world.states(mailout), world.log_kinds()) == (["sending", "queued", "queued"], ["intent"])
    assert ledger.tally == {}
    ledger.commit(Group(answers=[_accepted(first)], candidates=others), now=NOW)
    assert world.states(mailout) == ["sent", "sending", "sending"]
    assert world.log_kinds() == ["intent", "answer", "intent", "intent"]
    assert broken_chains(world.store) == []


def test_of_a_group_that_the_database_refuses_nothing_is_left(world):
    """PostgreSQL says no only at the group's end, after all that it had been asked."""
    run, mailout, ids = leased(world)
    ledger, (first, *others) = _ledger(world, run), _candidates(world, ids)
    ledger.commit(Group(candidates=[first]), now=NOW)
    ledger.chain.seq -= 1  # its next row has a number that is there already
    with pytest.raises(Refused):
        ledger.commit(Group(answers=[_accepted(first)], candidates=others), now=NOW)
    assert (world.states(mailout), world.log_kinds()) == (["sending", "queued", "queued"], ["intent"])
    ledger.chain.seq += 1
    ledger.commit(Group(answers=[_accepted(first)], candidates=others), now=NOW)
    assert world.states(mailout) == ["sent", "sending", "sending"]
    assert broken_chains(world.store) == []


def test_an_answer_that_comes_too_late_is_kept_but_does_not_count(world):
    run, mailout, ids = leased(world, people=1)
    ledger, [candidate] = _ledger(world, run), _candidates(world, ids)
    ledger.commit(Group(candidates=[candidate]), now=NOW)
    with world.store.write() as connection:
        doubts.doubt(connection, ids=ids, now=NOW)
    ledger.commit(Group(answers=[_accepted(candidate)]), now=NOW)
    assert (world.states(mailout), world.log_kinds()) == (["doubtful"], ["intent", "answer"])
    assert ledger.tally == {}


def test_no_answer_after_the_dot_is_doubt_and_says_so(world):
    run, mailout, ids = leased(world, people=1)
    ledger, [candidate] = _ledger(world, run), _candidates(world, ids)
    ledger.commit(Group(candidates=[candidate]), now=NOW)
    lost = _accepted(candidate).reply._replace(code=0, enhanced=None, text="the relay closed the connection")
    ledger.commit(Group(answers=[Answer(candidate, lost, jitter=0)]), now=NOW)
    assert (world.states(mailout), world.log_kinds()) == (["doubtful"], ["intent", "doubted"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_log_only_grows_and_a_later_change_shows(connected, relay, work):
    with connected.system() as built:
        seen = []
        connected.sync(built)
        for step in (
            lambda: connected.add(built),
            lambda: connected.approve(built),
            lambda: tick(built),
            lambda: stop.hold(built.store, reference=REFERENCE, reason="wait", **_officer(built)),
            lambda: stop.resume(built.store, reference=REFERENCE, **_officer(built)),
            lambda: work(built),
        ):
            step()
            rows_now = dump(built.store)["log"]
            assert rows_now[: len(seen)] == seen
            seen = rows_now
        kinds = {row["kind"] for row in seen}
        assert kinds >= {"drafted", "approved", "planned", "prepared", "opened", "held", "resumed"}
        assert kinds >= {"intent", "answer", "finished"}
        assert broken_chains(built.store) == []
        changed = next(row["id"] for row in seen if row["kind"] == "answer")
        with built.store.write() as connection:
            unguard(connection)
            connection.execute(update(rows.log).where(rows.log.c.id == changed).values(code=550))
        assert len(broken_chains(built.store)) == 1
        assert len(findings(built.store, pseudonym=built.tokens.pseudonym)) == 1


def test_each_end_of_a_cancelled_release_is_a_row_of_its_own(house):
    """Planted bug: `mailouts.cancel` that cancels deliveries too, as it once did."""
    with house.system() as built:
        house.release(built)
        stop.cancel(built.store, reference=REFERENCE, pseudonym=built.tokens.pseudonym, **_officer(built))
        ended = _log(built.store, kind="cancelled", actor="officer")
        of_deliveries = [row for row in ended if row.delivery_id is not None]
        assert sorted(row.address for row in of_deliveries) == sorted(states(built))
        assert set(states(built).values()) == {"cancelled"}
        assert findings(built.store, pseudonym=built.tokens.pseudonym) == []


def _officer(built):
    return {"actor": "officer", "now": built.now(), "publisher_id": built.publisher.id}
