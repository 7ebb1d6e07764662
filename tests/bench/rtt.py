"""With a round-trip time: how many messages a second, beside smtp-source in the same run.

python -m tests.bench.rtt [--recipients N] [--runs N] [--connections N] [--ms MILLISECONDS]

As root, where the kernel has netem, all of it runs in a network namespace of its own whose loopback delays
each way; elsewhere the sink is reached through tests.bench.delay. Which of them it was stands in the result.
"""

import argparse
import os
import smtplib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from tests.bench import sinks, sources, stats
from tests.bench.house import SQLITE, crowd, house
from tests.bench.sources import Load

_INSIDE = "DISTRIBUTOR_BENCH_NETEM"


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    netem = os.environ.get(_INSIDE) == "1"
    if argv is None and not netem and _has_netem(options.ms):
        os.execvpe(*_again(options.ms))
    others, missing = sources.available(alone=True)
    recipients = {"trade": crowd(options.recipients)}
    with (
        sinks.sink(sinks.FAST) as sink,
        house(SQLITE, connections=options.connections, lists=recipients) as office,
    ):
        load = Load(options.recipients, office.size(), options.connections)
        with _line(sink.port, 0 if netem else options.ms / 2) as port:
            trip = _round_trip(port)
            found = stats.interleaved(
                {
                    "distributor": lambda: office.send(port=port).times.rate,
                    **{source.name: partial(source.rate, port, load) for source in others},
                },
                runs=options.runs,
            )
    rates = stats.medians(found)
    ratios = stats.ratios(rates, to=sources.REFERENCE)
    stats.show(
        f"{trip:.1f} ms round trip ({'netem' if netem else 'relay'}), "
        f"{load.count:,} messages of {load.size:,} bytes, {load.connections} connections, "
        f"medians of {options.runs}",
        ["", "messages/s", "lowest", "highest", f"× {sources.REFERENCE}"],
        [[name, rate, min(found[name]), max(found[name]), ratios.get(name)] for name, rate in rates.items()],
    )
    stats.end(
        "rtt", recipients=load.count, size=load.size, connections=load.connections, runs=options.runs,
        line="netem" if netem else "relay", round_trip_ms=round(trip, 2),
        rate={name: round(rate, 1) for name, rate in rates.items()}, to_smtp_source=ratios, missing=missing,
    )  # fmt: skip


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench rtt", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recipients", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--ms", type=float, default=20.0, help="the round trip")
    return parser.parse_args(argv)


def _has_netem(ms: float) -> bool:
    """Whether a namespace with a slow loopback can be made here."""
    try:
        return subprocess.run(_namespace(ms, "true"), capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _namespace(ms: float, command: str) -> list[str]:
    slow = f"tc qdisc add dev lo root netem delay {ms / 2}ms limit 100000"
    path = 'PATH="$PATH:/usr/sbin:/sbin"'
    return ["unshare", "--net", "sh", "-ec", f"{path}; ip link set lo up; {slow}; {command}", "sh"]


def _again(ms: float) -> tuple[str, list[str], dict[str, str]]:
    """This program once more, inside."""
    command = [*_namespace(ms, 'exec "$@"'), sys.executable, "-m", "tests.bench.rtt", *sys.argv[1:]]
    return command[0], command, os.environ | {_INSIDE: "1"}


@contextmanager
def _line(port: int, ms: float) -> Iterator[int]:
    """The port behind which the sink is, `ms` later each way."""
    if not ms:
        yield port
        return
    command = [sys.executable, "-m", "tests.bench.delay", str(port), str(ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def _round_trip(port: int) -> float:
    """Milliseconds of a NOOP, the median of a few."""
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        return statistics.median(_noop(smtp) for _ in range(11))


def _noop(smtp: smtplib.SMTP) -> float:
    began = time.perf_counter()
    smtp.noop()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
