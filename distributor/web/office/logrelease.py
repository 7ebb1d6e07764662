"""The log of one release: its mailouts with counts, how fast each was accepted, by whom, and what was done.

The drawings are made here, as SVG in the page; beside each stands a table that says the same.
"""

from typing import Any

from fastapi import APIRouter, Response

from distributor.policy.clockface import lasting
from distributor.policy.curve import plot
from distributor.store import releases
from distributor.store.database import Connection
from distributor.store.views import events, spread
from distributor.store.views import log as view
from distributor.web.console import Console
from distributor.web.office.log import PATH
from distributor.web.rules import right
from distributor.web.visit import Visit

_DRAWN = 8  # mailouts
_DOMAINS = 12
_EVENTS = 50
_READ = 8  # points of a curve in its table


def router(console: Console) -> APIRouter:
    """GET /office/log/releases/REF."""
    routes = APIRouter()

    @routes.api_route(PATH + "/releases/{reference}", methods=["GET", "HEAD"])
    def show(reference: str, visit: Visit = right("log"), before: str = "") -> Response:
        system = console.of(visit)
        start = int(before) if before.isascii() and before.isdecimal() and len(before) <= 18 else None
        publisher = system.publisher.id
        with system.store.read() as connection:
            release = releases.get(connection, publisher_id=publisher, reference=reference)
            found = view.under_way(connection, view.Filter(publisher, release_id=release.id))
            drawn = [_drawn(connection, one) for one in found[-_DRAWN:]]
            asked: dict[str, Any] = {"publisher_id": publisher, "release_id": release.id, "before": start}
            done = events.page(connection, **asked, limit=_EVENTS)
        given: dict[str, Any] = {"reference": release.reference, "mailouts": found, "drawn": drawn}
        given |= {"events": done[:_EVENTS], "more": len(done) > _EVENTS, "before": before}
        return console.page(visit, "logrelease", here="log", lasting=lasting, **given)

    return routes


def _drawn(connection: Connection, mailout: dict[str, Any]) -> dict[str, Any]:
    """A mailout with its curve and its domains; without them while nothing was accepted."""
    due = mailout["due"]
    accepted = spread.accepted(connection, id=mailout["id"])
    found = spread.curve(accepted, due=due)
    people = sum(mailout["counts"].values())
    if found is None:
        return mailout | {"spread": None, "people": people}
    lines = spread.domains(accepted, due=due, limit=_DOMAINS)
    end = max(1, *(line["last_ms"] for line in lines))
    bars = [line | _bar(line, end) for line in lines]
    step = max(1, len(found["curve"]) // _READ)
    points = [*found["curve"][:-1:step], found["curve"][-1]]
    drawing = plot(found, people=people)
    return mailout | {"spread": found, "people": people, "plot": drawing, "bars": bars, "points": points}


def _bar(line: dict[str, Any], end: int) -> dict[str, str]:
    """From the first to the last, and where half of them had it, on a width of 100."""
    first, half, last = (
        min(max(line[f"{name}_ms"] / end * 100, 0.0), 100.0) for name in ("first", "median", "last")
    )
    return {"x": f"{first:.2f}", "width": f"{max(last - first, 0.8):.2f}", "half": f"{half:.2f}"}
