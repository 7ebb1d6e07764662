"""At the instant: when the first and the last message is accepted, beside smtp-source's own time.

python -m tests.bench.lift [--recipients N] [--runs N] [--connections N] [--ahead SECONDS]

The service runs, the audience is prepared, the connections are open. By the sink's own clock where it has
one (fastsink), else by the log (smtp-sink), which hears of an acceptance a moment after the sink.
"""

import argparse
import statistics
from collections.abc import Sequence
from contextlib import ExitStack

from tests.bench import sinks, sources, stats
from tests.bench.house import SQLITE, crowd, house
from tests.bench.service import Opened, service
from tests.bench.sources import Load


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    names, missing = sinks.available(options.sinks)
    figures = {}
    for name in names:
        opened, reference, size = _measure(name, options)
        figures[name] = _figures(opened, reference)
    stats.show(
        f"{options.recipients:,} messages of {size:,} bytes at the instant, "
        f"{options.connections} connections, medians of {options.runs}",
        ["", "first, ms", "last, ms", "smtp-source, ms", "last × smtp-source"],
        [[name, one["first_ms"], one["last_ms"], one["smtp_source_ms"], one["last_to_smtp_source"]]
         for name, one in figures.items()],
    )  # fmt: skip
    for name, why in missing.items():
        stats.note(f"{name} is missing here: {why}")
    stats.end(
        "lift", recipients=options.recipients, size=size, connections=options.connections,
        runs=options.runs, sinks=figures, missing=missing,
    )  # fmt: skip


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench lift", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recipients", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--ahead", type=float, default=12.0, help="seconds from approval to the instant")
    parser.add_argument("--sinks", nargs="+", default=[sinks.DEBIAN, sinks.FAST])
    return parser.parse_args(argv)


def _measure(name: str, options: argparse.Namespace) -> tuple[list[Opened], list[float], int]:
    """Ours and smtp-source by turns: (openings, smtp-source's seconds, bytes of a message)."""
    recipients = {"trade": crowd(options.recipients)}
    with ExitStack() as stack:
        office = stack.enter_context(house(SQLITE, connections=options.connections, lists=recipients))
        sink = stack.enter_context(sinks.sink(name))
        load = Load(options.recipients, office.size(), options.connections)
        running = stack.enter_context(service(office, sink))
        opened, reference = [], []
        others, _ = sources.available(alone=True)
        for number in range(options.runs):
            stats.note(f"run {number + 1} of {options.runs}: {name}")
            opened.append(running.open(ahead=options.ahead))
            reference += [source.seconds(sink.port, load) for source in others]
        return opened, reference, load.size


def _figures(opened: Sequence[Opened], reference: Sequence[float]) -> dict[str, float | None]:
    first, last = (
        statistics.median(times) for times in zip(*((o.first, o.last) for o in opened), strict=True)
    )
    theirs = statistics.median(reference) if reference else None
    return {
        "first_ms": round(first * 1000, 2),
        "last_ms": round(last * 1000, 1),
        "smtp_source_ms": round(theirs * 1000, 1) if theirs else None,
        "last_to_smtp_source": round(last / theirs, 3) if theirs else None,
    }


if __name__ == "__main__":
    main()
