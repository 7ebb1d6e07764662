"""The routes of the console as the application itself has them, and what each asks first."""

from collections.abc import Iterable, Iterator

from fastapi.routing import APIRoute

from distributor.system import System
from distributor.web import visit
from distributor.web.rules import anybody
from tests.web.desk import applied


def routes(system: System) -> list[APIRoute]:
    application, _ = applied(system)
    return [route for route in every(application.routes) if visit.inside(route.path)]


def every(found: Iterable[object]) -> Iterator[APIRoute]:
    """Also those of routers within: FastAPI keeps them as they were included."""
    for one in found:
        if isinstance(one, APIRoute):
            yield one
        elif inner := getattr(one, "original_router", None):
            yield from every(inner.routes)


def calls(route: APIRoute) -> list[object]:
    return [dependency.call for dependency in route.dependant.dependencies]


def verb(route: APIRoute) -> str | None:
    [asked] = [call for call in calls(route) if hasattr(call, "verb") or call is anybody]
    return getattr(asked, "verb", None)
