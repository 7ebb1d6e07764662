"""Who was to have a text or a notice and cannot be reached by mail: phone numbers, a tick for each told."""

from typing import Any

from fastapi import APIRouter, Response

from distributor.office import phone
from distributor.store import releases
from distributor.store.views import unreached
from distributor.web.console import Console, release_path, to
from distributor.web.office.releases import ONE
from distributor.web.rules import Posted, right
from distributor.web.visit import Visit


def router(console: Console) -> APIRouter:
    """GET and POST /office/releases/REF/unreached."""
    routes = APIRouter()

    @routes.api_route(ONE + "/unreached", methods=["GET", "HEAD"])
    def show(reference: str, visit: Visit = right("release unreached")) -> Response:
        system = console.of(visit)
        with system.store.read() as connection:
            release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
            found = unreached.of_release(connection, release_id=release.id)
        given: dict[str, Any] = {"reference": release.reference, "found": found}
        given["left"] = [one for one in found if one["told"] is None]
        return console.page(visit, "unreached", here="releases", **given)

    @routes.post(ONE + "/unreached")
    def told(reference: str, form: Posted, visit: Visit = right("release unreached told")) -> Response:
        system = console.of(visit)
        phone.told(
            system.store,
            actor=visit.actor,
            now=system.now(),
            publisher_id=system.publisher.id,
            reference=reference,
            addresses=form.texts("address"),
            pseudonym=system.tokens.pseudonym,
            note=form.text("note"),
        )
        return to(release_path(reference, "unreached"))

    return routes
