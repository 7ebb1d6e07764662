"""Very many recipients on SQLite: preparing them, the writer's lock meanwhile, and the sender's memory.

python -m tests.bench.million [--recipients N] [--connections N]

The contacts are made by SQL; all else is the program. Three releases: one to a tenth of the recipients and
one to all of them, whose audience `send-due` prepares and which then wait for tomorrow; and one to all that
the service sends, while another connection asks for SQLite's writer all the time.
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
from tests.bench.house import SQLITE, House, house
from tests.bench.service import service

_TABLE = "delivery"
_SCHEMA = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC"


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=24)
    count, tenth = options.recipients, options.recipients // 10
    with (
        sinks.sink(sinks.FAST) as sink,
        house(SQLITE, connections=options.connections, schedule='prepare_ahead = "48h"',
              lists={"trade": [], "energy": []}) as office,
    ):  # fmt: skip
        _people(office, count, tenth)
        start_up = _send_due(office, sink.port)
        small = _prepared(office, sink.port, topic="energy", at=tomorrow) - start_up
        large = _prepared(office, sink.port, topic="trade", at=tomorrow) - start_up
        plain = _plain_insert(office, count)
        stats.note("sending to all of them")
        with service(office, sink) as running, Memory(running.sender) as memory:
            reference = office.release()
            with _longest_wait(office) as wait:
                while office.state(reference) == "planned":
                    time.sleep(0.1)
            waited = wait()
            running.finish(reference)
        rate = office.times(reference).rate
    figures = {
        "prepare_s": round(large, 2),
        "insert_select_s": round(plain, 2),
        "prepare_to_insert": round(large / plain, 2),
        "prepare_tenth_s": round(small, 2),
        "growth_per_recipient": round(large / count / (max(small, 0.001) / tenth), 2),
        "writer_longest_ms": round(waited * 1000, 1),
        "rate": round(rate, 1),
        **memory.figures(),
    }
    stats.show(f"{count:,} recipients, SQLite", ["", "figure"], list(figures.items()))
    stats.end("million", recipients=count, connections=options.connections, **figures)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench million", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recipients", type=int, default=1_000_000)
    parser.add_argument("--connections", type=int, default=10)
    return parser.parse_args(argv)


def _people(office: House, count: int, tenth: int) -> None:
    now = datetime.now(UTC)
    with office.store() as store:
        crowd.contacts(store, count, now=now)
        crowd.members(store, list_name="trade", count=count, now=now)
        crowd.members(store, list_name="energy", count=tenth, now=now)


def _send_due(office: House, port: int) -> float:
    """Seconds that the program takes."""
    began = time.perf_counter()
    program = office.start("send-due", port=port)
    program.communicate()
    assert program.returncode == 0, office.said
    return time.perf_counter() - began


def _prepared(office: House, port: int, *, topic: str, at: datetime) -> float:
    reference = office.release(topic=topic, embargo=at)
    stats.note(f"preparing {topic}")
    seconds = _send_due(office, port)
    assert office.state(reference) == "prepared", office.state(reference)
    return seconds


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

    def figures(self) -> dict[str, float]:
        """The most it was; how much the last fifth of the time is above the second."""
        fifth = max(1, len(self._samples) // 5)
        early, late = max(self._samples[fifth : 2 * fifth] or self._samples), max(self._samples[-fifth:])
        return {"sender_mb": round(max(self._samples), 1), "sender_growth_mb": round(late - early, 1)}


if __name__ == "__main__":
    main()
