"""The log of one release: its mailouts with counts, how fast each was accepted, by whom, and what was done.

The drawings are made here, as SVG in the page; beside each stands a table that says the same.
"""

from functools import partial
from typing import Any

from fastapi import APIRouter, Response

from distributor.policy.clockface import lasting
from distributor.policy.curve import plot
from distributor.policy.lifecycle import MailoutState
from distributor.store import releases
from distributor.store.database import Connection
from distributor.store.views import events, spread
from distributor.store.views import log as view
from distributor.web.console import Console
from distributor.web.office.log import PATH
from distributor.web.recent import FRESH, LASTING
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
        start = int(before) if before.isascii() and before.isdecimal() and len(before) <= 18 else None

        def given(anybody: Visit) -> dict[str, Any]:
            asked = partial(_logged, console, anybody, reference, start)
            found = console.recent(anybody, ("log release", reference, start), asked)
            return {"here": "log", "lasting": lasting, "before": before, **found}

        return console.shared(visit, "logrelease", (reference, before), given)

    return routes


def _logged(
    console: Console, visit: Visit, reference: str, before: int | None, connection: Connection
) -> dict[str, Any]:
    system = console.of(visit)
    publisher = system.publisher.id
    release = releases.get(connection, publisher_id=publisher, reference=reference)
    found = view.under_way(connection, view.Filter(publisher, release_id=release.id))
    asked: dict[str, Any] = {"publisher_id": publisher, "release_id": release.id, "before": before}
    done = events.page(connection, **asked, limit=_EVENTS)
    return {
        "at": system.now(),
        "reference": release.reference,
        "mailouts": found,
        "drawn": [_drawn(console, visit, one, connection) for one in found[-_DRAWN:]],
        "events": done[:_EVENTS],
        "more": len(done) > _EVENTS,
    }


def _drawn(console: Console, visit: Visit, mailout: dict[str, Any], connection: Connection) -> dict[str, Any]:
    """A mailout with its curve and its domains; of one that is over they stay as they are."""
    good = LASTING if mailout["state"] == MailoutState.FINISHED else FRESH
    return console.known(visit, ("drawn", mailout["id"]), partial(_curve, connection, mailout), good=good)


def _curve(connection: Connection, mailout: dict[str, Any]) -> dict[str, Any]:
    """Without a spread while nothing was accepted."""
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
