"""The console's pages: renders templates/web/office for a visit, and answers what goes wrong in words.

An error's cure that names commands is left out: who reads here has buttons.
"""

import hashlib
import re
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from distributor.errors import DistributorError, NotFound
from distributor.policy.clockface import about, moment
from distributor.store.database import Connection
from distributor.system import System
from distributor.web.pages import Pages
from distributor.web.recent import FRESH, Recent
from distributor.web.rules import NotAllowed
from distributor.web.standin import StandIn
from distributor.web.visit import Visit

_ASSETS = {"console.css": "text/css", "console.js": "text/javascript"}
_YEAR = 31_536_000

T = TypeVar("T")


class Console:
    """What the routes of the console share: the system, and how a page is made."""

    def __init__(self, system: System, pages: Pages) -> None:
        self.system, self.pages = system, pages
        self._recent = Recent(up=system.machine.up)
        self._stand_in = StandIn()
        self.assets = {name: pages.source(name) for name in _ASSETS}
        digest = hashlib.sha256("".join(self.assets.values()).encode()).hexdigest()[:12]
        self._always: dict[str, Any] = {
            "zone": system.rules.timezone,
            "asset": lambda name: f"/assets/{name}?{digest}",
            "local": lambda at: moment(at, system.rules.timezone),
            "utc": _utc,
            "until": lambda at, now: _until(at, now=now),
            "path": release_path,
            "sentence": _sentence,
            "spoken": spoken,
            "here": "",
        }

    def page(self, visit: Visit, template: str, /, *, code: int = 200, **values: Any) -> HTMLResponse:
        """The page `template` of templates/web/office; `now` is there for every page."""
        return HTMLResponse(self._html(visit, template, self.system.now(), values), code)

    def shared(
        self, visit: Visit, template: str, question: Hashable, given: Callable[[Visit], dict[str, Any]]
    ) -> HTMLResponse:
        """A page that says the same to all officers of a publisher with the same roles: made once a second.

        `given` finds its values for a stand-in who has these roles. Only then come her name, her form and the
        time: what is kept knows nobody.
        """
        anybody = self._stand_in.of(visit)

        def made() -> tuple[str, str]:
            now = self.system.now()
            return self._html(anybody, template, now, given(anybody)), now.isoformat()

        hers = (anybody.officer and anybody.officer.roles, visit.publishers)
        html, made_at = self.known(visit, (template, question, hers), made)
        html = html.replace(f'content="{made_at}"', f'content="{self.system.now().isoformat()}"', 1)
        return HTMLResponse(self._stand_in.replaced(html, visit))

    def _html(self, visit: Visit, template: str, now: datetime, values: dict[str, Any]) -> str:
        given = self._always | {"visit": visit, "now": now, "form_field": _field(visit.form)}
        given |= {"publisher": self._whose(visit), "publishers": self._hers(visit)} | values
        return self.pages.render(f"office/{template}.html.j2", **given)

    def of(self, visit: Visit) -> System:
        """The system at work for whom she is; for the first publisher where nobody is known."""
        return self.system.of(visit.publisher) if visit.officer else self.system

    def recent(
        self, visit: Visit, question: Hashable, ask: Callable[[Connection], T], *, good: timedelta = FRESH
    ) -> T:
        """What the store answers, or has just answered to the same `question` (`web.recent`).

        `ask` must not go by who the visit is: others of her publisher are given what it says.
        """

        def asked() -> T:
            with self.system.store.read() as connection:
                return ask(connection)

        return self.known(visit, question, asked, good=good)

    def known(self, visit: Visit, question: Hashable, ask: Callable[[], T], *, good: timedelta = FRESH) -> T:
        """The same for who is asking the store already."""
        system = self.of(visit)
        stamp = (visit.done, system.store.written)
        whose = (system.publisher.id, question)
        return self._recent.ask(whose, ask, stamp=stamp, now=system.now(), good=good)

    def _whose(self, visit: Visit) -> str:
        """Whose page it is; before somebody has signed in it is all of theirs, and names none of several."""
        known = visit.officer is not None or len(self.system.publishers) == 1
        return self.of(visit).publisher.name if known else "Press console"

    def _hers(self, visit: Visit) -> dict[str, str]:
        """The publishers between which she may change, by id; none where she has one."""
        several = visit.publishers if len(visit.publishers) > 1 else ()
        return {id: self.system.publishers[id].name for id in several}

    def failure(self, visit: Visit, error: DistributorError) -> HTMLResponse:
        """What went wrong, on a page."""
        code = 404 if isinstance(error, NotFound) else 403 if isinstance(error, NotAllowed) else 409
        return self.page(visit, "failure", code=code, error=error, cure=cure_of(error))

    def router(self) -> APIRouter:
        """GET /assets/…: style and script; the address changes with them."""
        routes = APIRouter()

        def answer(name: str) -> Response:
            kept = {"Cache-Control": f"public, max-age={_YEAR}, immutable"}
            return Response(self.assets[name], media_type=_ASSETS[name], headers=kept)

        @routes.api_route("/assets/console.css", methods=["GET", "HEAD"])
        def style() -> Response:
            return answer("console.css")

        @routes.api_route("/assets/console.js", methods=["GET", "HEAD"])
        def script() -> Response:
            return answer("console.js")

        return routes


def release_path(reference: str, *more: str) -> str:
    """Where a release's pages are."""
    return "/".join(["/office/releases", *(quote(part, safe="") for part in (reference, *more))])


def to(path: str) -> RedirectResponse:
    """On to a page that shows what was done."""
    return RedirectResponse(path, 303)


def cure_of(error: DistributorError) -> str:
    """The cure, unless it is a command."""
    cure = spoken(error.cure)
    return "" if "distributor " in cure or "--" in cure else cure


_FIELDS = {
    "--at": "Time to send",
    "--embargo": "Embargo",
    "--advance": "Advance copies",
    "--topics": "Topics",
    "--lists": "Lists",
    "--language": "Language",
}
_OPTION = re.compile("|".join(_FIELDS))


def spoken(words: str) -> str:
    """Words of the command line for a form: an option is the field that says the same."""
    return _OPTION.sub(lambda option: f"“{_FIELDS[option[0]]}”", words)


def _field(form: str) -> Markup:
    """What makes a form one of ours (`rules.posted`)."""
    return Markup('<input type="hidden" name="form" value="{}">').format(form)


def _sentence(words: str) -> str:
    """With a capital letter and a full stop."""
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith(('.', '?', '!')) else '.'}"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo('UTC')):%-d %b %H:%M}{f':{at.second:02}' if at.second else ''} UTC"


def _until(at: datetime, *, now: datetime) -> str:
    """ "in 3 hours", "45 seconds ago"."""
    return f"in {about(at - now)}" if at > now else f"{about(now - at)} ago"
