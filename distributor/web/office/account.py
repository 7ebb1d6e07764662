"""An officer's own account: another password, an authenticator or none. Each asks for her password again."""

from typing import Any

import segno
from fastapi import APIRouter, Response
from markupsafe import Markup

from distributor.errors import Refused
from distributor.model.officer import Officer
from distributor.office import account as verbs
from distributor.office import codes
from distributor.policy.signin import SHORTEST
from distributor.web.console import Console, to
from distributor.web.rules import Form, Posted, right
from distributor.web.visit import SIGN_IN, Visit

PATH = "/office/account"
_MAY = right("account")


def router(console: Console) -> APIRouter:
    """GET /office/account; POST password, code, confirm, no-code below it."""
    routes = APIRouter()

    @routes.api_route(PATH, methods=["GET", "HEAD"])
    def look(visit: Visit = _MAY) -> Response:
        return _page(console, visit)

    @routes.post(f"{PATH}/password")
    def password(form: Posted, visit: Visit = _MAY) -> Response:
        system = console.of(visit)
        try:
            _same_twice(form)
            old, new = form.raw("old"), form.raw("password")
            verbs.change_password(
                system.store, _her(visit), now=system.now(), old=old, new=new, publisher_id=visit.publisher
            )
        except Refused as error:
            return _page(console, visit, error=error)
        answer = to(SIGN_IN)
        visit.place.take(answer, "session")
        return answer

    @routes.post(f"{PATH}/code")
    def offer(form: Posted, visit: Visit = _MAY) -> Response:
        system = console.of(visit)
        typed = form.raw("old")
        try:
            asked: dict[str, Any] = {"password": typed, "tokens": system.tokens}
            asked["publisher_id"] = visit.publisher
            verbs.offer_code(system.store, _her(visit), now=system.now(), **asked)
        except Refused as error:
            return _page(console, visit, error=error)
        return to(f"{PATH}#code")

    @routes.post(f"{PATH}/confirm")
    def confirm(form: Posted, visit: Visit = _MAY) -> Response:
        system = console.of(visit)
        code, tokens = form.text("code"), system.tokens
        try:
            verbs.confirm_code(
                system.store,
                _her(visit),
                now=system.now(),
                code=code,
                tokens=tokens,
                publisher_id=visit.publisher,
            )
        except Refused as error:
            return _page(console, visit, error=error)
        return to(f"{PATH}#code")

    @routes.post(f"{PATH}/no-code")
    def drop(form: Posted, visit: Visit = _MAY) -> Response:
        system = console.of(visit)
        typed = form.raw("old")
        try:
            verbs.drop_code(
                system.store, _her(visit), now=system.now(), password=typed, publisher_id=visit.publisher
            )
        except Refused as error:
            return _page(console, visit, error=error)
        return to(f"{PATH}#code")

    return routes


def _page(console: Console, visit: Visit, *, error: Refused | None = None) -> Response:
    system, officer = console.of(visit), _her(visit)
    key = verbs.offered_code(system.store, officer, tokens=system.tokens, publisher_id=visit.publisher)
    return console.page(
        visit,
        "account",
        here="account",
        code=409 if error else 200,
        error=error,
        shortest=SHORTEST,
        has_code=verbs.has_code(system.store, officer, publisher_id=visit.publisher),
        key=key,
        square=_square(key, officer=officer.name, issuer=system.publisher.name) if key else "",
    )


def _square(key: str, *, officer: str, issuer: str) -> Markup:
    """The key as a QR code, drawn in the page."""
    address = codes.address(key, officer=officer, issuer=issuer)
    return Markup(segno.make(address, error="m").svg_inline(scale=5, light="#fff"))  # noqa: S704 (segno's own)


def _her(visit: Visit) -> Officer:
    assert visit.officer is not None  # the gate lets nobody else in
    return visit.officer


def _same_twice(form: Form) -> None:
    if form.raw("password") != form.raw("again"):
        raise Refused("the two new passwords are not the same")
