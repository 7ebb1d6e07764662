"""The mails of a release as their readers get them: on a desk, on a phone, dark, as text, without images; to
any one of them; and a test copy.

Each HTML part stands in a frame of its own, under a policy that lets it do nothing: no scripts, no forms.
Only there styles within the text are allowed, and images from elsewhere only when they are asked for.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Response
from fastapi.responses import HTMLResponse

from distributor.errors import AddressError, Busy, DistributorError, NotFound, Refused
from distributor.model.address import Address
from distributor.office import test_copy
from distributor.office.preview import Preview
from distributor.store import releases
from distributor.store.views import readers
from distributor.system import System
from distributor.web.console import Console, cure_of
from distributor.web.office.releases import ONE, see
from distributor.web.rules import Form, Posted, right
from distributor.web.visit import Visit

FRAME = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "frame-ancestors 'self'"
)
_SHOWN_IMAGES = FRAME.replace("img-src data:", "img-src data: https:")
_READERS, _LONGEST = 20, 254
LOOKS = ("desktop", "phone", "dark", "text")
_MAY, _MAY_TEST = right("release preview"), right("release test")


@dataclass(frozen=True)
class Asked:
    """Which mail, and how it is looked at. `to`: as this address gets it; `find`: whom she means."""

    form: str = ""
    language: str = ""
    look: str = LOOKS[0]
    images: str = "off"
    to: str = ""
    find: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.form, self.language

    def query(self, **other: str) -> str:
        """The same but for `other`, as the end of an address."""
        said = asdict(self) | {"find": ""} | other
        return urlencode({name: value for name, value in said.items() if value})


def router(console: Console) -> APIRouter:
    """GET /office/releases/REF/preview and, for its frames, …/mail/FORM/LANGUAGE; POST …/test."""
    routes = APIRouter()

    @routes.api_route(ONE + "/preview", methods=["GET", "HEAD"])
    def show(reference: str, asked: Annotated[Asked, Depends()], visit: Visit = _MAY) -> Response:
        return _page(console, visit, reference, asked)

    @routes.api_route(ONE + "/mail/{form}/{language}", methods=["GET", "HEAD"])
    def frame(
        reference: str,
        form: str,
        language: str,
        visit: Visit = _MAY,
        to: str = "",
        images: str = "off",
    ) -> Response:
        system = console.of(visit)
        pulled = see(system, reference, to=Address.parse(to) if to else None)
        html = _part(_mail(pulled, form, language), "html")
        policy = _SHOWN_IMAGES if images == "on" else FRAME
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    @routes.post(ONE + "/test")
    def test(reference: str, form: Posted, visit: Visit = _MAY_TEST) -> Response:
        system = console.of(visit)
        asked = Asked(form.text("shown"), form.text("language"), form.text("look"))
        try:
            sent = _send_test(system, reference, form, actor=visit.actor)
        except (Busy, NotFound):
            raise
        except DistributorError as error:
            return _page(console, visit, reference, asked, error=error)
        return _page(console, visit, reference, asked, sent=sent)

    return routes


def _page(
    console: Console,
    visit: Visit,
    reference: str,
    asked: Asked,
    *,
    error: DistributorError | None = None,
    sent: Sequence[test_copy.Copy] = (),
) -> Response:
    """One of the mails, and what became of a test copy of it."""
    choice, to = _readers(console.of(visit), asked)
    try:
        pulled = see(console.of(visit), reference, to=to)
    except (Refused, AddressError) as refused:
        if to is None:
            raise
        pulled, error = see(console.of(visit), reference), refused
    reader = pulled.reader
    key = reader.key if reader else asked.key
    key = key if key in pulled.messages else next(iter(pulled.messages))
    mail = _mail(pulled, *key)
    given: dict[str, Any] = {"pulled": pulled, "form": key[0], "language": key[1], "looks": LOOKS}
    given |= {"look": asked.look if asked.look in LOOKS else LOOKS[0], "subject": mail["Subject"]}
    given |= {"asked": asked, "reader": reader, "readers": choice, "images": asked.images == "on"}
    given |= {"sent": sent, "error": error, "cure": cure_of(error) if error else ""}
    given |= {"to": _hers(console.of(visit), visit), "header": mail["To"]}
    code = 409 if error else 200
    return console.page(visit, "preview", code=code, here="releases", **given, text=_part(mail, "plain"))


def _readers(system: System, asked: Asked) -> tuple[Sequence[Any], Address | None]:
    """Whom she may mean, and the one whom she means."""
    find = (asked.to or asked.find).strip()[:_LONGEST]
    if not find:
        return (), None
    if asked.to or "@" in find.strip("@"):
        with suppress(AddressError):
            return (), Address.parse(find)
    with system.store.read() as connection:
        publisher = system.publisher.id
        found = readers.found(connection, publisher_id=publisher, find=find, limit=_READERS)
    return (found, None) if len(found) != 1 else ((), Address.parse(found[0].address))


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
