"""Who gets a release and why, who does not and why: searched, filtered, a page at a time.

What `release audience` says, from the same view: names and addresses, and no word of the text.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Response

from distributor.policy.audience import LEFT_OUT
from distributor.store import mailouts, releases
from distributor.store.views import recipients
from distributor.system import System
from distributor.web.console import Console
from distributor.web.office.releases import ONE, begun
from distributor.web.rules import right
from distributor.web.visit import Visit

_A_PAGE = 50
_LONGEST = 200  # letters of what is asked for


@dataclass(frozen=True)
class Asked:
    """Whom she wants to see; an empty field asks for nothing. `find` alone looks at both sides."""

    find: str = ""
    on: str = ""
    outlet: str = ""
    language: str = ""
    tier: str = ""

    def takes(self, person: dict[str, Any]) -> bool:
        """Whether this recipient is one of them."""
        return (
            self._finds(person["address"], person["name"], person["outlet"])
            and (not self.on or any(reason["list"] == self.on for reason in person["reasons"]))
            and self.outlet.strip().casefold() in person["outlet"].casefold()
            and self.language in ("", person["language"])
            and self.tier in ("", person["wave"])
        )

    def leaves(self, one: dict[str, Any]) -> bool:
        """Whether this one who does not get it is asked for."""
        return self._finds(one["address"], one["reason"])

    def _finds(self, *words: str) -> bool:
        wanted = self.find.strip()[:_LONGEST].casefold()
        return any(wanted in word.casefold() for word in words)

    def query(self, **pages: int) -> str:
        """The same, as the end of an address."""
        return urlencode({name: value for name, value in (asdict(self) | pages).items() if value})


def router(console: Console) -> APIRouter:
    """GET /office/releases/REF/audience."""
    routes = APIRouter()

    @routes.api_route(ONE + "/audience", methods=["GET", "HEAD"])
    def show(
        reference: str,
        asked: Annotated[Asked, Depends()],
        visit: Visit = right("release audience"),
        page: int = 1,
        others: int = 1,
    ) -> Response:
        system = console.of(visit)
        document, stand = _document(system, reference)
        people, excluded = document["recipients"], document["excluded"]
        given: dict[str, Any] = {
            "reference": reference,
            "asked": asked,
            "total": len(people),
            "choices": _choices(people),
            "why_not": Counter(one["reason"] for one in excluded).most_common(),
            "people": _leaf((one for one in people if asked.takes(one)), page),
            "others": _leaf((one for one in excluded if asked.leaves(one)), others),
        }
        given |= stand | {"may": visit.may("release add") and not stand["out"], "left_out": LEFT_OUT}
        return console.page(visit, "audience", here="releases", **given)

    return routes


def _document(system: System, reference: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """It, and whether the release is a draft, or has begun to go out. Raises NotFound."""
    house: dict[str, Any] = {"publisher": system.publisher, "rules": system.rules, "now": system.now()}
    with system.store.read() as connection:
        release = releases.get(connection, publisher_id=system.publisher.id, reference=reference)
        planned = mailouts.of_release(connection, release_id=release.id)
        document = recipients.document(connection, release, **house)
    gone = release.state == "withdrawn"
    out = gone or begun([{"kind": x.kind, "state": x.state} for x in planned])
    waits = release.waiting if release.state == "open" and not out else None
    return document, {"out": out, "gone": gone, "draft": waits.number if waits else None}


def _choices(people: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """What there is to choose from, by field."""
    found: dict[str, set[str]] = {"on": set(), "language": set(), "tier": set()}
    for person in people:
        found["on"].update(reason["list"] for reason in person["reasons"] if reason["list"])
        found["language"].add(person["language"])
        found["tier"].update({person["wave"]} - {""})
    return {name: sorted(values) for name, values in found.items()}


def _leaf(found: Iterable[dict[str, Any]], number: int) -> dict[str, Any]:
    """One page of what was found; a number that there is none of shows the nearest."""
    everybody = list(found)
    last = max(1, -(-len(everybody) // _A_PAGE))
    number = min(max(number, 1), last)
    rows = everybody[(number - 1) * _A_PAGE : number * _A_PAGE]
    return {"rows": rows, "size": len(everybody), "number": number, "last": last}
