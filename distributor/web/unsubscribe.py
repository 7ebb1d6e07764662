"""One-click unsubscribe (RFC 8058): GET shows a page and changes nothing, POST unsubscribes.

The token of a mail is all that is needed: no cookie, no login, no redirect, and again and again the same
answer. A token that we did not make, and one whose delivery is gone, get the answer of a page that does
not exist.
"""

from fastapi import APIRouter, Request, Response

from distributor.model.address import Address
from distributor.office import silence
from distributor.store.views.addressee import Addressee, of_delivery
from distributor.system import System
from distributor.web.pages import Pages, preferred


def router(system: System, pages: Pages) -> APIRouter:
    """GET and POST /u/{token}."""
    routes = APIRouter()

    def answer(addressee: Addressee | None, request: Request) -> Response:
        if addressee is None:
            return not_found(pages, request)
        return pages.page(
            "unsubscribe",
            language=addressee.language,
            publisher=_name(system, addressee),
            silent=addressee.silent,
        )

    @routes.api_route("/u/{token}", methods=["GET", "HEAD"])
    def ask(token: str, request: Request) -> Response:
        return answer(_addressee(system, token), request)

    @routes.post("/u/{token}")
    def leave(token: str, request: Request) -> Response:
        addressee = _addressee(system, token)
        if addressee is not None:
            _unsubscribe(system, addressee)
            addressee = _addressee(system, token)
        return answer(addressee, request)

    return routes


def not_found(pages: Pages, request: Request) -> Response:
    """The one page for everything that does not exist."""
    language = preferred(request.headers.get("accept-language", ""))
    return pages.message(
        "There is nothing here",
        "Please check the address, or use the link of the newest mail that you had from us.",
        language=language,
        code=404,
    )


def _name(system: System, addressee: Addressee) -> str:
    """As the configuration has it now; of a publisher that it no longer has, as it was."""
    known = system.publishers.get(addressee.publisher_id)
    return known.name if known else addressee.publisher


def _addressee(system: System, token: str) -> Addressee | None:
    delivery_id = system.tokens.read_unsubscribe(token)
    if delivery_id is None:
        return None
    with system.store.read() as connection:
        return of_delivery(connection, delivery_id=delivery_id)


def _unsubscribe(system: System, addressee: Addressee) -> None:
    silence.unsubscribe(
        system.store,
        now=system.now(),
        publisher_id=addressee.publisher_id,
        address=Address.parse(addressee.address),
        reason="the link in a mail",
        pseudonym=system.tokens.pseudonym,
    )
