"""The console: every page as the store fills, officers at work beside a mailout, strangers at the sign-in.

python -m tests.bench.console PART [--databases D…] [--releases FEW MANY] [--runs N] …

PART is pages, mailout or sign-in.
"""

import argparse
from collections.abc import Sequence
from typing import Any

from tests.bench import busyconsole, officepages, sinks, stats, strangers
from tests.bench.house import POSTGRES, SQLITE

PAGES, MAILOUT, SIGN_IN = PARTS = ("pages", "mailout", "sign-in")


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    measures = {PAGES: _pages, MAILOUT: _mailout, SIGN_IN: _sign_in}
    stats.end(f"console {options.part}", **measures[options.part](options))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench console", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--databases", nargs="+", default=[SQLITE, POSTGRES], choices=[SQLITE, POSTGRES])
    parser.add_argument("--releases", type=int, nargs=2, default=[100, 10_000], help="of 100 mails each")
    parser.add_argument("--turns", type=int, default=7, help="how often each page is asked for")
    parser.add_argument("--recipients", type=int, default=20_000, help="of each mailout")
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--requests", type=float, default=50, help="a second, while it goes out")
    parser.add_argument("--runs", type=int, default=3, help="mailouts of each kind")
    parser.add_argument("--sinks", nargs="+", default=[sinks.FAST])
    parser.add_argument("--attempts", type=int, default=1000, help="to sign in, by each name")
    parser.add_argument("--cases", nargs="+", default=list(strangers.CASES), choices=list(strangers.CASES))
    return parser.parse_args(argv)


def _pages(options: argparse.Namespace) -> dict[str, Any]:
    found = {
        database: officepages.measured(database, options.releases, turns=options.turns)
        for database in options.databases
    }
    few, many = (f"{count:,} releases, ms" for count in options.releases)
    for database, pages in found.items():
        stats.show(
            f"{database}: milliseconds of a page, medians of {options.turns}",
            ["page", few, many, "ratio"],
            [[name, *one.values()] for name, one in sorted(pages.items(), key=lambda p: -p[1]["ratio"])],
        )
    return {"releases": options.releases, "turns": options.turns, "databases": found}


def _mailout(options: argparse.Namespace) -> dict[str, Any]:
    names, missing = sinks.available(options.sinks)
    found = {
        f"{database}, {sink}": busyconsole.measured(
            database,
            sink,
            recipients=options.recipients,
            connections=options.connections,
            requests=options.requests,
            runs=options.runs,
        )
        for database in options.databases
        for sink in names
    }
    stats.show(
        f"{options.recipients:,} messages, {options.requests:.0f} requests/s, medians of {options.runs}",
        ["", "alone, messages/s", "with officers", "lost", "answers/s", "median, ms", "p95, ms"],
        [[name, *(one[key] for key in ("quiet", "busy", "lost", "a_second", "median_ms", "p95_ms"))]
         for name, one in found.items()],
    )  # fmt: skip
    for name, why in missing.items():
        stats.note(f"{name} is missing here: {why}")
    how = {name: getattr(options, name) for name in ("recipients", "connections", "requests", "runs")}
    return how | {"cases": found, "missing": missing}


def _sign_in(options: argparse.Namespace) -> dict[str, Any]:
    found = strangers.measured(options.cases, attempts=options.attempts)
    for case, one in found["cases"].items():
        stats.show(
            f"attempts that are {case}: milliseconds, of {options.attempts:,} each",
            ["who is named", "median, ms", "lowest tenth, ms"],
            [[name, median, one["tenth_ms"][name]] for name, median in one["median_ms"].items()],
        )
        for kind, words in (("", "medians"), ("tenth_", "lowest tenths")):
            same, others = one[f"{kind}same_ms"], one[f"{kind}others_ms"]
            stats.note(f"{words}: the same differs by {same} ms, the others from it by {others} ms")
    return found


if __name__ == "__main__":
    main()
