"""The statements before a hand-over, small table beside large: does the database stay quick as it fills?

python -m tests.bench.claims [--deliveries SMALL LARGE] [--passes N]

A sender's way through N batches: lease one, then the guard for windows of its deliveries, each in a
transaction of its own. Milliseconds of the statements, and of the whole transaction with its commit.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from distributor.store import batches, guard
from distributor.store import deliveries as queue
from distributor.store.database import Store, open_store
from distributor.store.runs import Run
from tests.bench import crowd, stats
from tests.bench.house import POSTGRES, SQLITE, postgres
from tests.world import NOW, World

_STATEMENTS = ("lease", "lease, committed", "intents", "intents, committed")
_WINDOW = 84  # connections × 2 + 64, with ten connections
_NOW = NOW + timedelta(minutes=1)


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    figures = {
        database: {str(count): _measured(database, count, options.passes) for count in options.deliveries}
        for database in options.databases
    }
    small, large = (str(options.deliveries[at]) for at in (0, -1))
    growth = {
        database: {
            name: round(found[large][name]["p99"] / found[small][name]["p99"], 2) for name in _STATEMENTS
        }
        for database, found in figures.items()
    }
    stats.show(
        f"milliseconds over {options.passes} batches",
        [
            "",
            *(f"{label} at {int(count):,}" for count in (small, large) for label in ("p50", "p99")),
            "growth of p99",
        ],
        [
            [
                f"{database}: {name}",
                *found[small][name].values(),
                *found[large][name].values(),
                growth[database][name],
            ]
            for database, found in figures.items()
            for name in _STATEMENTS
        ],
    )
    stats.end("claims", deliveries=options.deliveries, passes=options.passes, window=_WINDOW,
              milliseconds=figures, growth=growth)  # fmt: skip


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench claims", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--deliveries", type=int, nargs="+", default=[100_000, 2_000_000])
    parser.add_argument("--passes", type=int, default=300, help="batches of 200")
    parser.add_argument("--databases", nargs="+", default=[SQLITE, POSTGRES], choices=[SQLITE, POSTGRES])
    return parser.parse_args(argv)


def _measured(database: str, count: int, passes: int) -> dict[str, dict[str, float]]:
    stats.note(f"{database}: {count:,} deliveries")
    with _store(database) as store:
        world = World(store)
        mailout_id = world.mailout(world.release())
        crowd.contacts(store, count, now=NOW)
        crowd.deliveries(store, mailout_id=mailout_id, now=NOW)
        run = world.run()
        times: dict[str, list[float]] = {name: [] for name in _STATEMENTS}
        _pass(store, run, defaultdict(list))  # the first compiles its statements
        for _ in range(passes):
            _pass(store, run, times)
        world.die(run)
    return {
        name: {
            label: round(stats.percentile(values, share) * 1000, 3)
            for label, share in (("p50", 0.5), ("p99", 0.99))
        }
        for name, values in times.items()
    }


def _pass(store: Store, run: Run, times: Mapping[str, list[float]]) -> None:
    with _timed(times["lease, committed"]), store.write() as connection, _timed(times["lease"]):
        lease = batches.lease(connection, run_id=run.id, now=_NOW)
    assert lease is not None
    with store.read() as connection:
        ids = [delivery.id for delivery in queue.of_batch(connection, batch_id=lease.batch_id)]
    for start in range(0, len(ids), _WINDOW):
        window = ids[start : start + _WINDOW]
        with _timed(times["intents, committed"]), store.write() as connection, _timed(times["intents"]):
            granted = guard.intend(connection, ids=window, run_id=run.id, now=_NOW)
        assert len(granted) == len(window)


@contextmanager
def _timed(seconds: list[float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds.append(time.perf_counter() - began)


@contextmanager
def _store(database: str) -> Iterator[Store]:
    with TemporaryDirectory(prefix="distributor-bench-") as name:
        folder = Path(name)
        if database == SQLITE:
            with closing(open_store(f"sqlite:///{folder / 'distributor.db'}")) as store:
                yield store
            return
        with postgres(folder) as server, closing(open_store(server.url)) as store:
            yield store


if __name__ == "__main__":
    main()
