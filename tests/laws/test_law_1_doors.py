"""Law 1, at every door: the command tree and the router themselves say which there are (`doors`).

Each is opened while releases with a word of their own are under embargo, some with their advance copies out,
and what comes out is searched for that word: terminal, files, answers, logs down to debug.

Planted by hand and caught: a route that shows the headline; a route without a rule; a command without a rule;
a line of the program's log with the subject; the headline in an event of `log`; a report that names it; a
preview that others may read; advance copies for everybody.
"""

import asyncio
import gc
import json
import logging
import re
import shlex
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from functools import cached_property
from itertools import count

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import select

from distributor import system
from distributor.cli.app import main
from distributor.cli.terminal import Terminal
from distributor.model.officer import Role
from distributor.policy import rights
from distributor.store import rows
from distributor.web.app import build
from distributor.worker import send_due
from tests.house import DOCUMENT, HEADLINE, House, real, tick
from tests.laws import doors
from tests.test_docs_commands import commands
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("doors")

WORD = "xylograph"
ACCESS = {"wire@example.eu", "t1@example.org"}  # she from a grant on
READERS = {Role.AUTHOR, Role.APPROVER, Role.READER}
LIFT = datetime.now(UTC).replace(minute=30, second=0, microsecond=0) + timedelta(days=3)  # never midnight
_SECRET = DOCUMENT.replace(HEADLINE, f"A {WORD} of Quillhaven").replace("eleven", WORD)


class Office:
    """A house, and releases under embargo in it; `number` is another one for each door and form."""

    def __init__(self, house):
        self.house = house
        self._numbers = count(1)

    @cached_property
    def ref(self):
        return self.release()

    @cached_property
    def draft(self):
        return self.release(approved=False)

    @property
    def number(self):
        return next(self._numbers)

    def release(self, *, approved=True, sent=True):
        """Unless `sent`, its advance copy is due and nobody has sent it."""
        reference = f"r-{self.number}"
        with self.house.system(now=real) as built:
            self.house.add(built, reference=reference, embargo=LIFT.isoformat(), advance=("agencies=-9999h",))
            if approved:
                self.house.approve(built, reference)
                tick(built)
            if approved and sent:
                asyncio.run(send_due(built))
        return reference

    def names(self, ways):
        """What the ways name, made as they need it."""
        fresh = {"own": {}, "mine": {"approved": False}, "due": {"sent": False}}
        found = {key: self.release(**how) for key, how in fresh.items() if f"{{{key}}}" in ways}
        found |= {"ref": self.ref, "draft": self.draft}  # there are some, whatever is asked for first
        times = {"lift": LIFT, "later": LIFT + timedelta(hours=1), "now": real()}
        return found | {key: at.isoformat() for key, at in times.items()} | {"n": self.number}


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("doors"))
    house.configure(extra='[web]\nlisten = "127.0.0.1:0"\n')
    house.furnish(trade=["t0@example.org", "t1@example.org"], agencies=["wire@example.eu"])
    house.document(_SECRET)
    house.document(_SECRET, name="new.md")
    house.document(_SECRET.replace(f"a {WORD}", f"the {WORD}").replace("years", "weeks"), name="right.md")
    with house.system(now=real) as built:
        house.sync(built)
    yield Office(house)
    house.close()


@pytest.fixture
def here(office, monkeypatch):
    """In its folder, with one renderer for all, as houses have; each result is shown in both forms."""
    monkeypatch.chdir(office.house.folder)
    with office.house.system(now=real) as built:
        monkeypatch.setattr(system, "Renderer", lambda _: built.renderer)
    monkeypatch.setattr(Terminal, "show", _both_forms)
    return office


def _both_forms(terminal, document, human):
    print(json.dumps(document, ensure_ascii=False, default=str))
    human(terminal.out)


def _routes(app):
    """Every (method, path), also of the routers within it."""
    for route in app.routes:
        inner = getattr(route, "original_router", None)
        assert inner or isinstance(route, APIRoute), f"{route}: a door of a kind that has no rule"
        if inner:
            yield from ((method, route.include_context.prefix + path) for method, path in _routes(inner))
        else:
            yield from ((method, route.path) for method in sorted(route.methods))


# what there is, has a rule


def test_every_command_has_a_rule():
    assert set(commands()) <= set(doors.COMMANDS), "the rules stand in tests/laws/doors.py"


def test_every_route_has_a_rule(office):
    with office.house.system(now=real) as built:
        unruled = [door for door in _routes(build(built)) if doors.of_route(*door) is None]
    assert unruled == [], "the rules stand in tests/laws/doors.py"


def test_what_shows_the_text_is_only_for_those_who_may_read_it():
    showing = [name for name, door in doors.COMMANDS.items() if door.rule == doors.OFFICERS]
    verbs = [part for name in showing for part in rights.WHOLE.get(name, (name,))]
    assert [verb for verb in verbs if not rights.RIGHTS[verb] <= READERS] == []


# each door is opened


def _opened(*, service):
    """The doors that there are, each once."""
    found = {name: door for name, door in doors.COMMANDS.items() if name in commands()}
    return [name for name, door in found.items() if door.ways and door.service == service]


@pytest.mark.parametrize("name", _opened(service=False))
def test_a_command_keeps_to_its_rule(here, name, capsys, caplog):
    door = doors.COMMANDS[name]
    caplog.set_level(logging.DEBUG, logger="distributor")
    names, before = here.names(" ".join(door.ways)), _files(here.house.folder)
    capsys.readouterr()
    shown = ""
    for way in door.ways:
        argv = [part.format(**names) for part in shlex.split(way)]
        code = _run(argv)
        said = capsys.readouterr()
        assert code in _codes(name), (argv, said.err)
        shown += said.out + said.err
    assert door.rule == doors.OFFICERS or WORD not in shown
    _keeps(door, shown, _written(here.house.folder, before))
    assert WORD not in caplog.text


def _run(argv):
    """In this process; a sender leaves the garbage to nobody."""
    thresholds = gc.get_threshold()
    try:
        return main(argv)
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)


def _codes(name):
    """Where there is no doubt, there is none to settle; `check` warns of much."""
    return {0, 1} if name in ("doubt settle", "doubt resend", "check") else {0}


def _files(folder):
    """Each file with what tells that it was written again; the database is no door, its copies are."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."]
    return {path: path.stat().st_mtime_ns for path in found if not _ours(path, folder)}


def _ours(path, folder):
    name = path.relative_to(folder)
    return name.parts[0].startswith(("distributor.db", ".said-")) or name.suffix == ".md"


def _written(folder, before):
    return [path for path, changed in _files(folder).items() if before.get(path) != changed]


def _keeps(door, shown, written):
    """What was written with the word in it goes to whom it may; and there is some where the rule says so."""
    holding = [path for path in written if WORD in _text(path)]
    assert not [path for path in holding if path.stat().st_mode & 0o077], "others may read it"
    if door.rule == doors.ACCESS:
        assert holding
        assert {_recipient(path) for path in holding} <= ACCESS
    elif door.rule == doors.COPY:
        assert holding
    elif door.rule == doors.OFFICERS:
        assert holding or WORD in shown
    else:
        assert holding == []


def _text(path):
    """As bytes are read, encoded words and quoted-printable taken away."""
    content = path.read_bytes()
    if path.suffix != ".eml":
        return content.decode("latin-1")
    mail = message_from_bytes(content)
    parts = [part.get_payload(decode=True) or b"" for part in mail.walk()]
    return str(make_header(decode_header(mail["Subject"]))) + b"".join(parts).decode("utf-8", "replace")


def _recipient(path):
    assert path.suffix == ".eml", path
    return re.search(r"[\w.]+@[\w.]+", str(message_from_bytes(path.read_bytes())["To"]))[0]


@pytest.mark.parametrize("name", _opened(service=True))
def test_a_service_keeps_to_its_rule(here, name):
    """It sends the advance copy that is due; then it is stopped."""
    here.release(sent=False)
    before = _files(here.house.folder)
    program = here.house.start(*doors.COMMANDS[name].ways[0].split())
    until(lambda: any(path.suffix == ".eml" for path in _written(here.house.folder, before)))
    program.terminate()
    assert program.wait() == 0
    assert WORD not in program.stdout + program.stderr
    _keeps(doors.COMMANDS[name], "", _written(here.house.folder, before))


def test_a_route_keeps_to_its_rule(here, caplog):
    """By whoever asks, with a token of a mail and with one that nobody made."""
    caplog.set_level(logging.DEBUG)
    reference = here.release()
    with here.house.system(now=real) as built:
        app = build(built)
        tokens = (built.tokens.unsubscribe(_delivery(built, reference)), "nobody-s")
        client = TestClient(app, follow_redirects=False)
        for method, path in _routes(app):
            for token in tokens:
                url = re.sub(r"\{[^}]*\}", token, path)
                answer = client.request(method, url)
                said = answer.text + str(answer.headers)
                assert WORD not in said.lower(), (method, path)
                assert reference not in said, (method, path)
    assert WORD not in caplog.text


def _delivery(built, reference):
    d, m, r = rows.delivery.c, rows.mailout.c, rows.release.c
    query = (
        select(d.id)
        .join(rows.mailout, m.id == d.mailout_id)
        .join(rows.release, r.id == m.release_id)
        .where(r.reference == reference, m.kind == "advance")
    )
    with built.store.read() as connection:
        return connection.execute(query).scalars().first()
