"""Senders on other hosts: messages a second with none, one, two of them beside the one at home.

python -m tests.bench.hosts [--recipients N] [--runs N] [--hosts N…]

Network namespaces stand in for hosts: each has its own addresses and a cable (veth) to ours, where PostgreSQL
and the sink listen. Processors and disk are shared, as are the office's files. Needs root, and iproute2.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import sinks, stats
from tests.bench.house import House, Postgres, crowd, postgres
from tests.bench.service import Opened, Service, service
from tests.bench.sinks import Sink
from tests.bench.tools import Missing, program

_PORT = 5432
_NET = f"10.77.{os.getpid() % 250}"
HERE = f"{_NET}.1"
_BRIDGE = f"dbr{os.getpid()}"


def main(argv: Sequence[str] | None = None) -> None:
    options = _options(argv)
    figures: dict[str, dict[str, float]] = {}
    missing = _missing()
    if not missing:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="distributor-bench-")))
            folder.chmod(0o755)
            spaces = stack.enter_context(_network(max(options.hosts)))
            server = stack.enter_context(postgres(folder, listen=HERE))
            office = stack.enter_context(closing(_office(folder, server, options)))
            everywhere = "0.0.0.0"
            sink = stack.enter_context(sinks.sink(sinks.FAST, address=everywhere))
            figures = _by_hosts(office, sink, server, spaces, options)
    for why in missing:
        stats.note(f"not measured: {why}")
    stats.show(
        f"{options.recipients:,} messages, {options.connections} connections each, medians of {options.runs}",
        ["other hosts", "messages/s", "senders busy", "sink busy", "database busy"],
        [[number, *found.values()] for number, found in figures.items()],
    )
    stats.end("hosts", recipients=options.recipients, connections=options.connections, runs=options.runs,
              hosts=figures, missing=missing)  # fmt: skip


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench hosts", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--recipients", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--connections", type=int, default=10, help="of each sender")
    parser.add_argument("--ahead", type=float, default=12.0, help="seconds from approval to the instant")
    parser.add_argument("--hosts", type=int, nargs="+", default=[0, 1, 2])
    return parser.parse_args(argv)


def _missing() -> list[str]:
    """What this machine lacks for it."""
    try:
        program("ip", package="iproute2")
        sinks.compiled()
    except Missing as error:
        return [str(error)]
    made = _ip("netns", "add", _BRIDGE, check=False)
    if made:
        return [f"no network namespace can be made here ({made})"]
    _ip("netns", "delete", _BRIDGE)
    return []


def _ip(*words: str, inside: str = "", check: bool = True) -> str:
    """Run `ip`; what it complained about."""
    path = program("ip", package="iproute2")
    before = [path, "netns", "exec", inside] if inside else []
    done = subprocess.run([*before, path, *words], capture_output=True, text=True)
    assert done.returncode == 0 or not check, f"ip {' '.join(words)}: {done.stderr}"
    return done.stderr.strip() or ("" if done.returncode == 0 else str(done.returncode))


@contextmanager
def _network(number: int) -> Iterator[list[str]]:
    """So many namespaces, each with a cable to a bridge at HERE; their names."""
    with ExitStack() as stack:
        _ip("link", "add", _BRIDGE, "type", "bridge")
        stack.callback(_ip, "link", "delete", _BRIDGE)
        _ip("address", "add", f"{HERE}/24", "dev", _BRIDGE)
        _ip("link", "set", _BRIDGE, "up")
        spaces = [f"{_BRIDGE}-{n}" for n in range(number)]
        for n, space in enumerate(spaces):
            _ip("netns", "add", space)
            stack.callback(_ip, "netns", "delete", space)
            near, far = f"{_BRIDGE}a{n}", f"{_BRIDGE}b{n}"
            _ip("link", "add", near, "type", "veth", "peer", "name", far)
            _ip("link", "set", far, "netns", space)
            _ip("link", "set", near, "master", _BRIDGE, "up")
            _ip("address", "add", f"{_NET}.{n + 2}/24", "dev", far, inside=space)
            for device in ("lo", far):
                _ip("link", "set", device, "up", inside=space)
        yield spaces


def _office(folder: Path, server: Postgres, options: argparse.Namespace) -> House:
    office = folder / "office"
    office.mkdir()
    lists = {"trade": crowd(options.recipients)}
    return House(office, database_url=server.url, connections=options.connections, lists=lists)


def _by_hosts(
    office: House, sink: Sink, server: Postgres, spaces: Sequence[str], options: argparse.Namespace
) -> dict[str, dict[str, float]]:
    """{number of other hosts: figures}; the numbers by turns."""
    opened: dict[int, list[Opened]] = {number: [] for number in options.hosts}
    for turn in range(options.runs):
        for number in options.hosts:
            stats.note(f"run {turn + 1} of {options.runs}: {number} other host(s)")
            with service(office, sink) as running, _senders(office, sink, spaces[:number]) as pids:
                others = {"database": server.pid} | {f"there {pid}": pid for pid in pids}
                opened[number].append(_open(running, office, others, number, options.ahead))
    return {str(number): _figures(found) for number, found in opened.items()}


def _open(running: Service, office: House, others: dict[str, int], number: int, ahead: float) -> Opened:
    while office.living_runs() < number + 1:
        time.sleep(0.2)
    return running.open(ahead=ahead, others=others)


@contextmanager
def _senders(office: House, sink: Sink, spaces: Sequence[str]) -> Iterator[list[int]]:
    """`distributor worker` in each of these namespaces, for the length of the block."""
    environment = {"DISTRIBUTOR_RELAYS__SINK__HOST": HERE}
    ip = program("ip", package="iproute2")
    programs = [
        office.start("worker", port=sink.port, environment=environment, before=(ip, "netns", "exec", space))
        for space in spaces
    ]
    try:
        yield [one.pid for one in programs]  # `ip` becomes the program
    finally:
        for one in programs:
            one.send_signal(signal.SIGTERM)
        for one in programs:
            one.communicate()


def _figures(opened: Sequence[Opened]) -> dict[str, float]:
    def busy(*names: str) -> float:
        return statistics.median(
            sum(used for name, used in one.cpu.items() if name.startswith(names)) / one.elapsed
            for one in opened
        )

    found = {"rate": statistics.median(one.times.rate for one in opened)}
    found |= {"senders_busy": busy("senders", "there"), "sink_busy": busy("sink")}
    return {name: round(value, 2) for name, value in (found | {"database_busy": busy("database")}).items()}


if __name__ == "__main__":
    sys.exit(main())
