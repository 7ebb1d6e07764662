"""Watching: a bar while it sends, a release that is followed, and a log that names nobody (law 9).

Planted once by hand and caught: the greeting of `run` as plain text between JSON lines; nothing masked.
"""

import json
import logging
import os
import pty
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial

import pytest

from distributor import config
from distributor.cli import logs
from tests.house import REFERENCE, furnished, people
from tests.program import Program, know, sit_at
from tests.sink import sink
from tests.waiting import until

PEOPLE = people(12)


@pytest.fixture
def relay(tmp_path):
    answer = "rcpt:r3@example.org=550 5.1.1 <r3@example.org> nobody here"
    with sink(tmp_path / "sink.log", "--answer", answer) as heard:
        yield heard


@pytest.fixture
def house(tmp_path, relay):
    log = '[log]\nlevel = "info"\nformat = "json"\n[web]\nlisten = "127.0.0.1:0"\n'
    with furnished(tmp_path, port=relay.port, extra=log, trade=PEOPLE) as made:
        made.due()
        yield made


def on_a_terminal(*argv, folder) -> str:
    """What a command shows on a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    with ThreadPoolExecutor(1) as beside:
        program = Program(argv, folder=folder, before=partial(_sit_down, os.ttyname(theirs)))
        shown = beside.submit(lambda: b"".join(_read(ours)))
        code = program.wait()
        os.close(theirs)
        assert code == 0
    os.close(ours)
    return shown.result().decode()


def _sit_down(terminal: str) -> None:
    know({"TERM": "xterm", "COLUMNS": "100"})
    sit_at(terminal, 0, 1, 2)


def _read(terminal: int) -> Iterator[bytes]:
    with suppress(OSError):  # Linux's way to say that the other end is closed
        while piece := os.read(terminal, 4096):
            yield piece


def test_a_bar_on_a_terminal(house):
    shown = on_a_terminal("send-due", folder=house.folder)
    assert "11 sent, 1 rejected" in shown
    assert "/s" in shown
    assert "12/12" in shown


def test_silent_off_a_terminal(house):
    sent = house.run("send-due", "--json")
    assert json.loads(sent.stdout)["sent"] == 11
    assert sent.stderr == ""


def test_a_release_is_followed_to_its_end(house, relay):
    relay.gate("close dot")
    following = house.start("log", REFERENCE, "--follow")
    silent = house.start("log", REFERENCE, "--follow", "--json")
    sender = house.start("send-due")
    relay.until(lambda sink: sink.accepted)
    until(lambda: "sending" in following.stdout)
    relay.gate("open dot")
    assert [one.wait() for one in (sender, following, silent)] == [0, 0, 0]
    lines = following.stdout.splitlines()
    assert "release finished: 1 rejected, 11 sent" in lines
    assert json.loads(silent.stdout)["mailouts"][0]["counts"] == {"rejected": 1, "sent": 11}


def test_only_a_release_is_followed(house):
    assert "distributor log REF --follow" in house.run("log", "--follow", expect=1).stderr
    assert "leave" in house.run("log", "verify", "--follow", expect=1).stderr.lower()


def test_every_line_of_the_service_is_an_object_and_names_nobody(house, relay):
    service: Program = house.start("run")
    relay.until(lambda sink: len(sink.accepted) == 11)
    until(lambda: "is done" in service.stderr)
    service.terminate()
    assert service.wait() == 0
    lines = [json.loads(line) for line in service.stderr.splitlines()]
    assert all(line.keys() >= {"at", "level", "where", "message"} for line in lines)
    assert any("distributor runs" in line["message"] for line in lines)
    assert "@" not in service.stdout + service.stderr


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(("level", "shown"), [("info", False), ("debug", True)])
def test_what_others_say_is_masked(tmp_path, capfd, form, level, shown):
    """Words of a relay, of a library, of an error; in quotes and brackets; not what stands beside them."""
    said = f'[log]\nlevel = "{level}"\nformat = "{form}"\n'
    root = logging.getLogger()
    before, was = root.handlers[:], root.level
    try:
        logs.set_up(config.parse(said, file=tmp_path / "config.toml"))
        log = logging.getLogger("distributor.test")
        log.warning("relay said: 550 <ada@example.org> no; 'Bea.B+x@example.com', \"é@exämple.eu\" batch 7")
        try:
            raise ValueError("cem@example.org")
        except ValueError:
            log.exception("it broke")
    finally:
        root.handlers[:], root.level = before, was
    told = capfd.readouterr().err
    assert ("ada@example.org" in told) is shown
    assert ("@" in told) is shown
    assert "relay said: 550 <" in told
    assert "batch 7" in told
    if form == "json":
        assert [json.loads(line)["level"] for line in told.splitlines()] == ["warning", "error"]


def test_a_service_that_starts_while_nothing_can_be_written_goes_on_by_itself(tmp_path, relay):
    """Planted bug: the first officer's link, which cannot be kept, ends the senders, and not the service."""
    web = '[web]\nlisten = "127.0.0.1:0"\n'
    with furnished(tmp_path, port=relay.port, extra=web, trade=PEOPLE) as house:
        house.due()
        with closing(sqlite3.connect(house.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            service = house.start("run")
            service.until_said("No link for a first officer could be made")
            other.execute("ROLLBACK")
        relay.until(lambda sink: len(sink.accepted) == len(PEOPLE) - 1)
        service.terminate()
        assert service.wait() == 0
