"""The mails of a release as their readers get them: on a desk, on a phone, dark, as text; and a test copy.

Each HTML part stands in a frame of its own, under a policy that lets it do nothing: no scripts, no forms, no
images from elsewhere. Only there styles within the text are allowed.
"""

from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from distributor.errors import Busy, DistributorError, NotFound
from distributor.model.address import Address
from distributor.office import test_copy
from distributor.office.preview import Preview
from distributor.store import releases
from distributor.system import System
from distributor.web.console import Console, cure_of
from distributor.web.office.releases import ONE, see
from distributor.web.rules import Form, Posted, right
from distributor.web.visit import Visit

FRAME = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "frame-ancestors 'self'"
)
LOOKS = ("desktop", "phone", "dark", "text")
_MAY, _MAY_TEST = right("release preview"), right("release test")


def router(console: Console) -> APIRouter:
    """GET /office/releases/REF/preview and, for its frames, …/mail/FORM/LANGUAGE; POST …/test."""
    routes = APIRouter()
    system = console.system

    @routes.api_route(ONE + "/preview", methods=["GET", "HEAD"])
    def show(
        reference: str, visit: Visit = _MAY, form: str = "", language: str = "", look: str = "desktop"
    ) -> Response:
        return _page(console, visit, reference, form=form, language=language, look=look)

    @routes.api_route(ONE + "/mail/{form}/{language}", methods=["GET", "HEAD"])
    def frame(reference: str, form: str, language: str, visit: Visit = _MAY) -> Response:  # noqa: ARG001
        html = _part(_mail(see(system, reference), form, language), "html")
        return HTMLResponse(html, headers={"Content-Security-Policy": FRAME})

    @routes.post(ONE + "/test")
    def test(reference: str, form: Posted, visit: Visit = _MAY_TEST) -> Response:
        shown: dict[str, Any] = {name: form.text(name) for name in ("language", "look")}
        shown["form"] = form.text("shown")
        try:
            sent = _send_test(system, reference, form, actor=visit.actor)
        except (Busy, NotFound):
            raise
        except DistributorError as error:
            return _page(console, visit, reference, **shown, error=error)
        return _page(console, visit, reference, **shown, sent=sent)

    return routes


def _page(
    console: Console,
    visit: Visit,
    reference: str,
    *,
    form: str,
    language: str,
    look: str,
    error: DistributorError | None = None,
    sent: Sequence[test_copy.Copy] = (),
) -> Response:
    """One of the mails, and what became of a test copy of it."""
    pulled = see(console.system, reference)
    key = (form, language) if (form, language) in pulled.messages else next(iter(pulled.messages))
    mail = _mail(pulled, *key)
    given: dict[str, Any] = {"pulled": pulled, "form": key[0], "language": key[1], "looks": LOOKS}
    given |= {"look": look if look in LOOKS else LOOKS[0], "subject": mail["Subject"], "sent": sent}
    given |= {"error": error, "cure": cure_of(error) if error else "", "to": _hers(console.system, visit)}
    code = 409 if error else 200
    return console.page(visit, "preview", code=code, here="releases", **given, text=_part(mail, "plain"))


def _hers(system: System, visit: Visit) -> list[str]:
    """Where a test copy may go at once: her own address, and those of the office for tests."""
    mine = visit.officer.address if visit.officer else ""
    return list(dict.fromkeys(filter(None, [mine, *system.publisher.test_addresses])))


def _send_test(system: System, reference: str, form: Form, *, actor: str) -> list[test_copy.Copy]:
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
    return test_copy.send(
        system.store,
        actor=actor,
        now=system.now,
        release=release,
        revision=release.waiting or release.in_force or release.latest,
        addresses=[Address.parse(form.text("address"))],
        language=form.text("language") or None,
        house=system.test_house,
        mailer=system.mailer(),
    )


def _mail(pulled: Preview, form: str, language: str) -> EmailMessage:
    """Raises NotFound for a form or language that it does not have."""
    found = pulled.messages.get((form, language))
    if found is None:
        raise NotFound("there is no such mail", where=pulled.reference)
    return message_from_bytes(found, policy=policy.default)


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part else ""
