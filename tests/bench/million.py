"""Very many recipients: preparing them, SQLite's writer meanwhile, and the sender's memory.

python -m tests.bench.million [--recipients N] [--connections N] [--databases …]

The contacts are made by SQL; all else is the program. On each database two releases, one to a tenth of the
recipients and one to all of them, whose audience `send-due` prepares and which then wait for tomorrow. On
SQLite a third one to all, that the service sends; while it is prepared another connection asks for the
writer all the time.
"""

import argparse
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench import crowd, sinks, stats
from tests.bench.house import POSTGRES, SQLITE, House, house
from tests.bench.service import service
from tests.bench.sinks import Sink

_TABLE = "delivery"
_SCHEMA = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC"


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    figures = {database: _measured(database, options) for database in options.databases}
    for database, found in figures.items():
        stats.show(f"{options.recipients:,} recipients, {database}", ["", "figure"], list(found.items()))
    stats.end("million", recipients=options.recipients, connections=options.connections, databases=figures)


def _measured(database: str, options: argparse.Namespace) -> dict[str, float]:
    with (
        sinks.sink(sinks.FAST) as sink,
        house(database, connections=options.connections, schedule='prepare_ahead = "48h"',
              lists={"trade": [], "energy": []}) as office,
    ):  # fmt: skip
        stats.note(f"{database}: {options.recipients:,} contacts")
        _people(office, options.recipients, options.recipients // 10)
        figures = _preparing(office, sink.port, options.recipients)
        return figures | (_sending(office, sink) if database == SQLITE else {})


def _preparing(office: House, port: int, count: int) -> dict[str, float]:
    tomorrow, tenth = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=24), count // 10
    start_up, _ = _send_due(office, port)
    small, _ = _prepared(office, port, topic="energy", at=tomorrow)
    large, peak = _prepared(office, port, topic="trade", at=tomorrow)
    plain = (_plain_insert if not office.database_url else _plain_insert_there)(office, count)
    small, large = small - start_up, large - start_up
    return {
        "prepare_s": round(large, 2),
        "insert_select_s": round(plain, 2),
        "prepare_to_insert": round(large / plain, 2),
        "prepare_tenth_s": round(small, 2),
        "growth_per_recipient": round(large / count / (max(small, 0.001) / tenth), 2),
        "prepare_mb": round(peak, 1),
    }


def _sending(office: House, sink: Sink) -> dict[str, float]:
    stats.note("sending to all of them")
    with service(office, sink) as running, Memory(running.sender) as memory:
        reference = office.release()
        with _longest_wait(office) as wait:
            while office.state(reference) == "planned":
                time.sleep(0.1)
        waited = wait()
        running.finish(reference)
    rate = office.times(reference).rate
    return {"writer_longest_ms": round(waited * 1000, 1), "rate": round(rate, 1), **memory.figures()}


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench million", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recipients", type=int, default=1_000_000)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--databases", nargs="+", default=[SQLITE, POSTGRES], choices=[SQLITE, POSTGRES])
    return parser.parse_args(argv)


def _people(office: House, count: int, tenth: int) -> None:
    now = datetime.now(UTC)
    crowd.contacts(office.store, count, now=now)
    crowd.members(office.store, list_name="trade", count=count, now=now)
    crowd.members(office.store, list_name="energy", count=tenth, now=now)


def _send_due(office: House, port: int) -> tuple[float, float]:
    """Seconds that the program takes, and its memory at most, MB."""
    began = time.perf_counter()
    program = office.start("send-due", port=port)
    with Memory(lambda: program.pid, every=0.1) as memory:
        program.communicate()
    assert program.returncode == 0, office.said
    return time.perf_counter() - began, memory.most


def _prepared(office: House, port: int, *, topic: str, at: datetime) -> tuple[float, float]:
    reference = office.release(topic=topic, embargo=at)
    stats.note(f"preparing {topic}")
    found = _send_due(office, port)
    assert office.state(reference) == "prepared", office.state(reference)
    return found


def _plain_insert_there(office: House, count: int) -> float:
    """The same on PostgreSQL: into a table that is LIKE delivery, with its indexes, in one transaction."""
    with office.store.write() as connection:
        connection.exec_driver_sql(f"CREATE TABLE copy (LIKE {_TABLE} INCLUDING ALL)")
    began = time.perf_counter()
    with office.store.write() as connection:
        done = connection.exec_driver_sql(
            f"INSERT INTO copy SELECT * FROM {_TABLE} ORDER BY id DESC LIMIT {count}"
        )
        assert done.rowcount == count
    return time.perf_counter() - began


def _plain_insert(office: House, count: int) -> float:
    """Seconds of INSERT … SELECT of the last `count` deliveries into an empty table with the same indexes."""
    with closing(sqlite3.connect(office.folder / "distributor.db", isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS copy", (str(office.folder / "copy.db"),))
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA copy.{pragma}")
        for (sql,) in connection.execute(_SCHEMA, (_TABLE,)).fetchall():
            connection.execute(re.sub(r"^CREATE (TABLE|INDEX) ", r"CREATE \1 copy.", sql))
        began = time.perf_counter()
        done = connection.execute(
            f"INSERT INTO copy.{_TABLE} SELECT * FROM main.{_TABLE} ORDER BY id DESC LIMIT ?", (count,)
        )
        seconds = time.perf_counter() - began
        assert done.rowcount == count
    (office.folder / "copy.db").unlink()
    return seconds


@contextmanager
def _longest_wait(office: House) -> Iterator[Callable[[], float]]:
    """While the block runs, another connection asks for SQLite's writer; yields its longest wait, seconds."""
    found, over = [0.0], threading.Event()
    asking = threading.Thread(target=_ask, args=(office.folder / "distributor.db", found, over))
    asking.start()
    try:
        yield lambda: max(found)
    finally:
        over.set()
        asking.join()


def _ask(database: Path, found: list[float], over: threading.Event) -> None:
    with closing(sqlite3.connect(database, isolation_level=None, timeout=0)) as connection:
        began = time.perf_counter()
        while not over.is_set():
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                time.sleep(0.0002)
                continue
            connection.execute("ROLLBACK")
            found.append(time.perf_counter() - began)
            time.sleep(0.001)
            began = time.perf_counter()


class Memory:
    """Resident memory of a process, sampled until the block ends; MB."""

    def __init__(self, pid: Callable[[], int | None], *, every: float = 0.5) -> None:
        self._pid, self._every, self._over = pid, every, threading.Event()
        self._samples: list[float] = []
        self._sampling = threading.Thread(target=self._sample)

    def __enter__(self) -> "Memory":
        self._sampling.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._sampling.join()

    def _sample(self) -> None:
        while not self._over.wait(self._every):
            try:
                status = Path(f"/proc/{self._pid()}/status").read_text()
            except FileNotFoundError:
                continue
            kilobytes = next(
                (line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")), None
            )
            self._samples += [int(kilobytes) / 1024] if kilobytes else []

    @property
    def most(self) -> float:
        return max(self._samples, default=0.0)

    def figures(self) -> dict[str, float]:
        """The most it was; how much the last fifth of the time is above the second."""
        fifth = max(1, len(self._samples) // 5)
        early, late = max(self._samples[fifth : 2 * fifth] or self._samples), max(self._samples[-fifth:])
        return {"sender_mb": round(self.most, 1), "sender_growth_mb": round(late - early, 1)}


if __name__ == "__main__":
    main()
