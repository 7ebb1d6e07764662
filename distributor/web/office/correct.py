"""Correct what has begun to go out: the fifth red button.

The page says first who gets what. “Read it” shows what differs from the text in force, and what stands in the
way; nothing is kept by that. “Correct it now” does what was shown, by the verb of the command line.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Response

from distributor.documents.encoding import LARGEST
from distributor.documents.language import LANGUAGES
from distributor.errors import Busy, DistributorError, DocumentError, Refused
from distributor.model.draft import Draft
from distributor.model.headertext import one_line
from distributor.model.release import Release
from distributor.office import correct as verb
from distributor.pipeline import correction, intake
from distributor.pipeline.correction import Corrected
from distributor.policy import changes
from distributor.policy.revisions import diff
from distributor.store import releases
from distributor.store.views import affected
from distributor.system import System
from distributor.web.console import Console, cure_of, release_path, to
from distributor.web.office.papers import Papers, papers, written
from distributor.web.office.releases import ONE
from distributor.web.rules import Form, Posted, right
from distributor.web.visit import Visit

_MAY = right("release correct")
MATERIAL, MINOR = "material", "minor"


def router(console: Console) -> APIRouter:
    """GET and POST /office/releases/REF/correct."""
    routes = APIRouter()

    @routes.api_route(ONE + "/correct", methods=["GET", "HEAD"])
    def ask(reference: str, visit: Visit = _MAY) -> Response:
        system = console.of(visit)
        page = _Page(console, visit, _release(system, reference))
        verb.require_somebody(system.store, publisher_id=system.publisher.id, reference=reference)
        return page.show(Papers(written(page.release)), weight=MATERIAL)

    @routes.post(ONE + "/correct")
    def correct(reference: str, form: Posted, visit: Visit = _MAY) -> Response:
        return _Page(console, visit, _release(console.of(visit), reference)).answer(form)

    return routes


def _release(system: System, reference: str) -> Release:
    """Raises NotFound, and Refused for what has no text in force."""
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
    changes.approved(release)
    return release


@dataclass(frozen=True, slots=True)
class _Page:
    console: Console
    visit: Visit
    release: Release

    def answer(self, form: Form) -> Response:
        """What its form asks for: to be read, or to be done."""
        found, note = papers(form), form.text("note")
        weight = MINOR if form.text("weight") == MINOR else MATERIAL
        tell = weight == MATERIAL
        try:
            drafts = self._drafts(found)
            look = self._look(drafts, tell=tell)
            seen, do = _mark(look, found, weight), form.text("do") == "correct"
            if do and form.text("seen") == seen:
                self._correct(drafts if look.new else (), tell=tell, note=note)
                return to(release_path(self.release.reference))
            return self.show(found, weight=weight, note=note, look=look, seen=seen, changed=do)
        except Busy:
            raise
        except DistributorError as error:
            return self.show(found, weight=weight, note=note, wrong=[] if found.wrong else [error])

    def show(
        self,
        found: Papers,
        *,
        weight: str,
        note: str = "",
        look: Corrected | None = None,
        wrong: Sequence[DistributorError] = (),
        **told: Any,
    ) -> Response:
        """Who gets what, the texts, and below them what is corrected by them."""
        system = self.console.of(self.visit)
        with system.store.read() as connection:
            stand = affected.of_release(connection, release_id=self.release.id)
            waits = affected.waiting(connection, self.release)
        wrong = [*found.wrong, *wrong]
        given: dict[str, Any] = {"release": self.release, "stand": stand, "found": found, "look": look}
        given["waits"] = waits
        given |= {"wrong": [(error, cure_of(error)) for error in wrong], "languages": LANGUAGES}
        given |= {"weight": weight, "note": note, "megabytes": LARGEST // 1_000_000}
        given |= {"diff": _diff(look.release, system) if look else (), "four_eyes": system.rules.four_eyes}
        given |= {"seen": "", "changed": False} | told
        code = 409 if wrong else 200
        return self.console.page(self.visit, "correct", here="releases", code=code, **given)

    def _drafts(self, found: Papers) -> list[Draft]:
        """The documents in the form; none when they are those of the draft that waits."""
        if found.wrong:
            raise found.wrong[0]
        if not found.papers:
            raise DocumentError("there is no text yet", cure="Choose a file, or paste or write one.")
        same = [paper.text.strip() for paper in found.papers] == [
            paper.text.strip() for paper in written(self.release)
        ]
        if same and not self.release.waiting:
            raise Refused("it says what is in force already", cure="Change the text, then read it again.")
        return [] if same else [paper.draft() for paper in found.papers]

    def _look(self, drafts: Sequence[Draft], *, tell: bool) -> Corrected:
        """Raises what `_correct` would."""
        system, actor = self.console.of(self.visit), self.visit.actor
        given: dict[str, Any] = {"actor": actor, "now": system.now()}
        look = correction.look(
            system.store,
            reference=self.release.reference,
            drafts=drafts,
            rules=system.rules,
            publisher=system.publisher,
            **given,
        )
        verb.look(system.store, release=look.release, house=system.house, tell=tell, **given)
        return look

    def _correct(self, drafts: Sequence[Draft], *, tell: bool, note: str) -> None:
        system, reference = self.console.of(self.visit), self.release.reference
        system.require_secret()
        given: dict[str, Any] = {"actor": self.visit.actor, "now": system.now()}
        note = one_line(note, where="note") if note else ""
        if drafts:
            intake.add(
                system.store,
                drafts=drafts,
                wishes=correction.wishes(reference),
                rules=system.rules,
                publisher=system.publisher,
                **given,
            )
        verb.correct(system.store, reference=reference, house=system.house, tell=tell, note=note, **given)


def _diff(release: Release, system: System) -> tuple[str, ...]:
    """The words that change: to whom and when it goes stays."""
    before, after = release.in_force, release.waiting
    assert before is not None  # `_release` refuses it
    assert after is not None  # `verb.look` does
    return tuple(
        line
        for line in diff(before, after, zone=system.rules.timezone)
        if line.startswith(("- [", "+ [", "- type:", "+ type:"))
    )


def _mark(look: Corrected, found: Papers, weight: str) -> str:
    """What was shown, in short: of another text, weight or release it is another."""
    said = [[paper.source, paper.text] for paper in found.papers]
    in_force = look.release.in_force
    return sha256(json.dumps([said, weight, in_force and in_force.number]).encode()).hexdigest()
