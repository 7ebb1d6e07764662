"""What the views say of rows as the stages leave them, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from distributor.cli import log_print
from distributor.mail.tokens import Tokens
from distributor.model.draft import Version
from distributor.model.embargo import Embargo
from distributor.model.message import Message, Phase, Reply
from distributor.model.publisher import Publisher
from distributor.model.release import Held
from distributor.model.rules import Rules
from distributor.model.topic import Topic, TopicTree
from distributor.office import doubt as verbs
from distributor.pipeline import recover
from distributor.pipeline.group import Answer, Composed, Group
from distributor.pipeline.ledger import Ledger
from distributor.store import deliveries, holds, log, mailouts, releases, revisions, rows, topics
from distributor.store.views import doubt, plan, recipients, todo
from distributor.store.views import log as log_view
from distributor.store.views import releases as release_view
from tests.world import NOW, PUBLISHER, World, leased, recipient

TOKENS = Tokens(b"0123456789abcdef0123456789abcdef")
HOUSE = Publisher(id=PUBLISHER, name="Press Office", address="press@example.org")
SECOND = timedelta(seconds=1)


@pytest.fixture
def world(store):
    made = World(store)
    with store.write() as connection:
        topics.replace(connection, tree=TopicTree({"trade": Topic("trade")}))
    yield made
    for book in made.ledgers:
        book.close()


def message_id(mailout_id: int, address_key: str) -> str:
    return TOKENS.message_id(mailout_id=mailout_id, address_key=address_key, domain="example.org")


def ledger(world: World, run) -> Ledger:
    made = Ledger(
        store=world.store,
        run_id=run.id,
        pseudonym=TOKENS.pseudonym,
        chain=log.Chain(f"run:{run.id}"),
    )
    world.ledgers.append(made)
    return made


def candidates(world: World, ids) -> list[Composed]:
    with world.store.read() as connection:
        found = [
            deliveries.delivery(row)
            for row in connection.execute(rows.delivery.select().order_by(rows.delivery.c.id))
        ]
    mine = [one for one in found if one.id in ids]
    later = NOW + timedelta(hours=24)
    return [
        Composed(
            one,
            Message("s", one.address, (b"x\r\n",), "<i@d>"),
            "b" * 64,
            TOKENS.pseudonym(one.address_key),
            later,
        )
        for one in mine
    ]


def reply(code: int, *, after: timedelta, phase: Phase = Phase.DOT) -> Reply:
    return Reply(code, "2.0.0" if code == 250 else "4.2.2", "said", "relay1", phase, NOW, NOW + after)


def document(world: World, release_id: int, **asked):
    with world.store.read() as connection:
        return log_view.document(
            connection,
            reference="2026-0001",
            asked=log_view.Filter(PUBLISHER, release_id, **asked),
            message_id=message_id,
        )


def test_attempts_are_pairs_of_intent_and_answer(world):
    run, mailout, ids = leased(world, people=3)
    book = ledger(world, run)
    told = book.commit(Group(candidates=candidates(world, ids)), now=NOW).granted
    accepted = [
        Answer(told[0], reply(250, after=SECOND), 0),
        Answer(told[1], reply(250, after=3 * SECOND), 0),
    ]
    deferred = Answer(told[2], reply(450, after=2 * SECOND, phase=Phase.RCPT), 0)
    book.commit(Group(answers=[*accepted, deferred]), now=NOW + 4 * SECOND)

    found = document(world, 1)
    (line,) = found["mailouts"]
    assert line["counts"] == {"sent": 2, "deferred": 1}
    assert (line["first_ms"], line["last_ms"]) == (1000, 3000)  # the deferred one is no acceptance
    last = found["deliveries"][2]
    assert last["attempts"] == [
        {
            "number": 1,
            "started": NOW,
            "finished": NOW + 2 * SECOND,
            "relay": "relay1",
            "code": 450,
            "enhanced": "4.2.2",
            "text": "said",
            "end": "answer",
        }
    ]
    assert last["bytes_sha256"] == "b" * 64
    assert last["message_id"] == message_id(mailout, "r2@example.org")


def test_an_attempt_without_an_answer_has_an_open_end(world):
    run, _, ids = leased(world, people=1)
    ledger(world, run).commit(Group(candidates=candidates(world, ids)), now=NOW)
    (line,) = document(world, 1)["deliveries"]
    assert (line["state"], line["attempts"][0]["finished"], line["attempts"][0]["code"]) == (
        "sending",
        None,
        None,
    )


def test_what_was_handed_back_is_no_try(world):
    """Planted: every intent counts as one."""
    _, mailout, ids = leased(world, people=1)
    with world.store.write() as connection:
        for kind in ("intent", "handed_back"):
            event = log.Event(kind, NOW, "run:1", mailout_id=mailout, delivery_id=ids[0], attempt=1)
            log.record(connection, event)
    (line,) = document(world, 1)["deliveries"]
    assert [one["end"] for one in line["attempts"]] == ["handed_back"]
    assert log_print.tries(line) == 0


@pytest.mark.parametrize(
    ("asked", "addresses"),
    [
        ({}, ["r0", "r1", "r2"]),
        ({"address_key": "r1@example.org"}, ["r1"]),
        ({"state": "sent"}, ["r0"]),
        ({"state": "bounced"}, []),
        ({"since": NOW + SECOND}, ["r0"]),  # the only one that changed since
    ],
)
def test_the_log_is_narrowed(world, asked, addresses):
    run, _, ids = leased(world, people=3)
    book = ledger(world, run)
    told = book.commit(Group(candidates=candidates(world, ids[:1])), now=NOW).granted
    book.commit(Group(answers=[Answer(told[0], reply(250, after=SECOND), 0)]), now=NOW + 2 * SECOND)
    found = document(world, 1, **asked)["deliveries"]
    assert [line["address"].partition("@")[0] for line in found] == addresses


def _doubt(world: World, *, settled: bool):
    with world.store.read() as connection:
        return doubt.listing(connection, publisher_id=PUBLISHER, message_id=message_id, settled=settled)


def test_doubt_is_listed_until_it_is_settled_and_told_afterwards(world):
    run, mailout, ids = leased(world, people=2)
    ledger(world, run).commit(Group(candidates=candidates(world, ids)), now=NOW)
    world.die(run)
    assert recover.find(world.store, now=NOW + SECOND, pseudonym=TOKENS.pseudonym) == 2
    open_ones = _doubt(world, settled=False)
    assert [(one["address"], one["mailout"], one["since"]) for one in open_ones] == [
        ("r0@example.org", mailout, NOW + SECOND),
        ("r1@example.org", mailout, NOW + SECOND),
    ]
    _settle(world, address="r0@example.org", outcome="sent")
    assert [one["address"] for one in _doubt(world, settled=False)] == ["r1@example.org"]
    settled, still_open = _doubt(world, settled=True)
    assert settled["settled"] == {"how": "sent", "by": "officer", "at": NOW + 2 * SECOND}
    assert still_open["settled"] is None


def _settle(world: World, *, address: str | None, outcome: str) -> int:
    return verbs.settle(
        world.store,
        actor="officer",
        now=NOW + 2 * SECOND,
        publisher_id=PUBLISHER,
        reference="2026-0001",
        address=address,
        outcome=outcome,
        pseudonym=TOKENS.pseudonym,
    )


def test_nothing_is_sent_again_within_a_cancelled_mailout(world):
    """Planted bug: without `_still_sending` the delivery is queued for ever (law 2: it must end)."""
    run, mailout, ids = leased(world, people=1)
    world.intend(run, ids)
    world.die(run)
    recover.find(world.store, now=NOW, pseudonym=TOKENS.pseudonym)
    with world.store.write() as connection:
        mailouts.cancel(connection, ids=[mailout], now=NOW)
    with pytest.raises(Exception, match="cancelled, so nothing can be sent again"):
        _settle(world, address=None, outcome="resend")
    assert world.states(mailout) == ["doubtful"]
    assert _settle(world, address=None, outcome="cancelled") == 1
    assert world.states(mailout) == ["cancelled"]


def _todo(world: World, *, rules: Rules | None = None, now=NOW):
    with world.store.read() as connection:
        return todo.document(connection, publisher_id=PUBLISHER, rules=rules or Rules(), now=now)


def test_todo_names_holds_lateness_and_what_nobody_opened(world):
    held = world.release(reference="held")
    stuck = world.release(reference="stuck")
    late = world.release(reference="late")
    world.mailout(stuck, state="prepared", due=NOW - timedelta(minutes=5))
    late_mailout = world.mailout(late, state="prepared")
    with world.store.write() as connection:
        releases.hold(connection, release_id=held, held=Held("ask the minister", "officer", NOW))
        holds.hold(connection, id=late_mailout, held=Held("late: due 20 minutes ago", "clockwork", NOW))
    answers = {one["reference"]: (one["kind"], one["answer"]) for one in _todo(world)}
    assert answers == {
        "held": ("held", "distributor release resume held"),
        "late": ("late", "distributor release resume late"),
        "stuck": ("late", "distributor send-due"),
    }


def test_todo_names_an_open_mailout_that_no_sender_serves(world):
    """Planted bug: looking only at what is planned or prepared: after a crash of `run` nobody hears of it."""
    mailout = world.mailout(world.release(), state="sending")
    world.deliver(mailout, [recipient("ada@example.org")], strangers=True)
    with world.store.write() as connection:
        connection.execute(update(rows.mailout).values(opened_at=NOW))
    later = NOW + timedelta(minutes=5)
    assert _todo(world) == []  # it has just begun
    [entry] = _todo(world, now=later)
    assert "no sender is at work" in entry["what"]
    assert (entry["kind"], entry["since"], entry["answer"]) == ("late", NOW, "distributor send-due")
    run = world.run()
    run.beat(now=later)
    assert _todo(world, now=later) == []
    world.die(run)
    assert _todo(world, now=later + timedelta(minutes=5)) != []  # it is dead, whatever its row says


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        (("reject", "reject"), "release reached nobody: 2 rejected"),
        (("reject", "expire"), "release reached nobody: 1 expired, 1 rejected"),
        (("reject", "accept"), None),
        (("reject", "doubt"), None),  # that is asked elsewhere
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_todo_names_a_mailout_that_reached_nobody(world, ends, told):
    run, _, ids = leased(world, people=2)
    world.intend(run, ids)
    for id, event in zip(ids, ends, strict=True):
        world.answer(run, id, event)
    with world.store.write() as connection:
        connection.execute(update(rows.mailout).values(state="finished", finished_at=NOW))
    found = [one["what"] for one in _todo(world) if one["kind"] == "rejected"]
    assert found == ([told] if told else [])
    run.beat(now=NOW + timedelta(days=4))
    assert _todo(world, now=NOW + timedelta(days=4)) == [] or not told


@pytest.mark.parametrize(
    ("after_crash", "state", "answer"),
    [
        ("resend", "sending", None),  # the rule settles it: nobody is asked
        ("ask", "sending", "distributor doubt resend 2026-0001"),
        ("resend", "cancelled", "distributor doubt settle 2026-0001 --cancelled"),  # nothing sends it again
    ],
)
def test_todo_asks_about_doubt_that_no_rule_settles(world, after_crash, state, answer):
    run, _, ids = leased(world, people=2)
    world.intend(run, ids)
    world.die(run)
    recover.find(world.store, now=NOW, pseudonym=TOKENS.pseudonym)
    with world.store.write() as connection:
        connection.execute(update(rows.mailout).values(state=state))
    rules = Rules(after_crash=after_crash)
    assert [one["answer"] for one in _todo(world, rules=rules)] == ([answer] if answer else [])
    with world.store.read() as connection:
        known = todo.by_itself(connection, publisher_id=PUBLISHER, rules=rules, now=NOW)
    assert [one["what"].partition(",")[0] for one in known] == (
        [] if answer else ["2 deliveries may have gone out unseen: they are sent again"]
    )


def test_the_listing_has_the_latest_revision_and_its_headline(world):
    world.release(reference="one")
    world.release(reference="two", embargo=NOW + timedelta(hours=1))
    with world.store.read() as connection:
        found = release_view.listing(connection, publisher_id=PUBLISHER, limit=10)
    assert [(one["reference"], one["headline"], one["state"], one["languages"]) for one in found] == [
        ("two", "Harbour opens", "approved", ["en"]),
        ("one", "Harbour opens", "approved", ["en"]),
    ]
    assert found[0]["embargo"] == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("words", "references"),
    [
        ("Öffnet", ["two"]),
        ("ÖFFNET", ["two"]),
        ("TWO", ["two"]),
        ("harbour", ["one"]),  # the first revision of two said so as well
        ("%", []),
        ("_", []),
    ],
)
def test_a_search_looks_through_references_and_the_latest_headlines(world, words, references):
    world.release(reference="one")
    second = world.release(reference="two")
    with world.store.write() as connection:
        known = releases.by_id(connection, id=second).latest
        revisions.add(
            connection,
            release_id=second,
            type=known.type,
            sending=known.sending,
            versions=[Version("de", headline="Der Hafen öffnet"), Version("en", headline="Harbour opens")],
            sha256="1" * 64,
            warnings=[],
            now=NOW,
            actor="officer",
        )
        found = release_view.listing(connection, publisher_id=PUBLISHER, limit=10, find=words)
    assert [one["reference"] for one in found] == references


@pytest.mark.parametrize(
    ("release", "revision", "word"),
    [
        ("open", "draft", "draft"),
        ("open", "approved", "approved"),
        ("published", "approved", "published"),
        ("published", "draft", "draft"),  # a new text that waits
        ("withdrawn", "approved", "withdrawn"),
        ("withdrawn", "draft", "withdrawn"),
    ],
)
def test_one_word_for_where_a_release_stands(release, revision, word):
    assert release_view.state(release=release, revision=revision) == word


def test_until_lifted_is_written_so():
    assert release_view.written(Embargo(until_lifted=True, expected=NOW)) == "until lifted"
    assert release_view.written(Embargo()) is None


def test_after_the_snapshot_late_comers_stand_on_the_other_side(world):
    """Planted bug: show today's audience after the snapshot, and the late-comer seems to get it."""
    release_id = world.release()
    mailout = world.mailout(release_id, state="sending")
    world.deliver(mailout, [recipient("early@example.org"), recipient("left@example.org")])
    with world.store.write() as connection:
        connection.execute(update(rows.revision).values(also=["early@example.org", "new@example.org"]))
    with world.store.read() as connection:
        release = releases.by_id(connection, id=release_id)
        found = recipients.document(connection, release, publisher=HOUSE, rules=Rules(), now=NOW)
        planned = plan.document(connection, release, publisher=HOUSE, rules=Rules(), now=NOW)
    assert [(one["address"], one["state"]) for one in found["recipients"]] == [
        ("early@example.org", "queued"),
        ("left@example.org", "queued"),
    ]
    reasons = {one["address"]: one["reason"] for one in found["excluded"]}
    assert reasons == {"new@example.org": "came after the audience was taken"}
    assert [one["size"] for one in planned["mailouts"]] == [2]


@pytest.mark.parametrize(
    ("advance", "release", "shown"),
    [
        ("sent", "cancelled", ("advance", "agencies", "sent")),  # she has it
        ("rejected", "cancelled", ("advance", "agencies", "rejected")),
        ("queued", "queued", ("advance", "agencies", "queued")),  # before the embargo
        ("sending", "queued", ("advance", "agencies", "sending")),
        ("cancelled", "sent", ("release", "", "sent")),  # the release copy took its place
        ("expired", "queued", ("release", "", "queued")),
        ("doubtful", "sent", ("release", "", "sent")),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_wave_and_state_are_of_the_same_delivery(world, advance, release, shown):
    """Planted bug: the state of the release delivery (“cancelled”) beside the wave that she had it in."""
    release_id = world.release()
    wave = world.mailout(release_id, kind="advance", wave="agencies", state="sending")
    whole = world.mailout(release_id, state="sending")
    d = rows.delivery.c
    for mailout, state in ((wave, advance), (whole, release)):
        world.deliver(mailout, [recipient("ada@example.org")], strangers=True)
        with world.store.write() as connection:
            connection.execute(update(rows.delivery).where(d.mailout_id == mailout).values(state=state))
    with world.store.read() as connection:
        found = releases.by_id(connection, id=release_id)
        document = recipients.document(connection, found, publisher=HOUSE, rules=Rules(), now=NOW)
    [one] = document["recipients"]
    assert (one["mailout"], one["wave"], one["state"]) == shown
