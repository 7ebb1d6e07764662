"""Role × object × verb: who may do what with what, for every route that names an object.

By the router: a route that is not in the tables below has to be put there, with what becomes of it for each
object. What a role may not do is refused before anything of it is looked up, so whatever state it is in, and
whether there is one or not. What it may do is done where the object lets it, and where not, nothing changes.
A page that asks for a verb opens where the verb is done, and nowhere else.

Planted once by hand and caught: a rule dropped from `policy.rights`; a contact who is found whoever's she is;
a right that is asked for when something was looked up already; a page that opens where its verb is refused;
a suppression that is ended for who unsubscribed.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import cycle
from typing import Any

import pytest
from fastapi.routing import APIRoute
from httpx2 import Response
from sqlalchemy import event

from distributor.model.officer import Role
from distributor.policy import rights
from distributor.store.database import Store
from tests.house import REFERENCE
from tests.twohouses import SHARED
from tests.web.desk import Desk
from tests.web.objects import GROUPS, THEIRS, Objects, objects
from tests.web.routes import routes, verb

pytestmark = pytest.mark.xdist_group("console objects")

#: Done or shown; refused; as what does not exist.
LETTERS = {200: "+", 303: "+", 409: "-", 404: "."}
SEVERAL = "GET POST"

RELEASES = ("draft", "planned", "held", "going", "sent", "cancelled", "withdrawn", THEIRS)
RELEASE = {
    ("", "GET"): "+++++++.",
    ("/audience", "GET"): "+++++++.",
    ("/audience/look", "POST"): "+++++++.",
    ("/audience/add", "POST"): "+++--+-.",
    ("/audience/leave-out", "POST"): "+++--+-.",
    ("/audience/copy", "POST"): "---++--.",
    ("/preview", "GET"): "+++++++.",
    ("/mail/{form}/{language}", "GET"): "+++++++.",
    ("/test", "POST"): "---++--.",  # before its embargo not to whom has no access
    ("/approve", "GET"): "+------.",
    ("/approve", "POST"): "+-------",  # without what was seen it looks nothing up
    ("/hold", SEVERAL): "++-++--.",  # what has gone out: whoever has it is told
    ("/resume", SEVERAL): "--+----.",
    ("/embargo", SEVERAL): "-++----.",
    ("/lift", SEVERAL): "-+-----.",
    ("/cancel", SEVERAL): "-+++---.",
    ("/withdraw", SEVERAL): "++++++-.",
    ("/correct", SEVERAL): "-++++--.",
    ("/doubt", "GET"): "+++++++.",
    ("/doubt/resend", "POST"): "...+....",
    ("/doubt/settle", "POST"): "...+....",
    ("/unreached", "GET"): "+++++++.",
    ("/unreached", "POST"): "......+.",
}
CONTACTS = ("plain", "suspended", "suppressed", "unsubscribed", "erased", "listless", THEIRS)
CONTACT = {
    ("", "GET"): "++++++.",
    ("/edit", SEVERAL): "++++++.",
    ("/grant", SEVERAL): "++++++.",
    ("/revoke", SEVERAL): "-+----.",
    ("/suspend", SEVERAL): "++++++.",
    ("/reinstate", SEVERAL): "-+----.",
    ("/strike", SEVERAL): "++++++.",
    ("/suppress", SEVERAL): "++++++.",
    ("/unsuppress", SEVERAL): "..+-...",  # who left herself is not brought back
}
LISTS = ("filed", "unfiled", "ended", THEIRS)
CHANGES = ("waits", "stale", THEIRS)
MAILS = (*(state for states in GROUPS.values() for state in states), THEIRS)

#: By the beginning of a route's path: its objects, and below it what becomes of each.
TABLES: Mapping[str, tuple[tuple[str, ...], Mapping[tuple[str, str], str]]] = {
    "/office/releases/{reference}": (RELEASES, RELEASE),
    "/office/new/{reference}": (RELEASES, {("", SEVERAL): "++++++-."}),
    "/office/log/releases/{reference}": (RELEASES, {("", "GET"): "+++++++."}),
    "/office/log/mails/{number}": (MAILS, {("", "GET"): "++++++++."}),
    "/office/contacts/{number}": (CONTACTS, CONTACT),
    "/office/lists/{name}": (LISTS, {("", "GET"): "++..", ("/files", "POST"): "-+.."}),
    "/office/list-changes/{change}": (CHANGES, {("", SEVERAL): "+-."}),
}

#: All that a form may need, so that each route gets as far as its object.
FORM = {
    "reason": "why", "note": "", "when": "2030-03-06 12:00 UTC", "outcome": "sent", "do": "read",
    "tier": "agencies", "criterion": "card", "terms": "1", "until": "9d", "reference": REFERENCE, "reply": "",
    "leave": "yes",
    "text-0": "A text\n\nof words.", "name": "Ada", "lists": "trade", "addresses": SHARED,
    "shown": "release", "language": "en", "look": "text",
}  # fmt: skip
#: Whom the form names, by the end of the path.
NAMED = {
    "/audience/add": "spare", "/audience/leave-out": "spare", "/audience/copy": "spare", "/test": "plain",
    "/doubt/resend": "doubtful", "/doubt/settle": "doubtful", "/unreached": "rejected",
}  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Objects]:
    with objects(tmp_path_factory.mktemp("objects"), tmp_path_factory.mktemp("kept")) as found:
        yield found


#: What tells who asks, and up to where the log has come by then.
OWN = {"session", "officer", "credential", "log"}


@contextmanager
def tables_read(store: Store) -> Iterator[set[str]]:
    """The tables of the statements that are run meanwhile."""
    read: set[str] = set()

    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        read.update(re.findall(r"(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)", statement))

    event.listen(store.engine, "after_cursor_execute", look)
    try:
        yield read
    finally:
        event.remove(store.engine, "after_cursor_execute", look)


def named(found: Objects) -> list[APIRoute]:
    """The routes that name an object, but an invitation: its token is its own right."""
    return [r for r in routes(found.two.whole) if r.param_convertors and verb(r) is not None]


def methods(route: APIRoute) -> list[str]:
    return sorted(route.methods - {"HEAD"})


def row(route: APIRoute, method: str) -> dict[str, str]:
    """What becomes of each object. A new route: say so above."""
    start = next((start for start in TABLES if route.path.startswith(start)), route.path)
    states, table = TABLES.get(start, ((), {}))
    rest = route.path.removeprefix(start)
    said = table.get((rest, method)) or table.get((rest, SEVERAL))
    assert said is not None, f"{method} {route.path} has no row: what becomes of each object?"
    return dict(zip(states, said, strict=True))


def ask(desk: Desk, method: str, route: APIRoute, place: Mapping[str, str], *, seen: str = "") -> Response:
    path = route.path.format(**place)
    if method == "GET":
        return desk.get(path)
    address = next((name for end, name in NAMED.items() if path.endswith(end)), "plain")
    fields = FORM | {"address": f"{address}@quokka.test", "seen": seen, "form": desk._form}
    return desk.post(path, data=fields)


def test_every_route_and_every_object_stand_in_the_tables(found: Objects) -> None:
    rows = {
        (start + rest, method)
        for start, (_, table) in TABLES.items()
        for rest, several in table
        for method in several.split()
    }
    assert rows == {(route.path, method) for route in named(found) for method in methods(route)}
    for route in named(found):
        assert found.of(route.path).keys() == row(route, methods(route)[0]).keys(), route.path


@pytest.mark.parametrize("role", Role)
def test_what_a_role_may_not_do_is_refused_whatever_the_object(found: Objects, role: Role) -> None:
    """It is in none of the tables that the request reads."""
    desk, refused = found.desks[role], 0
    for route in named(found):
        states = cycle(found.of(route.path).values())
        for method in methods(route):
            if rights.may([role], verb(route) or ""):
                continue
            with tables_read(found.two.whole.store) as read:
                answer = ask(desk, method, route, next(states))
            assert (answer.status_code, "may not do this" in answer.text) == (403, True), (method, route.path)
            assert read <= OWN, (method, route.path)
            refused += 1
    assert refused > 5


def test_what_a_role_may_do_is_done_where_the_object_lets_it(found: Objects) -> None:
    """Each cell by one of the roles that may, in turns; what it changed is put back."""
    turn = 0
    with closing(sqlite3.connect(found.two.house.database)) as watch:
        for route in named(found):
            may = [desk for role, desk in found.desks.items() if rights.may([role], verb(route) or "")]
            assert may, f"{route.path}: nobody may"
            for method in methods(route):
                for state, letter in row(route, method).items():
                    turn += 1
                    desk, place = may[turn % len(may)], found.of(route.path)[state]
                    was = written(watch)
                    answer = ask(desk, method, route, place, seen=seen(desk, route, place, method))
                    cell = (method, route.path, state)
                    assert LETTERS.get(answer.status_code) == letter, (cell, answer.text)
                    if method == "POST" and letter == "+":
                        found.restore(files="list" in route.path or "edit" in route.path)
                    else:
                        assert written(watch) == was, cell


def written(watch: sqlite3.Connection) -> int:
    """Another number once somebody else has written to the database."""
    return int(watch.execute("PRAGMA data_version").fetchone()[0])


def seen(desk: Desk, route: APIRoute, place: Mapping[str, str], method: str) -> str:
    """What the page shows, for a form that has to say so."""
    if method == "GET" or not route.path.endswith(("/approve", "/{change}")):
        return ""
    shown = re.search(r'name="seen" value="([^"]+)"', ask(desk, "GET", route, place).text)
    return shown[1] if shown else ""


def test_a_page_opens_where_its_verb_is_done() -> None:
    """They have one row. `approve` asks first what was looked at; `unreached` is no page of a verb alone."""
    every = [(rest, table) for _, table in TABLES.values() for rest, _ in table]
    apart = {rest for rest, table in every if (rest, "GET") in table and (rest, "POST") in table}
    assert apart == {"/approve", "/unreached"}


@pytest.mark.parametrize("outcome", ["resend", "settle"])
def test_doubt_is_ended_for_what_is_in_doubt_alone(found: Objects, outcome: str) -> None:
    """Of deliveries in each plain group, asked for by name."""
    [route] = [one for one in named(found) if one.path.endswith(f"/doubt/{outcome}")]
    desk = found.desks[Role.OPERATOR]
    for state in (state for states in GROUPS.values() for state in states):
        path = route.path.format(**found.of(route.path)["going"])
        fields = FORM | {"address": f"{state}@quokka.test", "form": desk._form}
        answer = desk.post(path, data=fields)
        assert LETTERS[answer.status_code] == ("+" if state == "doubtful" else "."), state
    found.restore()
