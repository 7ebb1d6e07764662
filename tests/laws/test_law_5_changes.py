"""Law 5, and the notices of law 4. A change leaves nothing old on its way, and is told to the holders alone.

Planted once by hand and caught: an embargo moved while a batch is leased, without its mailout planned anew or
with the old one left beside the new (what the sender had composed, with the old time, is granted); a notice
to all who have a delivery, whatever became of it (the audience of a notice); that audience counted
before the drain and the change made after it, two heads of one audience (who was not begun in time); the end
of a hold told without waiting for what is under way of the word to hold (nobody reads it after its end);
a page that leaves out who is suppressed, or whose copy was sent again (the same);
`replan` that forgets those under way with a sender that stands still (they come back and get nothing), a
wave planned anew that leaves them out (the same), a guard that lets it go while they may have the first;
`replan` that does not ask whether somebody cancelled it, `cancel` that takes notices too (the cancelled
release); a small correction beside one that is still on its way.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from distributor.errors import Refused
from distributor.mail.merge import load
from distributor.model.address import Address
from distributor.model.notice import TEXTS
from distributor.office import stop, withdraw
from distributor.store import (
    batches,
    blobs,
    deliveries,
    guard,
    mailouts,
    releases,
    revisions,
    rows,
    runs,
    suppressions,
)
from distributor.store.views import affected
from tests.house import DOCUMENT, NOW, REFERENCE, people, real, states, tick
from tests.laws.changing import house_of, kill, lift, move, rectify, told, unsubscribe, world_house
from tests.laws.schedule import Schedule
from tests.world import World

AGENCIES = people(6, prefix="a")
EMBARGO = NOW + timedelta(days=2)
LATER = EMBARGO + timedelta(hours=1)


@pytest.fixture
def embargoed(house):
    """An advance copy to six is open; eight others wait for the instant."""
    house.furnish(trade=people(8), agencies=AGENCIES)
    with house.system() as built:
        house.release(built, embargo=EMBARGO.isoformat(), advance=("agencies=-60h",))
        yield built


def _sends(built, run, *, number=10**6):
    """A sender at work: it leases and hands over, `number` at most; returns what is left in its hands."""
    left = []
    with built.store.write() as connection:
        while (lease := batches.lease(connection, run_id=run.id, now=built.now())) is not None:
            left += [one.id for one in deliveries.of_batch(connection, batch_id=lease.batch_id)]
    return _hands_over(built, run, left[:number]), left[number:]


def _hands_over(built, run, ids):
    with built.store.write() as connection:
        granted = guard.intend(connection, ids=ids, run_id=run.id, now=built.now())
        deliveries.answer(connection, event="accept", ids=sorted(granted), run_id=run.id, now=built.now())
        guard.refuse(connection, ids=[id for id in ids if id not in granted], now=built.now())
    return granted


def _work(built):
    tick(built)
    with runs.started(built.store, now=built.now()) as run:
        granted, _ = _sends(built, run)
    tick(built)
    return granted


def _texts(built):
    """(address, state) of every copy of the text, advance copies too."""
    d, m = rows.delivery.c, rows.mailout.c
    with built.store.read() as connection:
        found = select(d.address, d.state).join(rows.mailout, m.id == d.mailout_id).where(m.kind.in_(TEXTS))
        return [tuple(row) for row in connection.execute(found)]


def _advance_templates(built):
    """What the advance copies that are still to be sent are made of."""
    with built.store.read() as connection:
        revision = releases.get(connection, publisher_id="press", reference=REFERENCE).in_force
        known = revisions.renderings(connection, revision_id=revision.id, form="advance")
        return b"".join(blobs.fetch(connection, sha256=hash) for hash in known.values())


def test_an_embargo_that_moves_while_a_batch_is_leased(embargoed):
    """What the sender has composed carries the old time: none of it may go any more."""
    with runs.started(embargoed.store, now=embargoed.now()) as run:
        first, left = _sends(embargoed, run, number=2)
        changed = move(embargoed, LATER)
        assert _hands_over(embargoed, run, left) == set()
        tick(embargoed)
        assert _hands_over(embargoed, run, left) == set()
    had = {address for address, state in states(embargoed, kind="advance").items() if state == "sent"}
    assert len(had) == len(first) == changed.told.told == 2
    assert set(told(embargoed.store, kind="embargo_moved")) == had
    assert f"{LATER:%Y-%m-%dT%H:%M:%SZ}".encode() in _advance_templates(embargoed)
    assert f"{EMBARGO:%Y-%m-%dT%H:%M:%SZ}".encode() not in _advance_templates(embargoed)
    _work(embargoed)
    assert set(states(embargoed, kind="advance").values()) == {"sent"}
    assert set(told(embargoed.store, kind="embargo_moved").values()) == {"sent"}
    embargoed.now.move(hours=47.5)
    assert _work(embargoed) == set()  # the old instant
    embargoed.now.move(hours=1.5)
    _work(embargoed)
    sent = [address for address, state in states(embargoed).items() if state == "sent"]
    assert sorted(sent) == sorted(people(8))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_cancelled_release_is_over_and_its_holders_still_hear(house):
    """Their notice goes on; a wave left out for its time is not planned by a later embargo."""
    house.furnish(trade=people(8), agencies=AGENCIES)
    (house.folder / "lists" / "wires.toml").write_text('topics = ["trade"]\nembargo_access = "wires"\n')
    (house.folder / "lists" / "wires.csv").write_text("email\nw@example.org\n")
    with house.system() as built:
        house.release(built, embargo=EMBARGO.isoformat(), advance=("agencies=-60h", "wires=-1h"))
        _work(built)
        assert "wires" in str(move(built, NOW + timedelta(minutes=20)).skipped)
        place = {"actor": "officer", "now": built.now(), "publisher_id": "press", "reference": REFERENCE}
        stop.cancel(built.store, pseudonym=built.tokens.pseudonym, **place)
        assert set(told(built.store, kind="embargo_moved").values()) == {"queued"}
        assert move(built, LATER).told.told == len(AGENCIES)
        built.now.move(days=3)
        _work(built)
        assert states(built) == {}
        assert states(built, kind="advance") == dict.fromkeys(AGENCIES, "sent")
        stopped = stop.hold(built.store, reason="x", house=house_of(built), **place)
        assert (stopped.over, stopped.told.told) == ("it was cancelled", len(AGENCIES))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_lift_opens_now_and_a_later_embargo_is_refused_then(embargoed):
    _work(embargoed)
    before = embargoed.now()
    assert lift(embargoed).told.told == len(AGENCIES)
    _work(embargoed)
    assert {state for address, state in states(embargoed).items() if address in people(8)} == {"sent"}
    assert {state for address, state in states(embargoed).items() if address in AGENCIES} == {"cancelled"}
    with embargoed.store.read() as connection:
        release = releases.get(connection, publisher_id="press", reference=REFERENCE)
        mailout = max(mailouts.of_release(connection, release_id=release.id), key=lambda one: one.id)
    assert (release.state, release.embargo.instant) == ("published", before)
    assert mailout.priority < 0 or mailout.kind == "release"
    with pytest.raises(Refused, match="its embargo ended"):
        move(embargoed, LATER)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_gets_the_old_text_after_its_correction(embargoed, house):
    with runs.started(embargoed.store, now=embargoed.now()) as run:
        _, left = _sends(embargoed, run, number=2)
        house.document(DOCUMENT.replace("eleven", "twelve"))
        house.add(embargoed)
        done = rectify(embargoed, note="Twelve, not eleven.")
        assert _hands_over(embargoed, run, left) == set()
    assert done.told.told == 2
    assert b"eleven" not in _advance_templates(embargoed)
    _work(embargoed)
    assert set(told(embargoed.store, kind="correction").values()) == {"sent"}
    assert set(states(embargoed, kind="advance").values()) == {"sent"}
    embargoed.now.move(hours=48)
    _work(embargoed)
    assert sorted(a for a, state in states(embargoed).items() if state == "sent") == sorted(people(8))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_small_correction_waits_until_the_one_before_has_gone_out(embargoed, house):
    """Else holders would get its words after these are in force. Told to all, the new one takes its place."""
    _work(embargoed)
    house.document(DOCUMENT.replace("eleven", "twelve"))
    house.add(embargoed)
    rectify(embargoed)
    house.document(DOCUMENT.replace("eleven", "thirteen"))
    house.add(embargoed)
    with pytest.raises(Refused, match="still on its way"):
        rectify(embargoed, tell=False)
    rectify(embargoed)
    _work(embargoed)
    assert set(told(embargoed.store, kind="correction").values()) == {"sent"}
    house.document(DOCUMENT.replace("eleven", "fourteen"))
    house.add(embargoed)
    assert not rectify(embargoed, tell=False).told.told


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_correction_that_waits_goes_with_the_embargo_as_it_is_then(embargoed, house):
    _work(embargoed)
    house.document(DOCUMENT.replace("eleven", "twelve"))
    house.add(embargoed)
    rectify(embargoed, note="Twelve.")
    move(embargoed, LATER)
    with embargoed.store.read() as connection:
        release = releases.get(connection, publisher_id="press", reference=REFERENCE)
        stored = mailouts.of_release(connection, release_id=release.id)
        [waiting] = [one for one in stored if one.kind == "correction" and not one.over]
        content = blobs.fetch(connection, sha256=waiting.renderings["en"])
    assert load(content)
    assert f"{LATER:%Y-%m-%dT%H:%M:%SZ}".encode() in content
    assert b"Twelve." in content
    _work(embargoed)
    assert set(told(embargoed.store, kind="correction").values()) == {"sent"}
    assert _work(embargoed) == set()


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
def test_withdrawn_at_the_dot_exactly_those_past_it_are_told(connected, relay):
    """Nothing of the text begins after it returned; the notice goes out of a withdrawn release."""
    connected.furnish(trade=people(20))
    with connected.system(now=real) as built:
        connected.release(built)
        relay.gate("close dot")
        sender = connected.start("send-due")
        relay.until(lambda sink: len(sink.of("dot")) == 4)
        done = kill(built)
        past = {event["recipient"] for event in relay.of("dot")}
        assert (done.under_way, done.told.told) == (4, 4)
        relay.gate("open dot")
        assert sender.wait() == 0
        connected.run("send-due")
        assert set(told(built.store, kind="withdrawal")) == past
        assert set(told(built.store, kind="withdrawal").values()) == {"sent"}
        heard = [event["recipient"] for event in relay.accepted]
        assert len(heard) == 8
        assert set(heard) == past
        with pytest.raises(Refused, match="withdrawn"):
            kill(built)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_paused_are_told_and_the_silent_are_named(embargoed):
    """Law 4: looked at when the notice is queued, and again with its intent."""
    _work(embargoed)
    paused, left, phoned = AGENCIES[:3]
    _pause(embargoed, paused)
    unsubscribe(embargoed, left)
    done = kill(embargoed)
    assert [one.address for one in done.told.unreached] == [left]
    unsubscribe(embargoed, phoned)
    _work(embargoed)
    ends = told(embargoed.store, kind="withdrawal")
    assert (ends[paused], ends[left], ends[phoned]) == ("sent", "suppressed", "suppressed")
    assert len(ends) == len(AGENCIES)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_was_not_begun_in_time_is_not_told(embargoed):
    """Three are under way when the officer speaks: one is taken, one refused, one never begun."""
    with runs.started(embargoed.store, now=embargoed.now()) as run:
        left = _sends(embargoed, run, number=0)[1]
        with embargoed.store.write() as connection:
            taken, refused, late = sorted(
                guard.intend(connection, ids=left[:3], run_id=run.id, now=embargoed.now())
            )

        def ends(_):
            with embargoed.store.write() as connection:
                for id, event in ((taken, "accept"), (refused, "reject"), (late, "hand_back")):
                    deliveries.answer(connection, event=event, ids=[id], run_id=run.id, now=embargoed.now())

        done = move(embargoed, LATER, pause=ends)
    d = rows.delivery.c
    with embargoed.store.read() as connection:
        [address] = connection.scalars(select(d.address).where(d.id == taken))
    assert done.told.told == 1
    assert set(told(embargoed.store, kind="embargo_moved")) == {address}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_comes_back_from_a_sender_that_stood_still_gets_the_new_text(embargoed, house):
    """All that is left is under way while the officer corrects, and handed back after that."""
    embargoed.now.move(hours=48)
    tick(embargoed)
    with runs.started(embargoed.store, now=embargoed.now()) as run:
        had, left = _sends(embargoed, run, number=2)
        with embargoed.store.write() as connection:
            late = guard.intend(connection, ids=left, run_id=run.id, now=embargoed.now())
        house.document(DOCUMENT.replace("eleven", "twelve"))
        house.add(embargoed)
        rectify(embargoed, tell=False, pause=lambda _: None)
        with embargoed.store.write() as connection:
            now = embargoed.now()
            deliveries.answer(connection, event="hand_back", ids=sorted(late), run_id=run.id, now=now)
    assert len(had) == 2
    tick(embargoed)
    assert len(_work(embargoed)) == len(late) == len(left)
    sent = [state for _, state in _texts(embargoed) if state == "sent"]
    assert len(sent) == len({address for address, state in _texts(embargoed) if state == "sent"})


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_comes_back_after_the_wave_was_planned_anew_goes_with_that_one(embargoed, dies):
    """Four are under way when the embargo moves and the new wave is prepared. Nobody has two of it."""
    with runs.started(embargoed.store, now=embargoed.now()) as run:
        had, left = _sends(embargoed, run, number=2)
        with embargoed.store.write() as connection:
            late = guard.intend(connection, ids=left, run_id=run.id, now=embargoed.now())
        move(embargoed, LATER, pause=lambda _: None)
        _work(embargoed)
        assert [state for _, state in _texts(embargoed)].count("sent") == len(had)  # the others may have it
        if not dies:
            with embargoed.store.write() as connection:
                place = {"run_id": run.id, "now": embargoed.now()}
                deliveries.answer(connection, event="hand_back", ids=sorted(late), **place)
    _work(embargoed)
    ends = [state for _, state in _texts(embargoed)]
    assert ends.count("sent") == (len(had) if dies else len(AGENCIES))
    assert ends.count("doubtful") == (len(late) if dies else 0)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_reads_to_hold_it_after_the_hold_has_ended(embargoed):
    """Two of the notices have their intent when the officer lets it go on: their end is waited for."""
    _work(embargoed)
    place = {"actor": "officer", "now": embargoed.now(), "publisher_id": "press", "reference": REFERENCE}
    place |= {"house": house_of(embargoed)}
    assert stop.hold(embargoed.store, **place, reason="a doubt").told.told == len(AGENCIES)
    with runs.started(embargoed.store, now=embargoed.now()) as run:
        left = _sends(embargoed, run, number=0)[1]
        with embargoed.store.write() as connection:
            assert guard.intend(connection, ids=left[:2], run_id=run.id, now=embargoed.now()) == set(left[:2])

        def ends(_):
            assert _hands_over(embargoed, run, left[2:]) == set()  # none of the others begins
            with embargoed.store.write() as connection:
                deliveries.answer(
                    connection, event="accept", ids=left[:2], run_id=run.id, now=embargoed.now()
                )
            assert told(embargoed.store, kind="resume") == {}

        done = stop.resume(embargoed.store, **place, pause=ends)
    assert done.told.told == len(AGENCIES)
    assert list(told(embargoed.store, kind="hold").values()).count("sent") == 2


def _pause(built, address):
    c = rows.contact.c
    with built.store.write() as connection:
        connection.execute(update(rows.contact).where(c.address == address).values(standing="paused"))


class Watched(Schedule):
    """A schedule that remembers who may have the text: taken by the relay, or with an intent and no end."""

    def __init__(self, world, seed):
        super().__init__(world, seed)
        self.unknown = set()

    def _kill(self, sender):
        self.unknown |= set(sender.handing)
        super()._kill(sender)

    def holders(self):
        handing = {id for sender in self.senders for id in sender.handing}
        return set(self.accepted) | self.unknown | handing


def _silence(world, address, *, by_contact):
    if by_contact:
        world.contact(address, standing="unsubscribed")
        return
    with world.store.write() as connection:
        whose = {"publisher_id": "press", "address": Address.parse(address)}
        suppressions.add(connection, **whose, reason="phoned", now=NOW, by="officer")


def _addresses(store, mailout):
    d = rows.delivery.c
    with store.read() as connection:
        found = connection.execute(select(d.id, d.address).where(d.mailout_id == mailout))
        return {row.id: row.address for row in found}


def test_the_audience_of_a_notice_is_the_holders_in_every_history(store):
    """Whatever senders, crashes, rules and silence did before: nobody is missed, nobody else is told."""
    world = World(store)
    for seed in range(12 if store.is_sqlite else 4):  # the rules are the same
        history = Watched(world, seed)
        moves = [history.lease, history.intend, history.hand_over, history.hand_over, history.die]
        moves += [history.recover, history.gather, history.later, history.arrive]
        for _ in range(10 + seed * 4):
            history.random.choice(moves)()
        addresses = _addresses(store, history.mailout)
        silent = {id for id in history.ids if history.random.random() < 0.2}
        for id in silent:
            _silence(world, addresses[id], by_contact=history.random.random() < 0.5)
        done = withdraw.withdraw(
            store,
            actor="officer",
            now=history.now,
            reference=f"2026-{seed:04d}",
            house=world_house(),
            pause=lambda _: None,
        )
        expected = history.holders()
        unreached = {one.address for one in done.told.unreached}
        assert unreached == {addresses[id] for id in expected & silent}, seed
        assert done.told.told == len(expected - silent), seed
        with store.read() as connection:  # what the page says first
            release = releases.get(connection, publisher_id="press", reference=f"2026-{seed:04d}")
            stand = affected.of_release(connection, release_id=release.id)
        assert {one.address for one in stand.silent} == unreached, seed
        assert stand.told == done.told.told, seed
        for sender in history.senders:
            assert world.intend(sender.run, sender.waiting, now=history.now) == set(), seed
        for sender in list(history.senders):
            history._kill(sender)
        with store.write() as connection:  # the next history's senders have nothing to do with it
            over = [one.id for one in mailouts.of_release(connection, release_id=release.id)]
            mailouts.cancel(connection, ids=over, now=history.now)
