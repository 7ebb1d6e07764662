"""Rivals: many workers and senders on one mailout, stops and leaving meanwhile, a host that vanishes.

python -m tests.torture.rivals [--seed S] [--runs N] [--only WORDS]

N is how often the mailout is held and resumed while it goes out; twice as many `send-due` start at once. A
host of its own needs root.
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from tests.bench.house import POSTGRES, SQLITE
from tests.house import people
from tests.torture import crowding, told, vanishing
from tests.torture.days import Day, Play, played
from tests.torture.office import Office
from tests.torture.places import ROOT, postgres
from tests.torture.processes import interrupts
from tests.torture.web import free_place


def main(argv: Sequence[str] | None = None) -> int:
    options = _options(argv)
    with interrupts(), TemporaryDirectory(prefix="distributor-torture-") as name:
        days = played([play for play in _plays(options, Path(name)) if options.only in play[1]])
    missing = [] if ROOT else ["a host of its own: it needs root"]
    told.days("rivals", days, seed=options.seed, missing=missing)
    return int(any(day.problems for day in days))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev torture rivals", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=50, help="holds; and twice as many send-due at once")
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--recipients", type=int, default=3200)
    parser.add_argument("--only", default="", help="rivals with these words: workers, send-due, stops, host")
    return parser.parse_args(argv)


def _plays(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, str, Play]]:
    number = options.recipients
    for database in (SQLITE, POSTGRES):
        chance = random.Random(f"{options.seed} {database}")
        crowd: dict[str, tuple[int, Callable[[Office], Day]]] = {
            "workers": (number, partial(crowding.workers, number=options.workers)),
            "send-due": (number // 2, partial(crowding.at_once, number=2 * options.runs)),
            "stops": (number // 2, partial(crowding.stops, times=options.runs, chance=chance)),
        }
        for name, (recipients, play) in crowd.items():
            yield name, f"{name} {database}", partial(_office, folder, database, recipients, play)
    if ROOT:
        place = Path(mkdtemp(dir=folder)) / "place"
        yield "host", "host postgresql", partial(vanishing.vanishes, place, recipients=400)


def _office(folder: Path, database: str, recipients: int, play: Callable[[Office], Day]) -> Day:
    """A fresh office with four connections and a web face."""
    with ExitStack() as stack:
        place = Path(mkdtemp(dir=folder))
        url = stack.enter_context(postgres(place / "postgres")).url if database == POSTGRES else ""
        office = Office(place / "office", people(recipients), 4, url, free_place())
        stack.enter_context(closing(office))
        return play(office)


if __name__ == "__main__":
    sys.exit(main())
