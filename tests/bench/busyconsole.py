"""A mailout with officers at work in the console of the same service, and without, in turns."""

import json
import signal
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from typing import Any

from distributor.model.officer import Role
from distributor.office import invite, officers
from tests.bench import sinks, stats
from tests.bench.crowd import PUBLISHER
from tests.bench.house import House, crowd, house
from tests.bench.service import Opened, service

_AHEAD = 20.0  # seconds from the approval to the instant


def measured(
    database: str, sink: str, *, recipients: int, connections: int, requests: float, runs: int
) -> dict[str, Any]:
    """Messages a second quiet and busy, the loss, what the officers got, and who was busy."""
    with ExitStack() as stack:
        lists = {"trade": crowd(recipients)}
        office = stack.enter_context(house(database, connections=connections, lists=lists))
        session, port = _signed_in(office), _free_port()
        served = {"DISTRIBUTOR_WEB__LISTEN": f"127.0.0.1:{port}"}
        target = stack.enter_context(sinks.sink(sink))
        running = stack.enter_context(service(office, target, environment=served))
        running.open(ahead=_AHEAD)  # the first release is what the officers look at
        quiet, busy, told = [], [], []
        for number in range(runs):
            stats.note(f"{database}, {sink}, run {number + 1} of {runs}")
            quiet.append(running.open(ahead=_AHEAD))
            with _at_work(port, session, requests=requests) as answers:
                busy.append(running.open(ahead=_AHEAD))
            told.append(answers)
        return _figures(quiet, busy, told)


def _signed_in(office: House) -> str:
    """The cookie of an officer with every role."""
    here: dict[str, Any] = {"now": datetime.now(UTC), "publisher_id": PUBLISHER}
    officers.add(office.store, actor="bench", name="ada", roles=frozenset(Role), **here)
    link = invite.invite(office.store, actor="bench", name="ada", **here)
    given = {"now": here["now"], "publishers": [PUBLISHER], "password": "four tame herons wade"}
    return invite.accept(office.store, link.token, **given).session


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        return int(door.getsockname()[1])


#: What an officer looks at while something goes out.
PAGES = (
    "/office",
    "/office/releases",
    "/office/releases/2030-0001",
    "/office/log/releases/2030-0001",
    "/office/log",
    "/office/lists",
    "/office/lists/trade",
    "/office/releases/2030-0001/hold",
)


@contextmanager
def _at_work(port: int, session: str, *, requests: float) -> Iterator[dict[str, float]]:
    """Officers for the length of the block; what they were answered is there after it."""
    command = [sys.executable, "-m", "tests.bench.visitors", str(port), session, str(requests), *PAGES]
    told: dict[str, float] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as visitors:
        try:
            yield told
        finally:
            visitors.send_signal(signal.SIGTERM)
            said, _ = visitors.communicate()
    told.update(json.loads(said))


def _figures(quiet: list[Opened], busy: list[Opened], told: list[dict[str, float]]) -> dict[str, Any]:
    rates = {
        name: statistics.median(one.times.rate for one in mine)
        for name, mine in (("quiet", quiet), ("busy", busy))
    }
    figures: dict[str, Any] = {name: round(rate, 1) for name, rate in rates.items()}
    figures["lost"] = round(1 - rates["busy"] / rates["quiet"], 3)
    figures["spread"] = {
        "quiet": sorted(round(one.times.rate) for one in quiet),
        "busy": sorted(round(one.times.rate) for one in busy),
    }
    figures["service_busy"] = {
        name: round(statistics.median(one.cpu["senders"] / one.elapsed for one in mine), 2)
        for name, mine in (("quiet", quiet), ("busy", busy))
    }
    for name in ("a_second", "median_ms", "p95_ms"):
        figures[name] = statistics.median(one[name] for one in told)
    return figures
