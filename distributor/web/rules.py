"""What each page of the console asks before it answers: the right to it, and that a form is its own.

Every route under /office depends on `right` with its verb, or stands in `policy.rights` as “account”; every
one that changes something depends on `Posted` too. A test looks at the router.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hmac import compare_digest
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from distributor.errors import Refused
from distributor.office.eyes import without_right
from distributor.web import visit
from distributor.web.visit import Visit

_FIELDS, _FILES, _LARGEST_FIELD = 300, 30, 2**21


class NotAllowed(Refused):
    """Her roles do not do, or the form is none of ours."""


def right(verb: str) -> Any:
    """The visit of an officer who may do `verb`; raises NotAllowed for another."""

    async def allowed(request: Request) -> Visit:  # without a thread: it asks nobody
        found = visit.of(request)
        if not found.may(verb):
            raise _without(found, verb)
        return found

    allowed.__dict__["verb"] = verb
    return Depends(allowed)


def _without(found: Visit, verb: str) -> Refused:
    assert found.officer is not None  # the gate lets nobody else in
    refused = without_right(found.officer, verb)
    return NotAllowed(refused.what, cure=refused.cure.partition(";")[0] + ".")


async def anybody(request: Request) -> Visit:
    """The visit on the pages for signing in, where nobody is known yet."""
    return visit.of(request)


@dataclass(frozen=True)
class Form:
    """What was posted."""

    fields: FormData

    def text(self, name: str) -> str:
        """A field's text without spaces around it; "" when it is not there."""
        return self.raw(name).strip()

    def raw(self, name: str) -> str:
        """The same as typed."""
        value = self.fields.get(name, "")
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """All values of a field that may be there several times."""
        return [value for value in self.fields.getlist(name) if isinstance(value, str) and value]

    def files(self, name: str) -> list[UploadFile]:
        """Uploaded files that have a name."""
        return [one for one in self.fields.getlist(name) if isinstance(one, UploadFile) and one.filename]


async def posted(request: Request) -> AsyncIterator[Form]:
    """The form, when it came from one of our pages in this browser; its files are closed with the answer.

    Raises NotAllowed.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed("this form came from another site")
    fields = await _fields(request)
    try:
        _ours(fields.get("form"), expected=visit.of(request).form)
        yield Form(fields)
    finally:
        await fields.close()


def _ours(said: object, *, expected: str) -> None:
    if not (expected and isinstance(said, str) and compare_digest(said.encode(), expected.encode())):
        raise NotAllowed("this form is too old", cure="Go back, load the page again, and send it again.")


async def _fields(request: Request) -> FormData:
    """Files above a megabyte lie on the disk; what may come at all says `web.security`."""
    try:
        return await request.form(max_files=_FILES, max_fields=_FIELDS, max_part_size=_LARGEST_FIELD)
    except HTTPException as error:
        raise Refused(f"the form cannot be read: {error.detail}", cure="Send less at once.") from None


Posted = Annotated[Form, Depends(posted)]
Anybody = Annotated[Visit, Depends(anybody)]
