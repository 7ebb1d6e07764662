"""The console as an officer's browser sees it, without the browser: cookies are kept, forms are answered.

`Desk` speaks HTTP to the application itself; `officer` makes somebody who can sign in, with PASSWORD.
"""

import atexit
import re
from collections.abc import Collection
from contextlib import ExitStack
from functools import cache
from typing import Any

from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from httpx2 import Request, Response

from distributor.model.officer import Role
from distributor.office import invite, officers
from distributor.system import System
from distributor.web import app, login
from distributor.web.console import Console
from distributor.web.office import logverify

PASSWORD = "four tame herons wade"
HERE = "http://127.0.0.1:8025"


class Desk(TestClient):
    """One browser at `address`, on the machine itself unless `base_url` says otherwise."""

    def __init__(self, system: System, *, base_url: str = HERE, address: str = "192.0.2.7") -> None:
        application, self._console = applied(system)
        super().__init__(application, base_url=base_url, client=(address, 50000), follow_redirects=False)
        self.portal = _loop()
        self._form = ""

    def send(self, request: Request, **how: Any) -> Response:
        _ASKED.console = self._console
        return super().send(request, **how)

    def look(self, path: str, *, code: int = 200) -> str:
        """The page, whose form the next `say` answers."""
        answer = self.get(path)
        assert answer.status_code == code, (path, answer.status_code, answer.text)
        found = re.search(r'name="form" value="([^"]*)"', answer.text)
        self._form = found[1] if found else ""
        return answer.text

    def say(self, path: str, **fields: Any) -> Response:
        """Send a form of the page that was looked at last."""
        return self.post(path, data={"form": self._form, **fields})

    def sign_in(self, name: str = "ada", password: str = PASSWORD, **more: str) -> Response:
        self.look("/office/sign-in")
        answer = self.say("/office/sign-in", name=name, password=password, **more)
        if answer.status_code == 303:
            self.look("/office/account")
        return answer


class _Asked:
    """The console of who asks: desks do so one after the other."""

    console: Console

    def __getattr__(self, name: str) -> Any:
        return getattr(self.console, name)


class _Room:
    """A room whose routes are worked out once for all consoles: that takes longer than a page."""

    def __init__(self, room: Any) -> None:
        self._room, self._router = room, None

    def router(self, console: Console) -> APIRouter:
        _ASKED.console = console
        self._router = self._router or self._room.router(_ASKED)
        return self._router


_ASKED = _Asked()
_KEEPING = (login, logverify)  # these know their console from the beginning
_ROOMS = tuple(room if room in _KEEPING else _Room(room) for room in app._ROOMS)


def applied(system: System) -> tuple[FastAPI, Console]:
    """The application for this system, and its console; made once."""
    if "_applied" not in vars(system):
        rooms, app._ROOMS = app._ROOMS, _ROOMS
        try:
            vars(system)["_applied"] = (app.build(system), _ASKED.console)
        finally:
            app._ROOMS = rooms
    made: tuple[FastAPI, Console] = vars(system)["_applied"]
    return made


def signed_in(system: System, name: str = "ada") -> Desk:
    """A browser in which an officer has signed in."""
    desk = Desk(system)
    desk.sign_in(name)
    return desk


def hired(system: System, name: str = "ada", roles: Collection[Role] = frozenset(Role)) -> Desk:
    """The browser of a new officer, in which she has signed in."""
    return signed_in(system, officer(system, name, roles))


@cache
def _loop() -> BlockingPortal:
    """Where applications run: one for all requests of this process. Each would begin one, and take longer."""
    running = ExitStack()
    atexit.register(running.close)
    return running.enter_context(start_blocking_portal())


def officer(system: System, name: str = "ada", roles: Collection[Role] = frozenset(Role)) -> str:
    """An officer with PASSWORD; returns her name."""
    here = {"now": system.now(), "publisher_id": system.publisher.id}
    officers.add(system.store, actor="test", name=name, roles=roles, **here)
    set_password(system, name)
    return name


def set_password(system: System, name: str, **invited: Any) -> None:
    """By a one-time link."""
    now, whose = system.now(), system.publisher.id
    link = invite.invite(system.store, actor="test", now=now, publisher_id=whose, name=name, **invited)
    invite.accept(system.store, link.token, now=now, publishers=[whose], password=PASSWORD)
