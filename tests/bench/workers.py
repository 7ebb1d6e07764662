"""Several senders: messages a second with --workers 1, 2, 4, and who is busy: senders, sink or database.

python -m tests.bench.workers [--recipients N] [--runs N] [--workers N…]

The service is up with all its senders before the instant. A sink that is busy for 1.0 of the time is the
limit; so is a machine whose processors are.
"""

import argparse
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench import sinks, stats
from tests.bench.house import POSTGRES, SQLITE, House, crowd, house
from tests.bench.service import Opened, service
from tests.bench.sinks import Sink


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    names, missing = sinks.available(options.sinks)
    figures: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for database in options.databases:
        with ExitStack() as stack:
            lists = {"trade": crowd(options.recipients)}
            office = stack.enter_context(house(database, connections=options.connections, lists=lists))
            figures[database] = {
                name: _by_workers(stack.enter_context(sinks.sink(name)), office, options) for name in names
            }
    for database, by_sink in figures.items():
        for name, by_workers in by_sink.items():
            _show(database, name, by_workers, options)
    stats.end(
        "workers", recipients=options.recipients, connections=options.connections, runs=options.runs,
        databases=figures, missing=missing,
    )  # fmt: skip


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench workers", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recipients", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--connections", type=int, default=10, help="of each sender")
    parser.add_argument("--ahead", type=float, default=12.0, help="seconds from approval to the instant")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--databases", nargs="+", default=[SQLITE, POSTGRES], choices=[SQLITE, POSTGRES])
    parser.add_argument("--sinks", nargs="+", default=[sinks.FAST])
    return parser.parse_args(argv)


def _by_workers(sink: Sink, office: House, options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """{number of senders: figures}; the numbers by turns, each with a service of its own."""
    opened: dict[int, list[Opened]] = {number: [] for number in options.workers}
    for turn in range(options.runs):
        for number in options.workers:
            stats.note(f"run {turn + 1} of {options.runs}: {sink.name}, {number} sender(s)")
            with service(office, sink, workers=number) as running:
                opened[number].append(running.open(ahead=options.ahead, others=_database(office)))
    return {str(number): _figures(found) for number, found in opened.items()}


def _database(office: House) -> dict[str, int]:
    """The PostgreSQL server's process, if there is one."""
    file = office.folder.parent / "postgres" / "postmaster.pid"
    return {"database": int(Path(file).read_text().split("\n", 1)[0])} if file.exists() else {}


def _figures(opened: Sequence[Opened]) -> dict[str, float]:
    found = {"rate": statistics.median(one.times.rate for one in opened)}
    for name in opened[0].cpu:
        found[f"{name}_busy"] = statistics.median(one.cpu[name] / one.elapsed for one in opened)
    return {name: round(value, 2) for name, value in found.items()}


def _show(
    database: str, sink: str, by_workers: dict[str, dict[str, float]], options: argparse.Namespace
) -> None:
    columns = ["rate", "senders_busy", "sink_busy", "database_busy"]
    one = next(iter(by_workers.values()))["rate"]
    stats.show(
        f"{database}, {sink}: {options.recipients:,} messages, {options.connections} connections each, "
        f"medians of {options.runs}",
        ["senders", "messages/s", "× the first", "senders busy", "sink busy", "database busy"],
        [[number, found["rate"], found["rate"] / one, *(found.get(name) for name in columns[1:])]
         for number, found in by_workers.items()],
    )  # fmt: skip


if __name__ == "__main__":
    main()
