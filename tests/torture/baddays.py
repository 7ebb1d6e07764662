"""Bad days: the relay says “later” or drips, PostgreSQL is killed, the disk is full, nothing can be written.

python -m tests.torture.baddays [--seed S] [--runs N] [--only WORDS]

N is how often PostgreSQL is killed; half as often the disk is full. A small disk needs root.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from tests.house import people
from tests.torture import ledgerdays, relaydays, told
from tests.torture.days import Day, Play, played
from tests.torture.office import Office
from tests.torture.places import ROOT, apart
from tests.torture.processes import interrupts
from tests.torture.relaydays import LATER, Drip

NAMES = ("later", "dripping", "killed", "full", "closed")


def main(argv: Sequence[str] | None = None) -> int:
    options = _options(argv)
    if ROOT:
        apart()
    with interrupts(), TemporaryDirectory(prefix="distributor-torture-") as name:
        days = played([play for play in _plays(options, Path(name)) if options.only in play[1]])
    missing = [] if ROOT else ["small disks: they need root"]
    told.days("baddays", days, seed=options.seed, missing=missing)
    return int(any(day.problems for day in days))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./dev torture baddays", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=20, help="kills of PostgreSQL; half as many full disks")
    parser.add_argument("--recipients", type=int, default=240)
    parser.add_argument("--only", default="", help=f"days with these words: {', '.join(NAMES)} …")
    return parser.parse_args(argv)


def _plays(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, str, Play]]:
    def fresh() -> Path:
        return Path(mkdtemp(dir=folder)) / "place"

    number = options.recipients
    for step in LATER:
        yield "later", f"later {step}", partial(relaydays.later, step, recipients=number)
    for pace in (0.02, 0.0):
        yield "dripping", f"dripping {pace}", partial(_dripping, fresh(), Drip(pace=pace))
    chance = random.Random(f"{options.seed} killed")
    yield "killed", "killed", partial(ledgerdays.killed, fresh(), chance, kills=options.runs)
    for count in range(options.runs // 2 if ROOT else 0):
        chance = random.Random(f"{options.seed} full {count}")
        sending = count % 3 > 0
        how = partial(ledgerdays.full, recipients=number, sending=sending)
        yield "full", f"full {count + 1}", partial(how, fresh(), chance)
    chance = random.Random(f"{options.seed} narrow")
    yield "full", "full quota", partial(_narrow, fresh(), chance, number)
    for day in (ledgerdays.locked, ledgerdays.read_only):
        yield "closed", f"closed {day.__name__}", partial(day, fresh(), recipients=4 * number)
    for day in (ledgerdays.filled, ledgerdays.mounted_read_only) if ROOT else ():
        yield "closed", f"closed {day.__name__}", partial(day, fresh(), recipients=4 * number)


def _dripping(folder: Path, drip: Drip) -> Day:
    with closing(Office(folder, people(2400), drip.connections)) as office:
        return relaydays.dripping(office, drip)


def _narrow(folder: Path, chance: random.Random, recipients: int) -> Day:
    with closing(Office(folder, people(recipients), 4)) as office:
        return ledgerdays.narrow(office, chance)


if __name__ == "__main__":
    sys.exit(main())
