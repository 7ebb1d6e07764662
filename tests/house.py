"""A small press office in a folder: config, topics, lists, a document; and the ways to work in it.

`House.run` is the command line as a program of its own, `House.system` the same office in this process,
with a clock that stands still until a test moves it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from sqlalchemy import select

from distributor import config, documents, system
from distributor.documents.listfiles import read_folder
from distributor.mail.render import Renderer
from distributor.office import approve, sync
from distributor.pipeline import intake
from distributor.pipeline.proposal import Wishes
from distributor.store import clock, rows, topics
from distributor.store.database import Store, open_store
from distributor.system import System
from tests.program import Program

NOW = datetime(2030, 3, 4, 9, 0, tzinfo=UTC)
REFERENCE = "2030-0042"
HEADLINE = "Harbour of Quillhaven opens to every vessel"
TRADE, AGENCIES = "trade", "agencies"

TOPICS = """
[trade]
label.en = "Trade"
["trade/ports"]
parent = "trade"
label.en = "Ports"
"""
DOCUMENT = f"""---
reference: {REFERENCE}
language: en
topics: [trade/ports]
---
# {HEADLINE}

**Quillhaven, 4 March 2030** – The harbour takes every vessel from today, said the press office.

Ada Example, spokesperson, said:

“We waited eleven years for this morning.”
"""


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Desk:
    """A machine whose clock can be set, and that goes on while nobody sets it: `passes`, `set`, `start`."""

    wall: datetime = NOW
    up: timedelta = timedelta(days=1)
    boot: str = "first"

    def passes(self, **by: float) -> None:
        """Time goes by, awake or asleep."""
        self.wall += timedelta(**by)
        self.up += timedelta(**by)

    def set(self, **by: float) -> None:
        """Somebody, or something, sets the clock."""
        self.wall += timedelta(**by)

    def start(self, boot: str, **later: float) -> None:
        """Started anew, so much later."""
        self.wall, self.up, self.boot = self.wall + timedelta(**later), timedelta(minutes=1), boot

    def __call__(self, store: Store) -> clock.Clock:
        machine = clock.Machine(up=lambda: self.up, boot=lambda: self.boot)
        return clock.Clock(store, wall=lambda: self.wall, machine=machine)


def real() -> datetime:
    """The clock of the machine: for offices that share their database with programs of their own."""
    return datetime.now(UTC)


@dataclass
class House:
    """`folder` holds everything; nothing outside it is read or written.

    Houses without templates of their own share one renderer, and with it what was rendered before, unless a
    test is about just that: reading the templates takes longer than most tests.
    """

    share_renderer: ClassVar[bool] = True

    folder: Path
    database_url: str = ""
    clock: Clock = field(default_factory=Clock)
    programs: list[Program] = field(default_factory=list)

    def close(self) -> None:
        """End what still runs, and tell what the programs said: pytest shows it when a test fails."""
        for program in self.programs:
            print(program.end())

    @property
    def database(self) -> Path:
        return self.folder / "distributor.db"

    def configure(self, *, port: int | None = None, extra: str = "", schedule: str = "") -> None:
        """Write config.toml; with `port` there is a relay on this machine."""
        relay = (
            f'[relays.sink]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nconnections = 4\n'
            if port
            else ""
        )
        database = f'[database]\nurl = "{self.database_url}"\n' if self.database_url else ""
        if not database and not self.database.exists():
            self.database.write_bytes(_schema())
        (self.folder / "config.toml").write_text(
            f'{database}[publisher]\nname = "Quillhaven Press Office"\naddress = "press@example.org"\n'
            f'unsubscribe_mailbox = "leave@example.org"\n[schedule]\nundo = "0s"\n{schedule}\n{relay}{extra}'
        )

    def furnish(self, *, trade: Sequence[str] = (), agencies: Sequence[str] = ()) -> None:
        """Topics, a list that follows trade, and one with embargo access (tier "agencies"); the document."""
        lists = self.folder / "lists"
        lists.mkdir(exist_ok=True)
        (lists / "topics.toml").write_text(TOPICS)
        for name, access, people in ((TRADE, "", trade), (AGENCIES, AGENCIES, agencies)):
            settings = f'title = "{name.title()}"\ntopics = ["trade"]\nembargo_access = "{access}"\n'
            (lists / f"{name}.toml").write_text(settings)
            (lists / f"{name}.csv").write_text("email\n" + "".join(f"{address}\n" for address in people))
        self.document(DOCUMENT)

    def document(self, text: str, *, name: str = "release.md") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    # the command line, as a program

    def start(self, *argv: str) -> Program:
        self.programs.append(Program(argv, folder=self.folder))
        return self.programs[-1]

    def run(self, *argv: str, expect: int = 0) -> Program:
        """One command to its end. It must end as expected."""
        program = self.start(*argv)
        code = program.wait()
        assert code == expect, (argv, code, program.stdout, program.stderr)
        return program

    def json(self, *argv: str) -> Any:
        return json.loads(self.run(*argv, "--json").stdout)

    def counts(self) -> dict[str, int]:
        """How many deliveries of the document's release are in which state, as `log` tells."""
        return dict(Counter(one["state"] for one in self.json("log", REFERENCE)["deliveries"]))

    # the same office in this process

    def due(self) -> None:
        """Lists synced, the document approved, and due by the clock of the machine; nothing is sent yet."""
        with self.system(now=real) as built:
            self.sync(built)
            self.approve(built, self.add(built))
            built.plan()

    def synced(self) -> None:
        """`lists sync`, by the clock of the machine."""
        with self.system(now=real) as built:
            self.sync(built)

    @contextmanager
    def system(
        self, *, now: Callable[[], datetime] | None = None, desk: Desk | None = None
    ) -> Iterator[System]:
        told = {"clock": desk} if desk else {"now": now or self.clock}
        built = system.build(config.load(self.folder / "config.toml"), **told)
        if self.share_renderer and not (self.folder / "templates").exists():
            vars(built)["renderer"] = _shipped()
        with closing(built.store):
            yield built

    def sync(self, built: System) -> None:
        """`lists sync`, without questions."""
        with built.store.read() as connection:
            found = read_folder(built.lists, known=topics.tree(connection))
        place = {"publisher_id": built.publisher.id, "files": found.lists, "tree": found.topics}
        diff = sync.compare(built.store, **place)
        sync.sync(built.store, actor="officer", now=built.now(), shown=diff, allow_gone=10**6, **place)

    def add(self, built: System, *, name: str = "release.md", **wishes: Any) -> str:
        """`release add`; returns the reference."""
        added = intake.add(
            built.store,
            actor="officer",
            now=built.now(),
            rules=built.rules,
            publisher=built.publisher,
            drafts=[documents.read(self.folder / name)],
            wishes=Wishes(**wishes),
        )
        return added.reference

    def release(self, built: System, **wishes: Any) -> str:
        """Lists synced, the document taken in, approved, and what is due opened; returns the reference."""
        self.sync(built)
        reference = self.add(built, **wishes)
        self.approve(built, reference)
        tick(built)
        return reference

    def approve(self, built: System, reference: str = REFERENCE, **said: Any) -> approve.Approval:
        """`release approve`, without the planning."""
        return approve.approve(
            built.store,
            actor="officer",
            now=built.now(),
            reference=reference,
            rules=built.rules,
            publisher=built.publisher,
            renderer=built.renderer,
            **said,
        )


@contextmanager
def furnished(
    folder: Path,
    database_url: str = "",
    *,
    port: int | None = None,
    extra: str = "",
    trade: Sequence[str] = (),
    agencies: Sequence[str] = (),
) -> Iterator[House]:
    """A house with its configuration, lists and document, as `configure` and `furnish` write them."""
    with closing(House(folder, database_url)) as house:
        house.configure(port=port, extra=extra)
        house.furnish(trade=trade, agencies=agencies)
        yield house


@cache
def _schema() -> bytes:
    """A SQLite file with the schema: making it takes longer than most tests."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "schema.db"
        open_store(f"sqlite:///{file}").close()
        return file.read_bytes()


def renderer(folders: Sequence[Path]) -> Renderer:
    """In the place of `Renderer`: one for all offices that have no templates of their own."""
    return Renderer(folders) if any(folder.exists() for folder in folders) else _shipped()


@cache
def _shipped() -> Renderer:
    return Renderer([])


def states(built: System, *, kind: str = "release") -> dict[str, str]:
    """The state of each address's delivery in the newest mailout of this kind that has one."""
    d, m = rows.delivery.c, rows.mailout.c
    with built.store.read() as connection:
        theirs = select(d.address, d.state).join(rows.mailout, m.id == d.mailout_id)
        found = connection.execute(theirs.where(m.kind == kind).order_by(d.id))
        return {row.address: row.state for row in found}


def mailouts(built: System) -> dict[str, str]:
    """Each mailout's state by its kind."""
    m = rows.mailout.c
    with built.store.read() as connection:
        return {row.kind: row.state for row in connection.execute(select(m.kind, m.state).order_by(m.id))}


def tick(built: System) -> None:
    """What the clockwork does each second."""
    for stage in built.stages:
        stage()


def people(number: int, *, prefix: str = "r") -> list[str]:
    """Addresses at several domains."""
    return [f"{prefix}{n}@{('example.org', 'example.com', 'example.eu')[n % 3]}" for n in range(number)]
