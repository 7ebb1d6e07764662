"""GET /metrics: figures for Prometheus, in its text format, from a registry of our own.

Labels are kinds, states, outcomes and the names that the configuration gives to relays; never an address, a
headline or a reference (laws 1 and 9). Counters begin with this process.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from threading import Lock

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from distributor.errors import DistributorError
from distributor.policy.lifecycle import DeliveryState
from distributor.store.database import Connection
from distributor.store.views import ended
from distributor.store.views import figures as view
from distributor.system import System


def router(system: System) -> APIRouter:
    """GET /metrics."""
    routes = APIRouter()
    registry = CollectorRegistry()
    registry.register(Figures(system))

    @routes.api_route("/metrics", methods=["GET", "HEAD"])
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return routes


class Figures(Collector):
    """Asks the store at each scrape. What it keeps: how far it has read the log, and the sums so far."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._lock = Lock()
        self._places: dict[str, int] | None = None
        self._ended: Counter[tuple[str, str]] = Counter()
        self._accepted: dict[int, tuple[datetime, datetime]] = {}
        with suppress(DistributorError), system.store.read() as connection:  # else at the first scrape
            self._places = ended.ends(connection)

    def describe(self) -> list[Metric]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterable[Metric]:
        """All figures, of one moment. Raises DistributorError when the database does not answer."""
        with self._lock, self._system.store.read() as connection:
            figures = view.figures(connection, now=self._system.now())
            self._read_on(connection)
            speed = ended.due(connection, ids=list(self._accepted))
            return [*_states(figures), *_health(figures), self._attempts(), *self._speed(speed)]

    def _read_on(self, connection: Connection) -> None:
        if self._places is None:
            self._places = ended.ends(connection)
        found, self._places = ended.since(connection, places=self._places)
        for one in found:
            self._ended[one.relay, one.outcome] += one.number
            if one.outcome == "accept" and one.mailout_id is not None:
                first, last = self._accepted.get(one.mailout_id, (one.first, one.last))
                self._accepted[one.mailout_id] = (min(first, one.first), max(last, one.last))

    def _attempts(self) -> Metric:
        told = CounterMetricFamily(
            "distributor_attempts",
            "Attempts that ended, by relay and outcome, since this service started.",
            labels=["relay", "outcome"],
        )
        for (relay, outcome), number in sorted(self._ended.items()):
            told.add_metric([relay, outcome], number)
        return told

    def _speed(self, mailouts: dict[int, tuple[str, datetime]]) -> Iterator[Metric]:
        """Of the mailout with the latest instant; older ones are forgotten."""
        newest = max(mailouts, key=lambda id: (mailouts[id][1], id), default=None)
        if newest is None:
            return
        self._accepted = {newest: self._accepted[newest]}
        kind, due = mailouts[newest]
        for name, at in zip(("first", "last"), self._accepted[newest], strict=True):
            told = GaugeMetricFamily(
                f"distributor_{name}_acceptance_seconds",
                f"From the newest mailout's instant to its {name} acceptance.",
                labels=["kind"],
            )
            told.add_metric([kind], (at - due).total_seconds())
            yield told


def _states(figures: view.Figures) -> Iterator[Metric]:
    told = GaugeMetricFamily(
        "distributor_deliveries",
        "Deliveries of the mailouts under way or finished within a day.",
        labels=["kind", "state"],
    )
    for kind in sorted({kind for kind, _ in figures.deliveries}):
        for state in DeliveryState:
            told.add_metric([kind, state.value], figures.deliveries.get((kind, state.value), 0))
    yield told


def _health(figures: view.Figures) -> Iterator[Metric]:
    for name, words, value in (
        ("lag_seconds", "How long the oldest mail waits that is due and not held.", figures.lag),
        ("doubtful", "Deliveries that may have gone out unseen.", figures.doubtful),
        ("held", "Releases and mailouts that wait for an officer.", figures.held),
        ("senders", "Senders that live.", figures.senders),
    ):
        yield GaugeMetricFamily(f"distributor_{name}", words, value=value)
    told = GaugeMetricFamily(
        "distributor_relay_trouble", "1: this sender can hand over nothing.", labels=["run"]
    )
    for run, troubled in figures.troubled.items():
        told.add_metric([str(run)], int(troubled))
    yield told
