"""All releases, and one of them: where it stands, its waves, its texts, and what may be done with it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Response

from distributor.errors import DistributorError
from distributor.model.address import Address
from distributor.model.notice import TEXTS
from distributor.model.release import Release
from distributor.office import proof
from distributor.office.preview import Preview, check_approved, preview
from distributor.store import releases, topics
from distributor.store.database import Connection
from distributor.store.views import affected, plan, unreached
from distributor.store.views import releases as view
from distributor.store.views.ahead import grouped
from distributor.system import System
from distributor.web.console import Console
from distributor.web.rules import right
from distributor.web.visit import OFFICE, Visit

PATH = f"{OFFICE}/releases"
ONE = PATH + "/{reference}"
_A_PAGE = 50
_PLANNED = ("planned", "prepared")


def router(console: Console) -> APIRouter:
    """GET /office/releases and /office/releases/REF."""
    routes = APIRouter()

    @routes.api_route(PATH, methods=["GET", "HEAD"])
    def listing(visit: Visit = right("release list"), find: str = "", page: int = 1) -> Response:
        system = console.of(visit)
        page = min(max(page, 1), 10**6)
        asked: dict[str, Any] = {"offset": (page - 1) * _A_PAGE, "find": find.strip()[:200]}
        of_hers: dict[str, Any] = {"publisher_id": system.publisher.id, "limit": _A_PAGE + 1}
        question = ("releases", *asked.values())

        def given(anybody: Visit) -> dict[str, Any]:
            found = console.recent(anybody, question, partial(view.listing, **of_hers, **asked))
            page_of: dict[str, Any] = {"found": found[:_A_PAGE], "more": len(found) > _A_PAGE}
            return page_of | {"here": "releases", "number": page, "find": find}

        return console.shared(visit, "releases", (page, find), given)

    @routes.api_route(ONE, methods=["GET", "HEAD"])
    def show(reference: str, visit: Visit = right("release show")) -> Response:
        return console.shared(visit, "release", reference, partial(_one, console, reference))

    return routes


def _one(console: Console, reference: str, visit: Visit) -> dict[str, Any]:
    """A release, and what she may do with it."""
    found = console.recent(visit, ("release", reference), partial(_shown, console.of(visit), reference))
    release, document = found["release"], found["one"]
    hers: dict[str, Any] = {
        "can": _can(visit, release, document),
        "undo": _undo(visit, release, document["mailouts"], now=console.system.now()),
        "again": _again(visit, release, out=begun(document["mailouts"])),
    }
    return {"here": "releases", **found, **hers}


def _shown(system: System, reference: str, connection: Connection) -> dict[str, Any]:
    """What is the same for everybody who may see it."""
    house: dict[str, Any] = {"publisher": system.publisher, "rules": system.rules, "now": system.now()}
    release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
    hash, remarks = _proof(connection, system, release)
    document = view.shown(connection, release, zone=system.rules.timezone, hash=hash, warnings=remarks)
    states = affected.states(connection, release_id=release.id)
    return {
        "at": house["now"],
        "release": release,
        "one": document,
        "waves": plan.document(connection, release, **house, guess=False),
        "states": states,
        "groups": grouped(states),
        "unreached": unreached.number(connection, release_id=release.id),
        "goes": goes(document["mailouts"]),
    }


def _proof(connection: Connection, system: System, release: Release) -> tuple[str | None, Sequence[str]]:
    """The hash of what was approved, or would be, and remarks on it; None and why it cannot be rendered."""
    revision = release.waiting or release.in_force or release.latest
    house: dict[str, Any] = {"publisher": system.publisher, "zones": system.rules.show_zones}
    try:
        if revision.approved:
            check_approved(connection, revision)
            return revision.approved.hash, ()
        tree = topics.tree(connection)
        pulled = proof.pull(release, revision, renderer=system.renderer, tree=tree, **house)
    except DistributorError as error:
        return None, [f"cannot be rendered: {error}"]
    return pulled.hash, pulled.warnings


def see(system: System, reference: str, *, to: Address | None = None) -> Preview:
    """The mails as they are, or would be. Raises NotFound, TemplateError, HeaderError; Refused (`to`)."""
    return preview(
        system.store,
        now=system.now(),
        reference=reference,
        rules=system.rules,
        publisher=system.publisher,
        renderer=system.renderer,
        to=to,
    )


def goes(mailouts: Sequence[dict[str, Any]]) -> datetime | None:
    """When what is in force goes to everybody, while that is planned."""
    due: list[datetime] = [
        one["due"] for one in mailouts if one["kind"] == "release" and one["state"] in _PLANNED
    ]
    return max(due, default=None)


def _undo(
    visit: Visit, release: Release, mailouts: Sequence[dict[str, Any]], *, now: datetime
) -> datetime | None:
    """When it goes, if it was approved to go at once and she may still undo that."""
    due = goes(mailouts)
    in_force = release.in_force
    at_once = in_force is not None and not release.embargo and in_force.sending.send_at is None
    free = release.held is None and visit.may("release cancel")
    return due if at_once and free and due is not None and due > now else None


def begun(mailouts: Sequence[dict[str, Any]]) -> bool:
    """Whether its text has begun to go out: from then on it is corrected, not replaced."""
    return any(one["kind"] in TEXTS and one["state"] in ("sending", "finished") for one in mailouts)


def _again(visit: Visit, release: Release, *, out: bool) -> str:
    """Where its next revision is brought in, if she may; who may correct what is out does that."""
    may = visit.may("release add") and release.state != "withdrawn"
    may = may and not (out and visit.may("release correct"))
    return f"{OFFICE}/new/{quote(release.reference, safe='')}" if may else ""


def _can(visit: Visit, release: Release, document: dict[str, Any]) -> list[str]:
    """What she may do with it as it stands, in the order of the buttons."""
    texts = [one for one in document["mailouts"] if one["kind"] in TEXTS]
    live = [one for one in texts if one["state"] in ("planned", "prepared", "sending")]
    out = begun(document["mailouts"]) and release.state != "withdrawn"
    waits = release.waiting is not None and release.state == "open" and not out
    under_embargo = release.state == "open" and release.in_force is not None and bool(release.embargo)
    possible = {
        "approve": waits,
        "resume": document["held"] is not None and release.state != "withdrawn",
        "hold": release.held is None and release.state != "withdrawn" and release.in_force is not None,
        "embargo": under_embargo,
        "lift": under_embargo,
        "cancel": bool(live) or (under_embargo and release.embargo.until_lifted),
        "correct": out,
        "withdraw": release.state != "withdrawn" and release.in_force is not None,
    }
    return [verb for verb, fits in possible.items() if fits and visit.may(f"release {verb}")]
