"""Every page of the console, by the router, in an office that has something to show on each of them.

`furnish` makes a release that is out and held, one under embargo with advance copies, a draft, a change of a
list that waits for a yes, and a contact of whom there is something to take back. `every` opens each GET route
for each of them and keeps what is a page: where a verb would be refused there is none.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi.routing import APIRoute
from httpx2 import Response
from sqlalchemy import func, select

from distributor.model.officer import Role
from distributor.office import invite, officers, stop
from distributor.store import rows
from distributor.system import System
from distributor.web import visit
from distributor.worker import send_due
from tests.house import House, tick
from tests.web.desk import Desk, officer

OUT, PLANNED, DRAFT = "2030-9001", "2030-9002", "2030-9003"
#: What is told as it happens; a file as large as what is asked for.
_NO_PAGES = ("/office/progress", "/office/log/export")


@dataclass(frozen=True)
class Place:
    """What stands in the addresses of pages: names of route parameters with their values."""

    desk: Desk
    contact: str
    mail: str
    change: str
    token: str

    def addresses(self, route: str) -> list[str]:
        """A route's addresses; one with a release has one for each."""
        number = self.mail if "/mails/" in route else self.contact
        known = {"name": "trade", "form": "release", "language": "en", "number": number}
        known |= {"change": self.change, "token": self.token}
        releases = (OUT, PLANNED, DRAFT) if "{reference}" in route else ("",)
        return [route.format(**known, reference=reference) for reference in releases]


def furnish(house: House, built: System, *, why: str = "a figure is asked for") -> Place:
    """Lists are synced before; the clock of the house moves. `why` it is held."""
    officer(built)
    house.add(built, reference=OUT)
    house.approve(built, OUT)
    tick(built)
    asyncio.run(send_due(built))
    house.clock.move(minutes=1)
    tick(built)
    said = {"actor": "ada", "now": built.now(), "publisher_id": built.publisher.id, "house": built.house}
    stop.hold(built.store, reference=OUT, reason=why, **said)
    house.add(built, reference=PLANNED, embargo="2031-03-04 12:00 UTC", advance=("agencies=-1h",))
    house.approve(built, PLANNED)
    tick(built)
    house.add(built, reference=DRAFT)
    desk = Desk(built)
    desk.sign_in()
    contact, mail = _numbers(built)
    _granted(desk, contact)
    return Place(desk, contact, mail, _change(desk), _token(built))


def _granted(desk: Desk, contact: str) -> None:
    """With embargo access that is suspended, and mailed no more."""
    for verb, said in (
        ("grant", {"tier": "agencies", "criterion": "card", "terms": "1"}),
        ("suspend", {"until": "90d", "reason": "why"}),
        ("suppress", {"reason": "why"}),
    ):
        answer = desk.say(f"/office/contacts/{contact}/{verb}", **said)
        assert answer.status_code == 303, (verb, answer.text)


def _numbers(built: System) -> tuple[str, str]:
    """A contact's, and that of the newest mail."""
    with built.store.read() as connection:
        contact = connection.scalar(select(func.min(rows.contact.c.id)))
        mail = connection.scalar(select(func.max(rows.delivery.c.id)))
    return str(contact), str(mail)


def _change(desk: Desk) -> str:
    desk.look("/office/list-changes/import?name=trade")
    answer = desk.say("/office/list-changes/import", list="trade", text="fresh@example.org", how="add")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


def _token(built: System) -> str:
    here = {"now": built.now(), "publisher_id": built.publisher.id}
    officers.add(built.store, actor="test", name="newcomer", roles=[Role.READER], **here)
    return invite.invite(built.store, actor="test", name="newcomer", **here).token


def routes(built: System) -> Iterator[str]:
    """The paths of GET routes of the console that answer with a page."""
    app = Desk(built).app
    for route in app.routes:
        page = isinstance(route, APIRoute) and visit.inside(route.path) and "GET" in route.methods
        if page and route.path not in _NO_PAGES:
            yield route.path


def every(place: Place, built: System) -> Iterator[tuple[str, Response]]:
    """(address, answer) of each page; at least one for each route."""
    for route in routes(built):
        answers = [(address, place.desk.get(address)) for address in place.addresses(route)]
        shown = [(address, answer) for address, answer in answers if answer.status_code == 200]
        assert shown or re.search(r"/sign-in$", route), (route, [a.status_code for _, a in answers])
        yield from shown
