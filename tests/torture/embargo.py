"""Embargoes: thousands of releases over five years, changed, stopped and restarted at the worst moments.

python -m tests.torture.embargo [--seed S] [--releases N] [--case C] [--minutes M] [--database KIND]

A case is an office with 334 releases. On PostgreSQL its eight workers have hosts whose clocks are off by up
to five minutes; on SQLite they share a machine whose clock is set wrong meanwhile. The seed, printed first,
how many releases there are, and the number of a case are enough to play it again: that is what `--case` is
for. Whoever interrupts it (Ctrl-C, SIGTERM) leaves no worker and no database server behind.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.house import POSTGRES, SQLITE
from tests.bench.stats import note, show
from tests.torture import moments, told
from tests.torture.databases import Databases
from tests.torture.embargocase import SHARE, WORKERS, Result, played
from tests.torture.processes import interrupts, pool
from tests.torture.referee import PROMISES
from tests.torture.timeflow import FARTHEST

_MEMORY = Path("/dev/shm")
_ON_POSTGRES = 1  # of each thirty cases


def main(argv: Sequence[str] | None = None) -> int:
    options = _options(argv)
    began = time.monotonic()
    note(f"seed {options.seed}: {_number(options)} cases of {SHARE} releases")
    with ExitStack() as stack:
        stack.enter_context(interrupts())
        place = str(_MEMORY) if _MEMORY.is_dir() else None
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="distributor-torture-", dir=place)))
        databases = stack.enter_context(Databases(folder))
        found = list(_played(options, databases))
    return _told(options, found, minutes=(time.monotonic() - began) / 60)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev torture embargo", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--releases", type=int, default=10_020, help=f"in all; an office has {SHARE}")
    parser.add_argument("--case", type=int, help="play this one alone")
    parser.add_argument("--parallel", type=int, default=2, help="processes")
    parser.add_argument("--minutes", type=float, default=0, help="begin no case after so many; 0: all")
    parser.add_argument("--database", choices=(SQLITE, POSTGRES), help="all on this one")
    return parser.parse_args(argv)


def _played(options: argparse.Namespace, databases: Databases) -> Iterator[tuple[str, Result]]:
    """Each case in a process; one in thirty on PostgreSQL, first, for it takes three times as long."""
    number = _number(options)
    cases = iter([options.case] if options.case is not None else _spread(number, options.seed))
    end = time.monotonic() + options.minutes * 60 if options.minutes else float("inf")
    running: dict[Future[Result], str] = {}
    with pool(options.parallel) as processes:
        while True:
            while len(running) < options.parallel and time.monotonic() < end:
                case = next(cases, None)
                if case is None:
                    break
                kind = options.database or (POSTGRES if case % 30 == _ON_POSTGRES else SQLITE)
                about = {"of": number, "seed": options.seed, **databases.place(kind)}
                running[processes.submit(played, case, **about)] = kind
            if not running:
                return
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                kind, result = running.pop(done), done.result()
                note(f"case {result.number} {kind}: {'; '.join(result.problems) or 'kept'}")
                yield kind, result


def _number(options: argparse.Namespace) -> int:
    """Of cases, into which the five years are divided."""
    return max(1, round(options.releases / SHARE))


def _spread(number: int, seed: int) -> list[int]:
    """All cases: PostgreSQL's, then the others in an order that has been in each year soon."""
    step = next(step for step in (61, 37, 23, 7, 1) if step == 1 or number % step)
    spread = ((seed + position * step) % number for position in range(number))
    return sorted(spread, key=lambda case: case % 30 != _ON_POSTGRES)


def _told(options: argparse.Namespace, found: Sequence[tuple[str, Result]], *, minutes: float) -> int:
    kinds = {kind: [one for name, one in found if name == kind] for kind in (SQLITE, POSTGRES)}
    figures = {kind: _figures(results) for kind, results in kinds.items() if results}
    columns = ["", "releases", "handed over", *(promise.replace("_", " ") for promise in PROMISES)]
    show("embargo", columns, [[kind, *one.values()] for kind, one in figures.items()])
    results = [result for _, result in found]
    met = frozenset[moments.Change]().union(*(one.changes for one in results))
    problems = [{"case": f"case {one.number}", "problems": one.problems} for one in results if one.problems]
    told.end(
        "embargo",
        places=figures,
        total=_figures(results),
        done=dict(sum((Counter(one.done) for one in results), Counter[str]())),
        kinds=dict(sum((Counter(one.heard) for one in results), Counter[str]())),
        problems=problems,
        workers=WORKERS,
        clocks_off_s=FARTHEST,
        zones=list(moments.ZONES),
        clock_changes=f"{len(met)} of {len(moments.changes())}",
        years=5,
        minutes=round(minutes, 1),
        seed=options.seed,
    )
    return int(bool(problems))


def _figures(results: Sequence[Result]) -> dict[str, int]:
    broken = sum((Counter(one.broken) for one in results), Counter[str]())
    return {
        "releases": sum(one.releases for one in results),
        "handed_over": sum(sum(one.heard.values()) for one in results),
    } | {promise: broken[promise] for promise in PROMISES}


if __name__ == "__main__":
    sys.exit(main())
