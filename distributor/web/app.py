"""The browser face: status page, /healthz, /metrics, one-click unsubscribe. Builds the FastAPI application.

Endpoints are plain functions (the store is synchronous) and call verbs of `office`. There is no API
description and nothing else to find: whatever does not exist gets the same page.
"""

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from distributor.errors import DistributorError
from distributor.resources import shipped
from distributor.system import System
from distributor.web import metrics, status, unsubscribe
from distributor.web.pages import Pages, preferred
from distributor.web.security import Guarded, headers


def build(system: System) -> FastAPI:
    """The application for `system`; it holds no state but a count that is seconds old."""
    own = system.config.path(system.config.paths.templates) / "web"
    pages = Pages([own, shipped("templates") / "web"])
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(status.router(system, pages))
    app.include_router(metrics.router(system))
    app.include_router(unsubscribe.router(system, pages))
    app.add_middleware(Guarded, headers=headers(pages.style))
    _answer_failures(app, pages)
    return app


def _answer_failures(app: FastAPI, pages: Pages) -> None:
    def unknown(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code != 404:
            return Response(status_code=error.status_code, headers=error.headers)
        return unsubscribe.not_found(pages, request)

    def refused(request: Request, _error: Exception) -> Response:
        language = preferred(request.headers.get("accept-language", ""))
        title, text = "This does not work now", "Please try again in a few minutes."
        return pages.message(title, text, language=language, code=503)

    app.add_exception_handler(HTTPException, unknown)
    app.add_exception_handler(DistributorError, refused)
