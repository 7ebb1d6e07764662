"""Signing in and out, the change to another publisher, the one-time links by which officers set a password.

A wrong name, password or code get the same page, all after the same time; only whoever is too quick is told
to wait.
"""

from dataclasses import replace

import anyio
from anyio import to_thread
from fastapi import APIRouter, Request, Response

from distributor.errors import NotFound, Refused
from distributor.office import invite, onetime, signin
from distributor.office.signin import Attempt, SignedIn, TooSoon
from distributor.policy.signin import DEVICE, SHORTEST
from distributor.web.console import Console, cure_of, to
from distributor.web.rules import Anybody, Form, Posted, right
from distributor.web.visit import OFFICE, SIGN_IN, Visit, onward

_WRONG = 403
WRONG_AFTER = 0.2  # seconds: more than a password takes to be looked at


def router(console: Console) -> APIRouter:
    """GET and POST /office/sign-in and /office/join/TOKEN, POST /office/sign-out and /office/publisher."""
    routes = APIRouter()
    system = console.system
    here = {"publishers": tuple(system.publishers)}

    @routes.api_route(SIGN_IN, methods=["GET", "HEAD"])
    def ask(visit: Anybody, next: str = OFFICE) -> Response:
        return to(onward(next)) if visit.officer else _asked(console, visit, next=onward(next))

    @routes.post(SIGN_IN)
    async def sign_in(request: Request, visit: Anybody, form: Posted) -> Response:
        """How long it took to see what is wrong would tell strangers which names there are."""
        began = anyio.current_time()
        answer = await to_thread.run_sync(tried, request, visit, form)
        if answer.status_code == _WRONG:
            await anyio.sleep_until(began + WRONG_AFTER)
        return answer

    def tried(request: Request, visit: Visit, form: Form) -> Response:
        onto = onward(form.text("next"))
        try:
            signed = signin.sign_in(
                system.store, _attempt(request, visit, form), now=system.now(), tokens=system.tokens, **here
            )
        except TooSoon as error:
            answer = _asked(console, visit, next=onto, error=error, code=429)
            answer.headers["Retry-After"] = str(error.seconds)
            return answer
        except Refused as error:
            return _asked(console, visit, next=onto, error=error, code=_WRONG)
        return _welcome(visit, signed, onto=onto)

    @routes.post(f"{OFFICE}/sign-out")
    def sign_out(form: Posted, visit: Visit = right("account")) -> Response:  # noqa: ARG001
        signin.sign_out(system.store, visit.session)
        answer = to(SIGN_IN)
        visit.place.take(answer, "session")
        return answer

    @routes.post(f"{OFFICE}/publisher")
    def work_for(form: Posted, visit: Visit = right("account")) -> Response:
        wanted = form.text("publisher")
        signin.work_for(system.store, visit.session, now=system.now(), publisher_id=wanted, **here)
        return to(OFFICE)

    @routes.api_route(OFFICE + "/join/{token}", methods=["GET", "HEAD"])
    def invited(token: str, visit: Anybody) -> Response:
        found = invite.look(system.store, token, now=system.now(), **here)
        if found is None:
            return console.failure(
                visit, NotFound("this link is over or was used", cure="Ask for a new one.")
            )
        return _joined(console, visit, name=found.name)

    @routes.post(OFFICE + "/join/{token}")
    def join(token: str, visit: Anybody, form: Posted) -> Response:
        try:
            _same_twice(form)
            signed = invite.accept(
                system.store,
                token,
                now=system.now(),
                password=form.raw("password"),
                name=form.text("name"),
                display=form.text("display"),
                **here,
            )
        except Refused as error:
            found = invite.look(system.store, token, now=system.now(), **here)
            name = found.name if found else None
            return _joined(console, visit, name=name, typed=form, error=error, code=409)
        return _welcome(visit, signed, onto=OFFICE)

    return routes


def _attempt(request: Request, visit: Visit, form: Form) -> Attempt:
    return Attempt(
        name=form.text("name"),
        password=form.raw("password"),
        code=form.text("code"),
        address=request.client.host if request.client else "",
        device=request.cookies.get(visit.place.cookie("device")),
    )


def _asked(
    console: Console, visit: Visit, *, next: str, error: Refused | None = None, code: int = 200
) -> Response:
    """The sign-in; its form belongs to a cookie that this browser has from now on."""
    visit, cookie = _with_form(console, visit)
    told = {"error": error, "cure": cure_of(error) if error else ""}
    answer = console.page(visit, "sign_in", code=code, next=next, **told)
    if cookie:
        visit.place.give(answer, "form", cookie)
    return answer


def _joined(
    console: Console,
    visit: Visit,
    *,
    name: str | None,
    typed: Form | None = None,
    error: Refused | None = None,
    code: int = 200,
) -> Response:
    visit, cookie = _with_form(console, visit)
    kept = {field: typed.text(field) if typed else "" for field in ("name", "display")}
    answer = console.page(
        visit,
        "join",
        code=code,
        name=name,
        typed=kept,
        error=error,
        cure=cure_of(error) if error else "",
        shortest=SHORTEST,
    )
    if cookie:
        visit.place.give(answer, "form", cookie)
    return answer


def _with_form(console: Console, visit: Visit) -> tuple[Visit, str]:
    """The visit with what its form must carry; and a fresh cookie, unless the browser has one."""
    if visit.form:
        return visit, ""
    cookie = onetime.fresh()
    return replace(visit, form=console.system.tokens.form(cookie)), cookie


def _welcome(visit: Visit, signed: SignedIn, *, onto: str) -> Response:
    answer = to(onto)
    visit.place.give(answer, "session", signed.session)
    visit.place.give(answer, "device", signed.device, seconds=int(DEVICE.total_seconds()))
    visit.place.take(answer, "form")
    return answer


def _same_twice(form: Form) -> None:
    if form.raw("password") != form.raw("again"):
        raise Refused("the two passwords are not the same")
