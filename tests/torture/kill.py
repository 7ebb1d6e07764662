"""kill -9 anywhere: nobody is lost, and who may have two copies was named before.

python -m tests.torture.kill [--seed S] [--runs N] [--recipients N] [--connections N …] [--databases NAME …]

N random points, spread over databases and connections; in each of these also every named edge, the verbs
that stop a release, and some SIGTERMs. After each the program is started again, then the books are compared:
its log, `doubt list` and the relay's own.
"""

import argparse
import random
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from tests.bench.house import POSTGRES, SQLITE
from tests.bench.stats import note
from tests.torture import deaths, points, stopping, told
from tests.torture.office import Office, Offices
from tests.torture.reckoning import Count, failed

Play = Callable[[Office], Count]


def main(argv: Sequence[str] | None = None) -> int:
    options = _options(argv)
    counts: dict[str, dict[str, list[Count]]] = {}
    seats = [(database, number) for database in options.databases for number in options.connections]
    for place, (database, connections) in enumerate(seats):
        share = options.runs // len(seats) + (place < options.runs % len(seats))
        plays = list(_plays(options, share, random.Random(f"{options.seed} {database} {connections}")))
        with Offices(database, connections=connections, recipients=options.recipients) as offices:
            counts[f"{database}, {connections} connection{'s' if connections > 1 else ''}"] = _played(
                plays, offices
            )
    told.kill(counts, seed=options.seed, recipients=options.recipients)
    return int(any(count.problems for group in counts.values() for some in group.values() for count in some))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev torture kill", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=300, help="random points, over all databases")
    parser.add_argument("--sigterms", type=int, default=10, help="for each database and connections")
    parser.add_argument("--edges", default="", help="only edges with these words; “none”: none of them")
    parser.add_argument("--recipients", type=int, default=240)
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
        yield "random", f"random {number + 1}", partial(deaths.at_random, chance=chance)
    for number in range(options.sigterms):
        yield "SIGTERM", f"SIGTERM {number + 1}", partial(deaths.asked_to_end, chance=chance)


def _wanted(name: str, options: argparse.Namespace) -> bool:
    return bool(options.edges in name and options.edges != "none")


def _played(plays: Sequence[tuple[str, str, Play]], offices: Offices) -> dict[str, list[Count]]:
    found: dict[str, list[Count]] = {group: [] for group in told.GROUPS}
    for number, (group, name, play) in enumerate(plays, 1):
        count = _one(name, play, offices)
        if group == "edge" and not count.died and not count.problems:
            count = replace(count, problems=["nothing died there"])
        note(f"{number} of {len(plays)}: {count.case}: {'; '.join(count.problems) or 'kept'}")
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
