"""Doubt of a release: who may have it unseen, and the three answers: send again, it went out, it did not.

The page says first whom each answer concerns. To leave it open is no button: nothing is done then.
"""

from typing import Any, Literal

from fastapi import APIRouter, Response

from distributor.errors import Refused
from distributor.office import doubt as verb
from distributor.store import doubts, releases
from distributor.web.console import Console, release_path, to
from distributor.web.office.releases import ONE
from distributor.web.rules import Form, Posted, right
from distributor.web.visit import Visit

_SHOWN = 200
_LOOK, _RESEND, _SETTLE = right("doubt list"), right("doubt resend"), right("doubt settle")


def router(console: Console) -> APIRouter:
    """GET /office/releases/REF/doubt; POST …/doubt/resend and …/doubt/settle."""
    routes = APIRouter()

    @routes.api_route(ONE + "/doubt", methods=["GET", "HEAD"])
    def ask(reference: str, visit: Visit = _LOOK) -> Response:
        system = console.of(visit)
        with system.store.read() as connection:
            release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
            found = doubts.doubtful(connection, release_id=release.id)
        given: dict[str, Any] = {"reference": release.reference, "found": found[:_SHOWN], "size": len(found)}
        given |= {"going": sum(row.mailout_state == "sending" for row in found)}
        return console.page(visit, "doubt", here="releases", **given)

    def settle(
        reference: str, form: Form, visit: Visit, outcome: Literal["resend", "sent", "cancelled"]
    ) -> Response:
        system = console.of(visit)
        system.find_doubt()
        verb.settle(
            system.store,
            actor=visit.actor,
            now=system.now(),
            publisher_id=system.publisher.id,
            reference=reference,
            address=form.text("address") or None,
            outcome=outcome,
            pseudonym=system.tokens.pseudonym,
        )
        return to(release_path(reference, "doubt"))

    @routes.post(ONE + "/doubt/resend")
    def resend(reference: str, form: Posted, visit: Visit = _RESEND) -> Response:
        return settle(reference, form, visit, "resend")

    @routes.post(ONE + "/doubt/settle")
    def settled(reference: str, form: Posted, visit: Visit = _SETTLE) -> Response:
        said = form.text("outcome")
        if said not in ("sent", "cancelled"):
            raise Refused("it was not said what became of them", where=reference)
        return settle(reference, form, visit, "sent" if said == "sent" else "cancelled")

    return routes
