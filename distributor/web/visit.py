"""One request to the console: from which place, with which cookies, by which officer.

Over https cookies have the prefix `__Host-` and are secure; on this machine itself, over http, they have
plain names. Anywhere else nobody can sign in: a password would travel in the open.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from distributor.model.officer import Officer
from distributor.policy import rights

OFFICE = "/office"
SIGN_IN = f"{OFFICE}/sign-in"
_OPEN = re.compile(rf"{SIGN_IN}|{OFFICE}/join/[^/]+")
_LOOPBACK = re.compile(r"(127(\.\d{1,3}){3}|\[::1\]|localhost)(:\d{1,5})?", re.IGNORECASE)
_INSIDE = re.compile(rf"{OFFICE}(/[!-\[\]-~]*)?")  # printable ASCII but the backslash


@dataclass(frozen=True, slots=True)
class Place:
    """How this request reached us; `right`: an officer may sign in there."""

    right: bool
    secure: bool

    @classmethod
    def of(cls, host: str, base_url: str) -> "Place":
        """By the request's Host and the address that the office is known by."""
        known = urlsplit(base_url)
        if known.scheme == "https" and host.lower() == known.netloc.lower():
            return cls(right=True, secure=True)
        return cls(right=bool(_LOOPBACK.fullmatch(host)), secure=False)

    def cookie(self, name: str) -> str:
        """What the cookie is called here."""
        return f"__Host-{name}" if self.secure else name

    def give(self, answer: Response, name: str, value: str, *, seconds: int | None = None) -> None:
        """Set a cookie that scripts cannot read; without `seconds` it ends with the browser."""
        answer.set_cookie(
            self.cookie(name), value, max_age=seconds, secure=self.secure, httponly=True, samesite="lax"
        )

    def take(self, answer: Response, name: str) -> None:
        """Take a cookie back."""
        answer.delete_cookie(self.cookie(name), secure=self.secure, httponly=True, samesite="lax")


@dataclass(frozen=True, slots=True)
class Visit:
    """`officer` is None on the pages for signing in. `form`: what a form must carry; "" without cookie.

    She is at work for `publisher`, and has roles at all of `publishers`. `done`: the last row of the office's
    log when she came.
    """

    place: Place
    officer: Officer | None = None
    session: str = ""
    form: str = ""
    publisher: str = ""
    publishers: tuple[str, ...] = ()
    done: int = 0

    def may(self, verb: str) -> bool:
        """Whether she may do this, by `policy.rights`."""
        return self.officer is not None and rights.may(self.officer.roles, verb)

    @property
    def actor(self) -> str:
        """By which name the log knows her."""
        assert self.officer is not None  # the gate lets nobody else in
        return self.officer.name


def of(request: Request) -> Visit:
    """The visit that the gate has seen."""
    visit: Visit = request.state.visit
    return visit


def inside(path: str) -> bool:
    """Whether the console answers for this path."""
    return path == OFFICE or path.startswith(f"{OFFICE}/")


def is_open(path: str) -> bool:
    """The pages that need no session."""
    return _OPEN.fullmatch(path) is not None


def sign_in_for(path: str) -> str:
    """The address of the sign-in that leads on to `path`."""
    return SIGN_IN if path == OFFICE else f"{SIGN_IN}?next={quote(path, safe='/')}"


def onward(path: str) -> str:
    """Where the sign-in leads: only ever into the console."""
    return path if _INSIDE.fullmatch(path) and not is_open(path) else OFFICE
