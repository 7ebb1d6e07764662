"""Law 6. Same input, same bytes: rendering is pure, Message-ID and Date are functions, stages repeat.

Planted bugs, each caught here: a random boundary, or a hash with the release's id in it (two stores); the
reasons of a delivery from a set, or `Date` in the machine's zone (the second process); `Date` from the
clock or the opening (the late mailout); a Message-ID with the attempt in it (before and after sending);
`gather`, `plan` or `prepare` that takes what it has done already, both its guards removed (every stage
twice).
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from distributor import config, system
from distributor.pipeline.compose import composer
from distributor.store import batches, blobs, deliveries, guard, rows, runs
from distributor.store.mailouts import get
from distributor.system import System
from tests.house import DOCUMENT, NOW, REFERENCE, House, mailouts, people, states
from tests.proof import dump
from tests.waiting import until

ROOT = Path(__file__).parents[2]
LIFT = NOW + timedelta(hours=2)
WAVE = LIFT - timedelta(hours=1)
EMBARGO = {"embargo": "2030-03-04T12:00+01:00", "advance": ("agencies=-60m",)}


def composed(built: System) -> dict[str, list[str]]:
    """Message-ID, envelope sender and bytes of every delivery there is, composed now."""
    with built.store.read() as connection:
        ids = list(connection.scalars(select(rows.mailout.c.id)))
        place = {"publisher": built.publisher, "tokens": built.tokens, "envelope": "verp", "known": {}}
        composers = {id: composer(connection, mailout=get(connection, id=id), **place) for id in ids}
        found = [deliveries.delivery(row) for row in connection.execute(select(rows.delivery))]
    messages = {one.id: composers[one.mailout_id].message(one) for one in found}
    return {
        str(id): [message.message_id, message.sender, message.content.decode("latin-1")]
        for id, message in messages.items()
    }


def second_process() -> None:
    """Composes in the folder that is named, and prints it."""
    built = system.build(config.load(Path(sys.argv[1]) / "config.toml"))
    print(json.dumps(composed(built)))
    built.store.close()


def _prepared(house: House, built: System, **wishes: object) -> None:
    house.sync(built)
    house.add(built, **wishes)
    house.approve(built)
    built.plan()
    built.prepare()


def _follow_trade(house: House, name: str, addresses: list[str]) -> None:
    (house.folder / "lists" / f"{name}.toml").write_text('topics = ["trade"]\n')
    (house.folder / "lists" / f"{name}.csv").write_text("\n".join(["email", *addresses, ""]))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_second_process_elsewhere_composes_the_same_bytes(house):
    """Another hash seed, another zone, another locale."""
    for n in range(6):  # many reasons, in an order that must not change
        _follow_trade(house, f"desk {n}", people(4))
    with house.system() as built:
        _prepared(house, built, **EMBARGO)
        house.clock.now = LIFT - timedelta(minutes=5)
        built.prepare()
        here = composed(built)
        assert len(here) == 9 + 1
        assert composed(built) == here
    elsewhere = {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    code = "from tests.laws.test_law_6_same_bytes import second_process; second_process()"
    said = subprocess.run(
        [sys.executable, "-c", code, str(house.folder)],
        cwd=ROOT,
        env=os.environ | elsewhere,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == here


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_goes_over_the_wire_is_what_was_composed_before_and_after(connected, relay, work):
    with connected.system() as built:
        _prepared(connected, built)
        before = composed(built)
        connected.clock.move(minutes=1)
        work(built)
        assert composed(built) == before
    sent = {(event["message_id"], event["sha256"]) for event in relay.accepted}
    assert sent == {(id, sha256(text.encode("latin-1")).hexdigest()) for id, _, text in before.values()}
    assert len(sent) == 9


# What is sent, how long after its due: the Date is the due all the same.
LATE = [
    ({}, NOW, timedelta(minutes=59)),  # at once, but the service was down
    ({"embargo": EMBARGO["embargo"]}, LIFT, timedelta(minutes=14)),  # an embargo
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("wishes", "due", "after"), LATE)
def test_the_date_is_the_due_of_the_mailout_however_late_it_goes(house, work, wishes, due, after):
    with house.system() as built:
        _prepared(house, built, **wishes)
        house.clock.now = due + after
        work(built)
    mails = [message_from_bytes(file.read_bytes()) for file in (house.folder / "outbox").glob("*.eml")]
    assert {parsedate_to_datetime(mail["Date"]) for mail in mails} == {due}
    assert len(mails) == len({mail["Message-ID"] for mail in mails}) == 9


@pytest.fixture(autouse=True)
def _render_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(House, "share_renderer", False)


@pytest.fixture
def two_houses(tmp_path: Path, sqlite_url: str, postgres_url: str) -> Iterator[tuple[House, House]]:
    """The same office twice: its own database, secret and folder each."""
    houses = House(tmp_path / "one", sqlite_url), House(tmp_path / "other", postgres_url)
    for house in houses:
        house.folder.mkdir()
        house.configure()
        house.furnish(trade=people(3), agencies=["wire@example.eu"])
    return houses


def _approved(house: House) -> tuple[str, dict[tuple[str, str], bytes]]:
    """The hash, and the merge templates by form and language."""
    t = rows.rendering.c
    with house.system() as built:
        house.sync(built)
        house.add(built, **EMBARGO)
        approval = house.approve(built)
        with built.store.read() as connection:
            found = connection.execute(select(t.form, t.language, t.sha256)).all()
            kept = {(form, code): blobs.fetch(connection, sha256=sha) for form, code, sha in found}
        return approval.hash, kept


def test_the_same_state_approved_in_two_stores_is_one_hash_and_the_same_templates(two_houses):
    """Later, under another id, on another database, with another secret."""
    one, other = two_houses
    other.clock.move(minutes=5)
    other.document(DOCUMENT.replace(REFERENCE, "2030-0001"), name="earlier.md")
    with other.system() as built:
        other.sync(built)
        other.add(built, name="earlier.md")
    hash, templates = _approved(one)
    assert _approved(other) == (hash, templates)
    assert set(templates) == {("advance", "en"), ("release", "en")}


class Twice:
    """Runs every stage twice in a row at the same moment; `moved` names those that ever did something."""

    def __init__(self, built: System) -> None:
        self.built = built
        self.moved: set[str] = set()

    def tick(self) -> None:
        before = dump(self.built.store)
        for stage in self.built.stages:
            stage()
            once = dump(self.built.store)
            stage()
            assert dump(self.built.store) == once, f"{stage.__name__} at {self.built.now()}"
            if once != before:
                self.moved.add(stage.__name__)
            before = once


def _send(built: System) -> None:
    """A worker run that sends what is open, and is gone."""
    with runs.started(built.store, now=built.now()) as run:
        asyncio.run(built.sender(run=run, mailer=built.mailer()).drain())


def _die_at_work(built: System) -> None:
    """A worker run that is gone after its first intents."""
    with runs.started(built.store, now=built.now()) as run, built.store.write() as connection:
        lease = batches.lease(connection, run_id=run.id, now=built.now())
        assert lease is not None
        waiting = deliveries.of_batch(connection, batch_id=lease.batch_id)
        ids = [delivery.id for delivery in waiting[:2]]
        assert guard.intend(connection, ids=ids, run_id=run.id, now=built.now()) == set(ids)
    until(lambda: _is_dead(built, run.id))  # PostgreSQL hears of the end of a session a moment later


def _is_dead(built: System, id: int) -> bool:
    with runs.proven_dead(built.store, id=id) as dead:
        return dead


def test_every_stage_twice_at_the_same_moment_changes_nothing(house):
    """On the whole way of a release with an advance copy and a sender that died."""
    house.configure(extra='[alerts]\nto = ["desk@example.org"]\n')
    with house.system() as built:
        twice = Twice(built)
        house.sync(built)
        house.add(built, **EMBARGO)
        house.approve(built)
        steps = [(NOW, None), (WAVE - timedelta(minutes=5), None), (WAVE, _send), (LIFT, _die_at_work)]
        steps += [(LIFT + timedelta(minutes=1), _send), (LIFT + timedelta(minutes=2), None)]
        for at, then in steps:
            house.clock.now = at
            twice.tick()
            if then:
                then(built)
        assert mailouts(built) == {"advance": "finished", "release": "finished"}
        assert states(built) == dict.fromkeys(people(8), "sent") | {"wire@example.eu": "cancelled"}
        # finish sealed before their minute was over; no clock jumped; no publisher is gone
        idle = {"seal", "watch_clock", "hold_foreign"}
        assert twice.moved == {stage.__name__ for stage in built.stages} - idle
