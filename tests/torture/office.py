"""A press office that is tortured: its folder, its relay (a fresh sink for each release), its programs.

What dies is a child of the fork server (tests.program); what is started afterwards is a fresh interpreter,
as a user or systemd starts it. What the relay took is read from the sink's own log.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from sqlalchemy import select

from distributor.store import rows
from distributor.store.database import Store
from tests.bench.house import POSTGRES, postgres
from tests.bench.stats import below
from tests.house import DOCUMENT, REFERENCE, House, people, real
from tests.program import Program
from tests.sink import Heard, sink
from tests.torture.edges import Edge, arm

OVER = {"finished", "cancelled"}
_TRIES = 60
Heard.patience = 600  # on a machine that is busy with other things

d, m, r = rows.delivery.c, rows.mailout.c, rows.release.c


@dataclass
class Office:
    """`addresses` all follow the topic of each release."""

    folder: Path
    addresses: Sequence[str]
    connections: int
    database_url: str = ""
    listen: str = "127.0.0.1:0"
    relay: str = "127.0.0.1"
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.house = House(self.folder, database_url=self.database_url)
        self._configure(port=25, undo=0)
        self.house.furnish(trade=self.addresses)
        self._stack = ExitStack()
        self.system = self._stack.enter_context(self.house.system(now=real))
        self.house.sync(self.system)

    def close(self) -> None:
        self._stack.close()

    @property
    def store(self) -> Store:
        """Its database, seen from this process."""
        return self.system.store

    @property
    def window(self) -> int:
        """W of law 2: how many may be in doubt after one death."""
        return 2 * self.connections + 64

    @contextmanager
    def release(
        self, *relay_options: str, pipelining: bool = True, undo: int = 0, approved: bool = True
    ) -> Iterator["Release"]:
        """A new release, approved or a draft, with a relay of its own for the length of the block."""
        reference = f"2030-{next(self._numbers):04d}"
        log = self.folder / f"sink-{reference}.log"
        with sink(log, *(["--pipelining"] if pipelining else []), *relay_options) as relay:
            self._configure(port=relay.port, undo=undo)
            self.house.document(DOCUMENT.replace(REFERENCE, reference))
            self.house.add(self.system)
            if approved:
                self.house.approve(self.system, reference)
            made = Release(self, reference, relay, log)
            try:
                yield made
            finally:
                made.close()

    def _configure(self, *, port: int, undo: int) -> None:
        relay = (
            f'[relays.sink]\nhost = "{self.relay}"\nport = {port}\ntls = "none"\n'
            f'connections = {self.connections}\n[web]\nlisten = "{self.listen}"\n'
        )
        self.house.configure(extra=relay)
        config = self.folder / "config.toml"
        config.write_text(config.read_text().replace('undo = "0s"', f'undo = "{undo}s"'))


@dataclass
class Release:
    """One release of a tortured office, and all that is done to it."""

    office: Office
    reference: str
    relay: Heard
    log: Path
    _programs: list[Program] = field(default_factory=list)

    def start(self, *argv: str, edge: Edge | None = None) -> Program:
        """A program that shall die: by itself at `edge`, or by `kill`."""
        before = partial(arm, edge) if edge else None
        self._programs.append(Program(argv, folder=self.office.folder, before=before))
        return self._programs[-1]

    def run(self, *argv: str) -> Program:
        """A command that must succeed."""
        return self.office.house.run(*argv)

    def json(self, *argv: str) -> Any:
        return self.office.house.json(*argv)

    def close(self) -> None:
        for program in self._programs:
            kill(program)

    def doubted(self, *flags: str) -> Counter[str]:
        """`doubt list`: how often each address of this release is in it."""
        listed = self.json("doubt", "list", *flags)
        return Counter(line["address"] for line in listed if line["reference"] == self.reference)

    def taken(self) -> list[dict[str, Any]]:
        """What the relay says it took, by its own log."""
        lines = self.log.read_text("utf-8").splitlines()
        return [event for event in map(json.loads, lines) if event["event"] == "accepted"]

    def taken_at_least(self, wanted: int) -> None:
        """Come back then. A worker alone has nobody who gathers what it handed back: that is seen to."""
        end = time.monotonic() + Heard.patience
        while not self.relay.heard(lambda sink: len(sink.accepted) >= wanted, within=1):
            assert time.monotonic() < end, self.relay.events[-5:]
            self.office.system.gather()

    def verdict(self) -> dict[str, Any]:
        """`log verify`, whatever it says."""
        verify = self.office.house.start("log", "verify", "--json")
        verify.wait()
        found: dict[str, Any] = json.loads(verify.stdout)
        return found

    def finish(self, *, fresh: bool = False) -> "Start | None":
        """`send-due` until the mailout is over, as cron would; doubt that waits for an officer is resent.

        `fresh`: each is a fresh interpreter; how the first one started is returned, if it had to hand over.
        """
        began, work = datetime.now(UTC), 0.0
        for number in range(_TRIES):
            spent = self._send_due(fresh)
            work = work if number else spent
            if self.mailout in OVER:
                break
            self._answer()
        later = [at for event in self.taken() if (at := datetime.fromisoformat(event["at"])) > began]
        return Start((min(later) - began).total_seconds(), work) if fresh and later else None

    @property
    def mailout(self) -> str:
        """Its state; "" while there is none."""
        return next(iter(self._read(select(m.state).join(rows.release, r.id == m.release_id))), "")

    @property
    def held(self) -> bool:
        """By an officer."""
        return self._read(select(r.held_at)) != [None]

    def deliveries(self) -> list[tuple[str, str]]:
        """(address, state) of each."""
        found = select(d.address, d.state).join(rows.mailout, m.id == d.mailout_id)
        return self._read(found.join(rows.release, r.id == m.release_id), all=True)

    def _read(self, wanted: Any, *, all: bool = False) -> list[Any]:
        with self.office.store.read() as connection:
            found = connection.execute(wanted.where(r.reference == self.reference)).all()
        return [tuple(row) if all else row[0] for row in found]

    def _answer(self) -> None:
        """What an officer answers: doubt a second time. Else some moments pass."""
        if self.doubted():
            self.run("doubt", "resend", self.reference)
        else:
            time.sleep(0.2)  # until the instant, or the next attempt

    def _send_due(self, fresh: bool) -> float:
        """Seconds of processor time, when it is a fresh interpreter."""
        if not fresh:
            self.run("send-due")
            return 0.0
        environment = {name: text for name, text in os.environ.items() if "DISTRIBUTOR_" not in name}
        command = [sys.executable, "-m", "distributor", "send-due"]
        before = os.times()
        done = subprocess.run(
            command, cwd=self.office.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system


@dataclass(frozen=True)
class Start:
    """Of a fresh interpreter: seconds to the next acceptance; processor seconds of the whole program."""

    seconds: float
    work: float


def kill(program: Program) -> bool:
    """kill -9 of a program and all its children, as a power cut would; whether it still ran.

    Returns when all are gone: their locks go with them.
    """
    running = program.running
    family = [program.pid, *below(program.pid)] if running else []
    end(family)
    program.wait()
    gone(family)
    return running


def end(pids: Sequence[int]) -> None:
    """kill -9 of each."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def gone(pids: Sequence[int]) -> None:
    """Return when none of them lives."""
    while any(_lives(pid) for pid in pids):
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


class Offices:
    """Offices on "sqlite" or in a PostgreSQL that is started for them.

    `office()` is the same one until it has had its share of releases, or something broke in it; then a
    fresh one, so that no log grows without end and no case sees another's rest.
    """

    def __init__(self, database: str, *, connections: int, recipients: int) -> None:
        self._database, self._connections, self._recipients = database, connections, recipients
        self._stack = ExitStack()
        self._left = 0
        self._office: Office | None = None

    def __enter__(self) -> "Offices":
        self._folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="distributor-torture-")))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def office(self) -> Office:
        if not self._left or self._office is None:
            self._left, self._office = _SHARE, self._made()
        self._left -= 1
        return self._office

    def leave(self) -> None:
        """Something broke in it."""
        self._left = 0

    def _made(self) -> Office:
        place = Path(mkdtemp(dir=self._folder))
        url = self._stack.enter_context(postgres(place)).url if self._database == POSTGRES else ""
        office = Office(place / "office", people(self._recipients), self._connections, url)
        self._stack.callback(office.close)
        return office


_SHARE = 30
