"""What DKIM signatures cost: the share of the sender's rate that is kept, and processor time a message.

python -m tests.bench.dkim [--recipients N] [--runs N] [--connections N]

The same release to the same people, unsigned and with each kind of key in turn, by one `send-due` and by two
at the same time. Rates count from the first intent to the last acceptance, by the log.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from distributor.mail import merge, signingkey
from distributor.mail.dkim import Signer
from distributor.mail.render import Renderer
from tests.bench import sinks, stats
from tests.bench.house import SQLITE, House, crowd, house
from tests.mail import harbour
from tests.signing import new_key

UNSIGNED, BOTH = "unsigned", "ed25519 + rsa2048"
KEYS = {UNSIGNED: (), "ed25519": ("ed25519",), "rsa2048": ("rsa2048",), BOTH: ("ed25519", "rsa2048")}
Environment = dict[str, str]


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="distributor-bench-")))
        keys = {kind: new_key(folder / f"{kind}.pem", kind=kind) for kind in ("ed25519", "rsa2048")}
        people = {"trade": crowd(options.recipients)}
        office = stack.enter_context(house(SQLITE, connections=options.connections, lists=people))
        sink = stack.enter_context(sinks.sink(options.sink))
        costs = {name: _microseconds(keys, kinds) for name, kinds in KEYS.items() if kinds}
        found = stats.interleaved(_measures(options, office, sink.port, keys), runs=options.runs)
    _report(options, found, costs)


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench dkim", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recipients", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--sink", default=sinks.DEBIAN, choices=[sinks.DEBIAN, sinks.FAST])
    return parser.parse_args(argv)


def _measures(
    options: argparse.Namespace, office: House, port: int, keys: Mapping[str, Path]
) -> dict[str, Callable[[], float]]:
    """{name: what gives messages a second}."""
    measures: dict[str, Callable[[], float]] = {}
    for workers in (1, 2):
        for name, kinds in KEYS.items():
            environment = {f"DISTRIBUTOR_DKIM__{kind.upper()}__KEY_FILE": str(keys[kind]) for kind in kinds}
            measures[_label(name, workers)] = partial(_rate, office, port, environment, workers)
    return measures


def _label(name: str, workers: int) -> str:
    return name if workers == 1 else f"{name}, two workers"


def _rate(office: House, port: int, environment: Environment, workers: int) -> float:
    """Messages a second of one release, by so many `send-due` at the same time."""
    reference = office.release()
    programs = [office.start("send-due", port=port, environment=environment) for _ in range(workers)]
    for program in programs:
        program.communicate()
        assert program.returncode == 0, office.said
    times = office.times(reference)
    assert times.count == sum(map(len, office.lists.values())), times
    return times.rate


def _microseconds(keys: Mapping[str, Path], kinds: Sequence[str]) -> float:
    """Processor time of one signed message over that of one without a signature."""
    signer = Signer(signingkey.read(keys[kind], selector=kind, domain="example.org") for kind in kinds)
    template = merge.load(Renderer([]).render(harbour.letter()).template)
    pieces = template.pieces(harbour.FIELDS)
    return round(1e6 * (_seconds(partial(signer.sign, *pieces)) - _seconds(partial(b"".join, pieces))), 1)


def _seconds(act: Callable[[], object], *, times: int = 200, rounds: int = 9) -> float:
    found = []
    for _ in range(rounds):
        began = time.thread_time()
        for _ in range(times):
            act()
        found.append((time.thread_time() - began) / times)
    return statistics.median(found)


def _report(
    options: argparse.Namespace, found: Mapping[str, Sequence[float]], costs: Mapping[str, float]
) -> None:
    rates = stats.medians(found)
    kept = stats.ratios(rates, to=UNSIGNED)
    stats.show(
        f"{options.sink}: {options.recipients:,} messages, {options.connections} connections, medians of "
        f"{options.runs}",
        ["", "messages/s", "lowest", "highest", "× unsigned", "µs a message"],
        [
            [name, rate, min(found[name]), max(found[name]), kept[name], costs.get(name)]
            for name, rate in rates.items()
        ],
    )
    stats.end(
        "dkim", sink=options.sink, recipients=options.recipients, connections=options.connections,
        runs=options.runs, rate={name: round(rate, 1) for name, rate in rates.items()}, kept=kept,
        microseconds=dict(costs),
    )  # fmt: skip


if __name__ == "__main__":
    main()
