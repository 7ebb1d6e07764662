"""The browser face: status page, /healthz, /metrics, one-click unsubscribe, and the officers' console under
/office. Builds the FastAPI application.

Endpoints are plain functions (the store is synchronous) and call verbs of `office`. There is no API
description and nothing else to find: whatever does not exist gets the same page.
"""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from distributor.errors import Busy, DistributorError, NotFound
from distributor.resources import shipped
from distributor.system import System
from distributor.web import login, metrics, status, unsubscribe
from distributor.web.console import Console
from distributor.web.gate import Gate
from distributor.web.office import (
    account,
    approve,
    audience,
    changes,
    contacts,
    correct,
    doubt,
    intake,
    listchanges,
    lists,
    log,
    logrelease,
    logverify,
    machine,
    people,
    preview,
    releases,
    today,
    unreached,
)
from distributor.web.pages import Pages, preferred
from distributor.web.security import Guarded, headers
from distributor.web.visit import inside, of

_AT_ONCE = 6
_ROOMS = (
    login,
    today,
    releases,
    intake,
    audience,
    people,
    preview,
    approve,
    changes,
    correct,
    doubt,
    unreached,
    machine,
    lists,
    contacts,
    listchanges,
    log,
    logrelease,
    logverify,
    account,
)


def build(system: System) -> FastAPI:
    """The application for `system`; it holds no state but answers of the store that are seconds old.

    Whoever stops the service sets `state.stopping`: pages that are told of progress let go then.
    """
    own = system.config.path(system.config.paths.templates) / "web"
    pages = Pages([own, shipped("templates") / "web"])
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=_few_at_once)
    app.state.stopping = threading.Event()
    console = Console(system, pages)
    for router in (
        status.router(system, pages),
        metrics.router(system),
        unsubscribe.router(system, pages),
        console.router(),
        *(room.router(console) for room in _ROOMS),
    ):
        app.router.routes.extend(router.routes)  # they are whole: include_router would build each once more
    app.add_middleware(Gate, system=system)
    app.add_middleware(Guarded, headers=headers(pages.style))
    _answer_failures(app, pages, console)
    return app


@asynccontextmanager
async def _few_at_once(_: FastAPI) -> AsyncIterator[None]:
    """Python lets one thread go on at a time: the clockwork has its turn after at most so many pages."""
    current_default_thread_limiter().total_tokens = _AT_ONCE
    yield


def _answer_failures(app: FastAPI, pages: Pages, console: Console) -> None:
    def unknown(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code != 404:
            return Response(status_code=error.status_code, headers=error.headers)
        if inside(request.url.path):
            return console.failure(of(request), NotFound("there is no such page"))
        return unsubscribe.not_found(pages, request)

    def refused(request: Request, error: Exception) -> Response:
        if inside(request.url.path) and isinstance(error, DistributorError) and not isinstance(error, Busy):
            return console.failure(of(request), error)
        language = preferred(request.headers.get("accept-language", ""))
        title, text = "This does not work now", "Please try again in a few minutes."
        return pages.message(title, text, language=language, code=503)

    app.add_exception_handler(HTTPException, unknown)
    app.add_exception_handler(RequestValidationError, unknown)  # “?page=x”
    app.add_exception_handler(DistributorError, refused)
