"""The status page at / and /healthz: counts and states, never a word of a release (law 1)."""

import time
from threading import Lock

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from distributor.errors import DistributorError
from distributor.mail.times import zones_line
from distributor.store.views import status as view
from distributor.system import System
from distributor.web.pages import Pages

FRESH = 2.0  # seconds: counting a large database for every visitor would be a burden


class Counted:
    """The counts, at most FRESH seconds old."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._lock = Lock()
        self._status: view.Status | None = None
        self._until = 0.0

    def __call__(self) -> view.Status:
        with self._lock:
            if self._status is None or time.monotonic() >= self._until:
                with self._system.store.read() as connection:
                    self._status = view.status(connection, now=self._system.now())
                self._until = time.monotonic() + FRESH
            return self._status


def router(system: System, pages: Pages) -> APIRouter:
    """GET / and GET /healthz."""
    routes = APIRouter()
    counted = Counted(system)

    @routes.api_route("/", methods=["GET", "HEAD"])
    def home() -> Response:
        zones = system.rules.show_zones
        now = zones_line(system.now(), zones=zones, language="en")
        return pages.page("status", status=counted(), now=now)

    @routes.api_route("/healthz", methods=["GET", "HEAD"])
    def healthz() -> Response:
        status, reasons = health(system)
        return JSONResponse({"status": status, "reasons": reasons}, 503 if status == "failing" else 200)

    return routes


def health(system: System) -> tuple[str, list[str]]:
    """ "ok", "degraded" (we live, but something does not go on) or "failing"; and why.

    Without names of hosts, files or people: anybody may ask.
    """
    try:
        with system.store.read() as connection:
            view.answers(connection)
            trouble = list(view.trouble(connection, now=system.now()))
    except DistributorError:
        return "failing", ["the database does not answer"]
    return ("degraded" if trouble else "ok"), trouble
