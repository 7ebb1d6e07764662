"""Bring a release in, or its next revision: upload, paste or write; look at what was recognised; keep it.

Everything that is typed stays in the page until “Keep it”, and only what was shown is kept: a text that
changed since is shown once more. It approves nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from distributor.documents.encoding import LARGEST
from distributor.documents.language import LANGUAGES
from distributor.documents.pasted import paragraphs
from distributor.errors import Busy, DistributorError, DocumentError, Refused
from distributor.mail.times import zones_line
from distributor.model.release import Release
from distributor.pipeline import intake
from distributor.pipeline.intake import Look
from distributor.pipeline.proposal import TYPES, Wishes
from distributor.store import lists, releases, topics
from distributor.store.database import Connection
from distributor.store.views import releases as view
from distributor.system import System
from distributor.web.console import Console, cure_of, release_path, to
from distributor.web.office.papers import Papers, as_before, papers, wishes, written
from distributor.web.office.releases import goes
from distributor.web.rules import Form, Posted, right
from distributor.web.visit import OFFICE, Visit

PATH = f"{OFFICE}/new"
PASTED = f"{OFFICE}/pasted"
_MAY = right("release add")
_WISHES = ("reference", "type", "topics", "lists", "exclude", "embargo", "advance", "send_at")
_NOTHING = Papers(())
_UNSAID: MappingProxyType[str, str] = MappingProxyType(dict.fromkeys(_WISHES, ""))


def router(console: Console) -> APIRouter:
    """GET and POST /office/new, and /office/new/REF for the next revision; POST /office/pasted."""
    routes = APIRouter()

    @routes.api_route(PATH, methods=["GET", "HEAD"])
    def begin(visit: Visit = _MAY) -> Response:
        return _Page(console, visit).show()

    @routes.post(PATH)
    def bring_in(form: Posted, visit: Visit = _MAY) -> Response:
        return _Page(console, visit).answer(form)

    @routes.api_route(PATH + "/{reference}", methods=["GET", "HEAD"])
    def revise(reference: str, visit: Visit = _MAY) -> Response:
        system = console.of(visit)
        release = _open(system, reference)
        said = as_before(release, now=system.now(), zone=system.rules.timezone)
        return _Page(console, visit, release).show(Papers(written(release)), said=_UNSAID | said)

    @routes.post(PATH + "/{reference}")
    def bring_in_again(reference: str, form: Posted, visit: Visit = _MAY) -> Response:
        system = console.of(visit)
        return _Page(console, visit, _open(system, reference)).answer(form)

    @routes.post(PASTED)
    def pasted(form: Posted, visit: Visit = _MAY) -> Response:  # noqa: ARG001
        return PlainTextResponse(paragraphs(form.raw("html")))

    return routes


def _open(system: System, reference: str) -> Release:
    """Raises NotFound, Refused."""
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
    if release.state == "withdrawn":
        raise Refused("it was withdrawn", where=reference)
    return release


@dataclass(frozen=True, slots=True)
class _Page:
    """The page for one visit: of `release` the next revision, or a release of its own."""

    console: Console
    visit: Visit
    release: Release | None = None

    def answer(self, form: Form) -> Response:
        """What its form asks for: to be read, or to be kept."""
        found, said = papers(form), {name: form.text(name) for name in _WISHES}
        asked = wishes(form, reference=self.release.reference if self.release else None)
        try:
            look = self._look(found, asked)
            seen, keep = _mark(look, found, asked), form.text("do") == "keep"
            if keep and form.text("seen") == seen:
                return to(release_path(self._keep(found, asked)))
            return self.show(found, said=said, look=look, seen=seen, changed=keep)
        except Busy:
            raise
        except DistributorError as error:
            return self.show(found, said=said, wrong=[] if found.wrong else [error])

    def show(
        self,
        found: Papers = _NOTHING,
        *,
        said: Mapping[str, str] = _UNSAID,
        look: Look | None = None,
        wrong: Sequence[DistributorError] = (),
        **told: Any,
    ) -> Response:
        """The form with what is in it, and beside it what was recognised."""
        system = self.console.of(self.visit)
        with system.store.read() as connection:
            names = lists.titles(connection, publisher_id=system.publisher.id)
            tree = topics.tree(connection)
            due = _planned(connection, self.release, system.rules.timezone) if self.release else None
        wrong = [*found.wrong, *wrong]
        given: dict[str, Any] = {"release": self.release, "goes": due, "found": found, "said": said}
        given |= {"wrong": [(error, cure_of(error)) for error in wrong], "types": TYPES, "lists": names}
        given |= {"languages": LANGUAGES, "topics": {one.id: one.label("en") for one in tree.topics.values()}}
        given |= {"look": look, "zones": self._zones, "megabytes": LARGEST // 1_000_000}
        given |= {"seen": "", "changed": False} | told
        return self.console.page(self.visit, "intake", here="releases", code=409 if wrong else 200, **given)

    def _zones(self, at: datetime) -> str:
        return zones_line(at, zones=self.console.of(self.visit).rules.show_zones, language="en")

    def _look(self, found: Papers, asked: Wishes) -> Look:
        if found.wrong:
            raise found.wrong[0]
        return intake.look(self.console.of(self.visit).store, **self._documents(found, asked))

    def _keep(self, found: Papers, asked: Wishes) -> str:
        store = self.console.of(self.visit).store
        return intake.add(store, actor=self.visit.actor, **self._documents(found, asked)).reference

    def _documents(self, found: Papers, asked: Wishes) -> dict[str, Any]:
        system = self.console.of(self.visit)
        if not found.papers:
            raise DocumentError("there is no text yet", cure="Choose a file, or paste or write one.")
        drafts = [paper.draft() for paper in found.papers]
        house = {"now": system.now(), "rules": system.rules, "publisher": system.publisher}
        return {"drafts": drafts, "wishes": asked} | house


def _planned(connection: Connection, release: Release, zone: str) -> datetime | None:
    return goes(view.shown(connection, release, zone=zone, hash=None)["mailouts"])


def _mark(look: Look, found: Papers, asked: Wishes) -> str:
    """What was shown, in short: of another text or to another release it is another."""
    known = (look.known.reference, look.known.latest.number) if look.known else None
    said = [look.proposal.sha256, [paper.source for paper in found.papers], asdict(asked), known]
    return sha256(json.dumps(said).encode()).hexdigest()
