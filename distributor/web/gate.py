"""Nothing under /office answers without a session: every path, known or not, leads to the sign-in.

ASGI middleware: what a route does not have to think of, it cannot forget. It also says what the console's
pages may load. Whether an officer may do what she asks is for `web.rules`.
"""

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from distributor.office import signin
from distributor.store.sessions import Signed
from distributor.system import System
from distributor.web.visit import OFFICE, Place, Visit, inside, is_open, sign_in_for

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Gate:
    """Lets officers in who are signed in, and tells the route who it is (`visit.of`)."""

    def __init__(self, app: ASGIApp, system: System) -> None:
        self.app, self.system = app, system

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not inside(scope["path"]):
            return await self.app(scope, receive, send)

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("Content-Security-Policy", POLICY)
            await send(message)

        request = Request(scope)
        place = Place.of(request.headers.get("host", ""), self.system.config.web.base_url)
        visit = await to_thread.run_sync(self._visit, request, place)
        turned_away = self._turned_away(visit, scope)
        request.state.visit = visit
        return await (turned_away or self.app)(scope, receive, send_with_policy)

    def _visit(self, request: Request, place: Place) -> Visit:
        session = request.cookies.get(place.cookie("session"), "")
        if session and place.right:
            publishers = tuple(self.system.publishers)
            found = signin.whose(self.system.store, session, now=self.system.now(), publishers=publishers)
            if found is not None:
                return self._hers(place, session, found)
        cookie = request.cookies.get(place.cookie("form"), "")
        return Visit(place=place, form=self.system.tokens.form(cookie) if cookie else "")

    def _hers(self, place: Place, session: str, found: Signed) -> Visit:
        """A form is good for the publisher whose page it stood on: the other may have the same reference."""
        form = self.system.tokens.form(f"{session}\n{found.publisher_id}")
        return Visit(place, found.officer, session, form, found.publisher_id, found.publishers, found.done)

    def _turned_away(self, visit: Visit, scope: Scope) -> Response | None:
        if not visit.place.right:
            return PlainTextResponse(f"{self._elsewhere()}\n", 421)
        if visit.officer is None and not is_open(scope["path"]):
            onward = scope["path"] if scope["method"] in ("GET", "HEAD") else OFFICE
            return RedirectResponse(sign_in_for(onward), 303)
        return None

    def _elsewhere(self) -> str:
        base_url = self.system.publisher.base_url
        if base_url.startswith("https://"):
            return f"The console is at {base_url}{OFFICE}"
        here = f"http://{self.system.config.web.listen}{OFFICE}"
        return f"The console answers over https, as [web] base_url says, or on its own machine: {here}"
