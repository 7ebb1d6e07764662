"""The mails of a release as their readers get them: on a desk, on a phone, dark, as text.

Each HTML part stands in a frame of its own, under a policy that lets it do nothing: no scripts, no forms, no
images from elsewhere. Only there styles within the text are allowed.
"""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from distributor.errors import NotFound
from distributor.office.preview import Preview
from distributor.web.console import Console
from distributor.web.office.releases import ONE, see
from distributor.web.rules import right
from distributor.web.visit import Visit

FRAME = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "frame-ancestors 'self'"
)
LOOKS = ("desktop", "phone", "dark", "text")
_MAY = right("release preview")


def router(console: Console) -> APIRouter:
    """GET /office/releases/REF/preview and, for its frames, /mail/FORM/LANGUAGE below it."""
    routes = APIRouter()
    system = console.system

    @routes.api_route(ONE + "/preview", methods=["GET", "HEAD"])
    def show(
        reference: str, visit: Visit = _MAY, form: str = "", language: str = "", look: str = "desktop"
    ) -> Response:
        pulled = see(system, reference)
        key = (form, language) if (form, language) in pulled.messages else next(iter(pulled.messages))
        mail = _mail(pulled, *key)
        given: dict[str, Any] = {"pulled": pulled, "form": key[0], "language": key[1], "looks": LOOKS}
        given |= {"look": look if look in LOOKS else LOOKS[0], "subject": mail["Subject"]}
        return console.page(visit, "preview", here="releases", **given, text=_part(mail, "plain"))

    @routes.api_route(ONE + "/mail/{form}/{language}", methods=["GET", "HEAD"])
    def frame(reference: str, form: str, language: str, visit: Visit = _MAY) -> Response:  # noqa: ARG001
        html = _part(_mail(see(system, reference), form, language), "html")
        return HTMLResponse(html, headers={"Content-Security-Policy": FRAME})

    return routes


def _mail(pulled: Preview, form: str, language: str) -> EmailMessage:
    """Raises NotFound for a form or language that it does not have."""
    found = pulled.messages.get((form, language))
    if found is None:
        raise NotFound("there is no such mail", where=pulled.reference)
    return message_from_bytes(found, policy=policy.default)


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part else ""
