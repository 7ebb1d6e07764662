"""Add people to a release, or leave one out; or send it to more of them, once it has begun to go out.

Addresses are pasted as they stand in a Bcc line. The page says first who is new to it, who has it already,
who stands there twice, whom we do not know, who must not be mailed, and what is no address.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Response

from distributor.errors import Busy, DistributorError, NotFound, Refused
from distributor.model.address import Address
from distributor.model.audience import Recipient
from distributor.model.release import Release
from distributor.office import copies, people
from distributor.policy.addresslist import Named, addresses, twice
from distributor.store import holders, mailouts, releases
from distributor.store.views.revision import verdicts_of
from distributor.system import System
from distributor.web.console import Console, cure_of, release_path, to
from distributor.web.office.releases import ONE, begun
from distributor.web.rules import Form, Posted, right
from distributor.web.visit import Visit

_MOST = 1000  # addresses at once
_LOOK, _CHOOSE, _COPY = right("release audience"), right("release add"), right("release copy")


@dataclass(frozen=True, slots=True)
class Sorted:
    """Pasted addresses: `fresh` can be added; the others in words."""

    fresh: list[Address] = field(default_factory=list)
    inside: list[Address] = field(default_factory=list)
    again: list[Address] = field(default_factory=list)
    unknown: list[Address] = field(default_factory=list)
    silent: list[tuple[Address, str]] = field(default_factory=list)
    invalid: list[Named] = field(default_factory=list)


def router(console: Console) -> APIRouter:
    """POST /office/releases/REF/audience/look, …/add, …/leave-out and …/copy."""
    routes = APIRouter()

    @routes.post(ONE + "/audience/look")
    def look(reference: str, form: Posted, visit: Visit = _LOOK) -> Response:
        return _page(console, visit, reference, form.raw("addresses"))

    def choose(reference: str, visit: Visit, **wanted: list[Address]) -> Response:
        system = console.of(visit)
        people.choose(
            system.store,
            actor=visit.actor,
            now=system.now(),
            publisher=system.publisher,
            reference=reference,
            **wanted,
        )
        return to(release_path(reference, "audience"))

    @routes.post(ONE + "/audience/add")
    def add(reference: str, form: Posted, visit: Visit = _CHOOSE) -> Response:
        return choose(reference, visit, add=_chosen(form))

    @routes.post(ONE + "/audience/leave-out")
    def leave_out(reference: str, form: Posted, visit: Visit = _CHOOSE) -> Response:
        return choose(reference, visit, leave_out=_chosen(form))

    @routes.post(ONE + "/audience/copy")
    def copy(reference: str, form: Posted, visit: Visit = _COPY) -> Response:
        system = console.of(visit)
        system.require_secret()
        wanted = _chosen(form)
        if not wanted:
            raise Refused("nobody is named", where=reference)
        try:
            copies.send(
                system.store,
                actor=visit.actor,
                now=system.now(),
                reference=reference,
                addresses=wanted,
                house=system.house,
            )
        except (Busy, NotFound):
            raise
        except DistributorError as error:
            return _page(console, visit, reference, "\n".join(one.text for one in wanted), error=error)
        return to(release_path(reference, "audience"))

    return routes


def _chosen(form: Form) -> list[Address]:
    return [Address.parse(text) for text in form.texts("address")]


def _page(
    console: Console, visit: Visit, reference: str, text: str, *, error: DistributorError | None = None
) -> Response:
    system = console.of(visit)
    every = addresses(text)
    found = every[:_MOST]
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
        planned = mailouts.of_release(connection, release_id=release.id)
    out = begun([{"kind": one.kind, "state": one.state} for one in planned])
    given: dict[str, Any] = {"reference": release.reference, "text": text, "size": len(found), "out": out}
    given["more"] = len(every) - len(found)
    given |= {"sorted": _sorted(system, release, found, out=out), "error": error}
    given |= {"cure": cure_of(error) if error else ""}
    return console.page(visit, "people", here="releases", code=409 if error else 200, **given)


def _sorted(system: System, release: Release, found: Sequence[Named], *, out: bool) -> Sorted:
    once, again = twice(found)
    revision = release.waiting or release.in_force or release.latest
    revision = (release.in_force or revision) if out else revision
    with system.store.read() as connection:
        verdicts = verdicts_of(
            connection, publisher=system.publisher, revision=revision, addresses=once, now=system.now()
        )
        had = holders.keys(connection, release_id=release.id) if out else frozenset()
    told = Sorted(again=again, invalid=[one for one in found if one.address is None])
    for address in once:
        verdict, silence = verdicts.get(address.key, (None, None))
        if verdict is None:
            told.unknown.append(address)
        elif silence:
            told.silent.append((address, silence))
        elif address.key in had or (isinstance(verdict, Recipient) and not out):
            told.inside.append(address)
        else:
            told.fresh.append(address)
    return told
