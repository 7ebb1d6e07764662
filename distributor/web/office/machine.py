"""What only an operator can answer: this copy of a database is the one that sends; the clock is right.

Each has a page that says what follows from it, and does it when its form comes back.
"""

from collections.abc import Callable

from fastapi import APIRouter, Response

from distributor.office import clock, original
from distributor.store import installation, jumps
from distributor.store.database import Connection
from distributor.system import System
from distributor.web.console import Console, to
from distributor.web.office.answers import CLOCK, COPY
from distributor.web.rules import Posted, right
from distributor.web.visit import OFFICE, Visit

_MAY = right("check")


def router(console: Console) -> APIRouter:
    """GET and POST /office/copy and /office/clock."""
    routes = APIRouter()
    for path, (asked, confirm) in _ANSWERS.items():
        _route(routes, console, path, asked, confirm)
    return routes


def _route(
    routes: APIRouter,
    console: Console,
    path: str,
    asked: Callable[[Connection], object],
    confirm: Callable[[System, str], object],
) -> None:
    def ask(visit: Visit = _MAY) -> Response:
        with console.system.store.read() as connection:
            return console.page(visit, "machine", here="today", what=path, asked=asked(connection))

    def answer(form: Posted, visit: Visit = _MAY) -> Response:  # noqa: ARG001
        confirm(console.system, visit.actor)
        return to(OFFICE)

    routes.add_api_route(path, ask, methods=["GET", "HEAD"])
    routes.add_api_route(path, answer, methods=["POST"])


def _original(system: System, actor: str) -> object:
    return original.confirm(system.store, actor=actor, now=system.now(), mark=system.tokens.mark)


def _clock(system: System, actor: str) -> object:
    return clock.confirm(system.store, actor=actor, now=system.now())


_ANSWERS = {COPY: (installation.copied, _original), CLOCK: (jumps.unconfirmed, _clock)}
