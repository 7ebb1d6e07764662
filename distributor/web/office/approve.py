"""Approve what is shown: the page names the hash, and the form carries it back.

What changed in between is refused; with four eyes the first officer's yes waits for the second one's.
"""

from typing import Any

from fastapi import APIRouter, Response

from distributor.errors import Refused
from distributor.office import approve as verb
from distributor.store import releases
from distributor.store.views import plan
from distributor.web.console import Console, release_path, to
from distributor.web.office.releases import ONE
from distributor.web.rules import Posted, right
from distributor.web.visit import Visit

_MAY = right("release approve")


def router(console: Console) -> APIRouter:
    """GET and POST /office/releases/REF/approve."""
    routes = APIRouter()

    @routes.api_route(ONE + "/approve", methods=["GET", "HEAD"])
    def ask(reference: str, visit: Visit = _MAY) -> Response:
        system = console.of(visit)
        house: dict[str, Any] = {"rules": system.rules, "publisher": system.publisher, "now": system.now()}
        looked = verb.look(system.store, reference=reference, renderer=system.renderer, **house)
        with system.store.read() as connection:
            release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
            waves = plan.document(connection, release, **house, guess=False)
        given: dict[str, Any] = {"looked": looked, "waves": waves, "four_eyes": system.rules.four_eyes}
        return console.page(visit, "approve", here="releases", **given)

    @routes.post(ONE + "/approve")
    def approve(reference: str, form: Posted, visit: Visit = _MAY) -> Response:
        system = console.of(visit)
        seen = form.text("seen")
        if not seen:
            raise Refused("it was not said what was looked at")
        system.require_secret()
        verb.approve(
            system.store,
            actor=visit.actor,
            now=system.now(),
            reference=reference,
            rules=system.rules,
            publisher=system.publisher,
            renderer=system.renderer,
            seen=seen,
        )
        system.plan()
        return to(release_path(reference))

    return routes
