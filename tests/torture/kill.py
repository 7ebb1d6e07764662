"""kill -9 anywhere: nobody is lost, and who may have two copies was named before.

python -m tests.torture.kill [--seed S] [--runs N] [--recipients N] [--connections N …] [--databases NAME …]
                             [--parallel N]

N random points, spread over databases and connections; in each of these also every named edge, the verbs
that stop a release, and some SIGTERMs. After each the program is started again, then the books are compared:
its log, `doubt list` and the relay's own.
"""

import argparse
import json
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from tests.bench.house import POSTGRES, SQLITE
from tests.bench.stats import note
from tests.torture import deaths, points, stopping, told
from tests.torture.office import Office, Offices
from tests.torture.processes import Programs, interrupts
from tests.torture.reckoning import Count, failed

Play = Callable[[Office], Count]
Figures = dict[str, Any]
_FRESH = 5  # of so many restarts one is a fresh interpreter, as a user starts it: the others take less time


def main(argv: Sequence[str] | None = None) -> int:
    options = _options(argv)
    seats = [(database, number) for database in options.databases for number in options.connections]
    with interrupts():
        found = [_played(options, *seats[0])] if len(seats) == 1 else _side_by_side(options, seats)
    places = {place: figures for one in found for place, figures in one["places"].items()}
    problems = [problem for one in found for problem in one["problems"]]
    told.kill(places, problems, seed=options.seed, recipients=options.recipients)
    return int(bool(problems))


def _side_by_side(options: argparse.Namespace, seats: Sequence[tuple[str, int]]) -> list[Figures]:
    """Each place in a program of its own, some at the same time; what each of them told."""

    programs = Programs()

    def one(number: int) -> Figures:
        database, connections = seats[number]
        share = options.runs // len(seats) + (number < options.runs % len(seats))
        wanted = {"seed", "sigterms", "edges", "recipients", "minutes"}
        flags = {name: value for name, value in vars(options).items() if name in wanted and value != ""}
        flags |= {"databases": database, "connections": connections, "runs": share}
        argv = [word for name, value in flags.items() for word in (f"--{name}", str(value))]
        command = [sys.executable, "-m", "tests.torture.kill", *argv]
        figures: Figures = json.loads(programs.run(command).splitlines()[-1])
        return figures

    with ThreadPoolExecutor(options.parallel) as several:
        try:
            return list(several.map(one, range(len(seats))))
        except BaseException:
            several.shutdown(wait=False, cancel_futures=True)
            programs.end()
            raise


def _played(options: argparse.Namespace, database: str, connections: int) -> Figures:
    place = f"{database}, {connections} connection{'s' if connections > 1 else ''}"
    chance = random.Random(f"{options.seed} {database} {connections}")
    plays = list(_plays(options, options.runs, chance))
    chance.shuffle(plays)  # so that a run that is cut short has some of each
    with Offices(database, connections=connections, recipients=options.recipients) as offices:
        counts = _counted(plays, offices, place, until=time.monotonic() + 60 * options.minutes)
    problems = [
        {"place": place} | count.facts() for some in counts.values() for count in some if count.problems
    ]
    return {"places": {place: told.counted(counts)}, "problems": problems}


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev torture kill", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=300, help="random points, over all databases")
    parser.add_argument("--sigterms", type=int, default=10, help="for each database and connections")
    parser.add_argument("--edges", default="", help="only edges with these words; “none”: none of them")
    parser.add_argument("--recipients", type=int, default=240)
    parser.add_argument("--minutes", type=float, default=600, help="no new case after so many")
    parser.add_argument("--parallel", type=int, default=2, help="so many places at the same time")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--databases", nargs="+", default=[SQLITE, POSTGRES], choices=[SQLITE, POSTGRES])
    return parser.parse_args(argv)


def _plays(options: argparse.Namespace, share: int, chance: random.Random) -> Iterator[tuple[str, str, Play]]:
    """(group, name, what to do to an office)."""
    for case in points.cases():
        if _wanted(case.name, options):
            yield "edge", case.name, partial(deaths.at_edges, case=case)
    for stop in stopping.cases():
        if _wanted(stop.name, options):
            yield "edge", stop.name, stop.play
    for number in range(share):
        fresh = number % _FRESH == 0
        yield "random", f"random {number + 1}", partial(deaths.at_random, chance=chance, fresh=fresh)
    for number in range(options.sigterms):
        yield "SIGTERM", f"SIGTERM {number + 1}", partial(deaths.asked_to_end, chance=chance)


def _wanted(name: str, options: argparse.Namespace) -> bool:
    return bool(options.edges in name and options.edges != "none")


def _counted(
    plays: Sequence[tuple[str, str, Play]], offices: Offices, place: str, *, until: float
) -> dict[str, list[Count]]:
    found: dict[str, list[Count]] = {group: [] for group in told.GROUPS}
    for number, (group, name, play) in enumerate(plays, 1):
        if time.monotonic() > until:
            break
        count = _one(name, play, offices)
        if group == "edge" and not count.died and not count.problems:
            count = replace(count, problems=["nothing died there"])
        began = "" if count.first is None else f" (first after {count.first:.1f} s)"
        note(f"{place}: {number} of {len(plays)}: {count.case}: {'; '.join(count.problems) or 'kept'}{began}")
        found[group].append(count)
    return found


def _one(name: str, play: Play, offices: Offices) -> Count:
    """A case that breaks is a problem of its own; the others go on."""
    try:
        return play(offices.office())
    except Exception:  # whatever it is, it is told, and the next case is played
        offices.leave()
        return failed(name, traceback.format_exc())


if __name__ == "__main__":
    sys.exit(main())
