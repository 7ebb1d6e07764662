"""The console's first page: what is next, what goes out now, what needs a person.

Progress comes as server-sent events, each second while the page is open; without scripts a link shows it.
However many pages are open, it is counted once a second.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from distributor.office import signin
from distributor.store.database import Connection
from distributor.store.views import ahead, todo
from distributor.system import System
from distributor.web.console import Console
from distributor.web.office.answers import answers
from distributor.web.rules import right
from distributor.web.visit import OFFICE, Visit

_SHOWN = 30  # instants that are next
_TICK = 1.0  # seconds
_LONGEST = 600  # ticks of one stream; the browser asks again


def router(console: Console) -> APIRouter:
    """GET /office and /office/progress."""
    routes = APIRouter()

    @routes.api_route(OFFICE, methods=["GET", "HEAD"])
    def today(visit: Visit = right("todo")) -> Response:
        def given(anybody: Visit) -> dict[str, Any]:
            found = console.recent(anybody, "today", partial(_today, console.of(anybody)))
            needs = [one | answers(anybody, one) for one in found["needs"]]
            return found | {"here": "today", "needs": needs}

        return console.shared(visit, "today", (), given)

    @routes.get(f"{OFFICE}/progress")
    def progress(request: Request, visit: Visit = right("todo")) -> Response:
        return StreamingResponse(_told(console, request, visit), media_type="text/event-stream")

    return routes


def _today(system: System, connection: Connection) -> dict[str, Any]:
    publisher, now = system.publisher.id, system.now()
    return {
        "at": now,
        "needs": todo.document(connection, publisher_id=publisher, rules=system.rules, now=now),
        "coming": ahead.ahead(connection, publisher_id=publisher, limit=_SHOWN),
        "going": ahead.under_way(connection, publisher_id=publisher),
    }


async def _told(console: Console, request: Request, visit: Visit) -> AsyncIterator[str]:
    """Progress, each time it has changed; ends with the session, the visitor, or the service."""
    before = ""
    for _ in range(_LONGEST):
        now = await to_thread.run_sync(_progress, console, visit)
        if now is None or request.app.state.stopping.is_set() or await request.is_disconnected():
            return
        yield f"data: {now}\n\n" if now != before else ": nothing new\n\n"
        before = now
        await asyncio.sleep(_TICK)


def _progress(console: Console, visit: Visit) -> str | None:
    """What goes out now as JSON; None when she is not signed in any more, or at work for another."""
    system = console.of(visit)
    still = _still(system, visit)
    return console.recent(still, "progress", partial(_moving, system)) if still else None


def _still(system: System, visit: Visit) -> Visit | None:
    """Her visit as it is now, if she is still signed in and at work for this publisher."""
    publishers = tuple(system.publishers)
    signed = signin.whose(system.store, visit.session, now=system.now(), publishers=publishers)
    if signed is None or signed.publisher_id != system.publisher.id:
        return None
    return replace(visit, done=signed.done)


def _moving(system: System, connection: Connection) -> str:
    going = ahead.under_way(connection, publisher_id=system.publisher.id)
    told = [{"id": one.id, "done": one.done, "total": one.total, "groups": one.groups} for one in going]
    return json.dumps({"mailouts": told})
