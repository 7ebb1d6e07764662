"""End to end: how many messages a second, beside others in the same run.

python -m tests.bench.send [--recipients N] [--runs N] [--connections N]

Ours: a press office in a folder, one release to N recipients, `distributor send-due` as a program. Its rate
counts from the first intent to the last acceptance, by the log; `program` is the whole program, with
its start, the audience and the end. Everybody sends messages of the same size over the same number of
connections to the same sink.
"""

import argparse
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from tests.bench import sinks, sources, stats, tools
from tests.bench.house import POSTGRES, SQLITE, House, crowd, house
from tests.bench.sinks import Sink
from tests.bench.sources import REFERENCE, Load, Source

OURS, UVLOOP = "distributor", "distributor, uvloop"


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    missing: dict[str, str] = {}
    others, environment = _others(options, missing)
    names, lacking = sinks.available(options.sinks)
    missing |= lacking
    with ExitStack() as stack:
        houses = {
            database: stack.enter_context(
                house(database, connections=options.connections, lists={"trade": crowd(options.recipients)})
            )
            for database in options.databases
        }
        load = Load(options.recipients, houses[options.databases[0]].size(), options.connections)
        running = [stack.enter_context(sinks.sink(name)) for name in names]
        whole: dict[str, dict[str, list[float]]] = {one.name: {} for one in running}
        measures = {
            f"{sink.name}: {name}": measure
            for sink in running
            for name, measure in _measures(sink, houses, others, load, whole[sink.name], environment).items()
        }
        found = stats.interleaved(measures, runs=options.runs)
    rates = {
        sink.name: {
            name.removeprefix(f"{sink.name}: "): values
            for name, values in found.items()
            if name.startswith(f"{sink.name}: ")
        }
        for sink in running
    }
    _report(options, load, rates, whole, missing)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench send", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recipients", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--databases", nargs="+", default=[SQLITE, POSTGRES], choices=[SQLITE, POSTGRES])
    parser.add_argument("--sinks", nargs="+", default=[sinks.DEBIAN, sinks.FAST])
    parser.add_argument("--alone", action="store_true", help="only ours, and smtp-source")
    return parser.parse_args(argv)


def _others(
    options: argparse.Namespace, missing: dict[str, str]
) -> tuple[list[Source], Mapping[str, str] | None]:
    """Who else sends, and the environment that has uvloop."""
    others, lacking = sources.available(alone=options.alone)
    missing |= lacking
    try:
        return others, None if options.alone else tools.uvloop()
    except tools.Missing as error:
        missing["uvloop"] = str(error)
        return others, None


def _measures(
    sink: Sink,
    houses: Mapping[str, House],
    others: Sequence[Source],
    load: Load,
    whole: dict[str, list[float]],
    environment: Mapping[str, str] | None,
) -> dict[str, Callable[[], float]]:
    """{name: what gives messages a second}, ours between the others."""
    measures: dict[str, Callable[[], float]] = {}
    for database, office in houses.items():
        measures[f"{OURS}, {database}"] = partial(
            _ours, office, sink, whole.setdefault(f"{OURS}, {database}", [])
        )
    if environment:
        office = next(iter(houses.values()))
        measures[UVLOOP] = partial(_ours, office, sink, whole.setdefault(UVLOOP, []), environment)
    return measures | {source.name: partial(source.rate, sink.port, load) for source in others}


def _ours(
    office: House, sink: Sink, whole: list[float], environment: Mapping[str, str] | None = None
) -> float:
    sent = office.send(port=sink.port, environment=environment)
    whole.append(sent.program)
    return sent.times.rate


def _report(
    options: argparse.Namespace,
    load: Load,
    rates: Mapping[str, Mapping[str, Sequence[float]]],
    whole: Mapping[str, Mapping[str, Sequence[float]]],
    missing: Mapping[str, str],
) -> None:
    figures = {}
    for sink, found in rates.items():
        middle = stats.medians(found)
        programs = {name: statistics.median(values) for name, values in whole[sink].items()}
        figures[sink] = {
            "rate": {name: round(value, 1) for name, value in middle.items()},
            "spread": {
                name: [round(min(values), 1), round(max(values), 1)] for name, values in found.items()
            },
            "to_smtp_source": stats.ratios(middle, to=REFERENCE),
            "program_seconds": {name: round(value, 2) for name, value in programs.items()},
        }
        stats.show(
            f"{sink}: {load.count:,} messages of {load.size:,} bytes, {load.connections} connections, "
            f"medians of {options.runs}",
            ["", "messages/s", "lowest", "highest", f"× {REFERENCE}", "whole program s"],
            [
                [name, value, min(found[name]), max(found[name]),
                 figures[sink]["to_smtp_source"].get(name), programs.get(name)]
                for name, value in middle.items()
            ],
        )  # fmt: skip
    for name, why in missing.items():
        stats.note(f"{name} is missing here: {why}")
    stats.end(
        "send", recipients=load.count, size=load.size, connections=load.connections, runs=options.runs,
        sinks=figures, missing=dict(missing),
    )  # fmt: skip


if __name__ == "__main__":
    main()
