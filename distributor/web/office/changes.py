"""The red buttons: hold, resume, move and lift an embargo, cancel, withdraw.

Each has a page that says first whom it concerns, and does it when its form comes back; where it would be
refused, the page says why at once. The verbs are those of the command line; they return when nothing of the
release is under way any more.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Response

from distributor.errors import Refused
from distributor.model.headertext import one_line
from distributor.model.release import Release
from distributor.office import embargo, stop, withdraw
from distributor.policy import changes as policy
from distributor.policy.embargo import parse
from distributor.store import releases
from distributor.store.database import Connection
from distributor.store.views import affected
from distributor.system import System
from distributor.web.console import Console, release_path, to
from distributor.web.office.releases import ONE
from distributor.web.rules import Form, Posted, right
from distributor.web.visit import Visit

Act = Callable[[System, str, Form, str], object]
Check = Callable[[System, Connection, Release], None]


def router(console: Console) -> APIRouter:
    """GET and POST /office/releases/REF/VERB for each of them."""
    routes = APIRouter()
    for verb, act in ACTS.items():
        _route(routes, console, verb, act)
    return routes


def _route(routes: APIRouter, console: Console, verb: str, act: Act) -> None:
    may = right(f"release {verb}")

    def ask(reference: str, visit: Visit = may) -> Response:
        def given(anybody: Visit) -> dict[str, Any]:
            asked = partial(_stand, console.of(anybody), verb, reference)
            found = console.recent(anybody, ("change", verb, reference), asked)
            return {"here": "releases", "verb": verb, **found}

        return console.shared(visit, "change", (verb, reference), given)

    def change(reference: str, form: Posted, visit: Visit = may) -> Response:
        system = console.of(visit)
        act(system, reference, form, visit.actor)
        return to(release_path(reference))

    routes.add_api_route(f"{ONE}/{verb}", ask, methods=["GET", "HEAD"])
    routes.add_api_route(f"{ONE}/{verb}", change, methods=["POST"])


def _stand(system: System, verb: str, reference: str, connection: Connection) -> dict[str, Any]:
    """Whom it concerns; refused where the verb would be."""
    release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
    CHECKS[verb](system, connection, release)
    stand = affected.of_release(connection, release_id=release.id)
    return {"at": system.now(), "release": release, "stand": stand}


def _said(system: System, reference: str, form: Form, actor: str) -> dict[str, Any]:
    """What these verbs have in common; `note` goes to journalists."""
    note = form.text("note")
    return {
        "actor": actor,
        "now": system.now(),
        "reference": reference,
        "house": system.house,
        "note": one_line(note, where="note") if note else "",
    }


def _hold(system: System, reference: str, form: Form, actor: str) -> object:
    reason = form.text("reason")
    if not reason:
        raise Refused("a hold needs a reason", where=reference)
    said = _said(system, reference, form, actor)
    said["house"] = None if form.text("quiet") else said["house"]
    return stop.hold(system.store, publisher_id=system.publisher.id, reason=reason, **said)


def _resume(system: System, reference: str, form: Form, actor: str) -> object:
    publisher = system.publisher.id
    return stop.resume(system.store, publisher_id=publisher, **_said(system, reference, form, actor))


def _cancel(system: System, reference: str, _form: Form, actor: str) -> object:
    said: dict[str, Any] = {"actor": actor, "now": system.now(), "reference": reference}
    pseudonym = system.tokens.pseudonym
    return stop.cancel(system.store, publisher_id=system.publisher.id, pseudonym=pseudonym, **said)


def _withdraw(system: System, reference: str, form: Form, actor: str) -> object:
    return withdraw.withdraw(system.store, **_said(system, reference, form, actor))


def _move(system: System, reference: str, form: Form, actor: str) -> object:
    rules = system.rules
    zone: dict[str, Any] = {"timezone": rules.timezone, "cet_is_brussels": rules.cet_is_brussels}
    reading = parse(form.text("when"), now=system.now(), **zone)
    return embargo.move(system.store, embargo=reading.embargo, **_said(system, reference, form, actor))


def _lift(system: System, reference: str, form: Form, actor: str) -> object:
    system.require_secret()
    changed = embargo.lift(system.store, **_said(system, reference, form, actor))
    if changed.complete:
        system.prepare()
        system.open_due()
    return changed


def _movable(system: System, connection: Connection, release: Release) -> None:
    embargo.check_move(connection, release, now=system.now(), rules=system.rules)


def _liftable(system: System, connection: Connection, release: Release) -> None:
    embargo.check_lift(connection, release, now=system.now(), rules=system.rules)


#: What raises Refused where the verb would, whatever its form says.
CHECKS: dict[str, Check] = {
    "hold": lambda _, connection, release: stop.check_hold(connection, release),
    "resume": lambda _, connection, release: stop.check_resume(connection, release),
    "embargo": _movable,
    "lift": _liftable,
    "cancel": lambda _, connection, release: stop.check_cancel(connection, release),
    "withdraw": lambda _, __, release: policy.check_withdraw(release),
}

ACTS: dict[str, Act] = {
    "hold": _hold,
    "resume": _resume,
    "embargo": _move,
    "lift": _lift,
    "cancel": _cancel,
    "withdraw": _withdraw,
}
