"""Two publishers in one console: an officer of one sees nothing of the other, by whatever route there is.

Both have a release, a list and a contact of the same name. Each route with an object in its path is asked for
one of the other's, by somebody who may do everything at home: the answer is that of what does not exist, and
nothing is changed. Each page is searched for the other's word.

Planted once by hand and caught: `releases.find` without its publisher; `contacts.address_key` without it;
events of the log by `release_id IS NULL` alone; list changes of all publishers in one drawer; a route with a
kind of object that the table below does not know.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from httpx2 import Response

from tests.house import REFERENCE
from tests.proof import dump
from tests.twohouses import GREEN, PRESS, SHARED, Side, Two, fill, other, two
from tests.web.desk import Desk, set_password
from tests.web.routes import routes, verb

pytestmark = pytest.mark.xdist_group("console apart")

#: All that a form may need, so that each route gets as far as its object.
FORM = {
    "reason": "why", "note": "", "when": "2030-03-06 12:00 UTC", "outcome": "sent", "do": "keep", "seen": "x",
    "address": SHARED, "addresses": SHARED, "tier": "agencies", "criterion": "card",
    "terms": "1", "until": "9d", "reference": REFERENCE, "reply": "none",
    "text-0": "A text\n\nof words.", "name": "Ada", "lists": "trade",
}  # fmt: skip
ENDLESS = "/office/progress"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    with two(tmp_path_factory.mktemp("two")) as found:
        fill(found)
        for side in (found.press, found.green):
            set_password(side.system, side.officer)
        yield found


@pytest.fixture(params=[PRESS, GREEN])
def side(found: Two, request: pytest.FixtureRequest) -> Side:
    return found.press if request.param == PRESS else found.green


@pytest.fixture
def desk(found: Two, side: Side) -> Desk:
    desk = Desk(found.whole)
    assert desk.sign_in(side.officer).status_code == 303
    return desk


def path(route: APIRoute, **objects: str) -> str:
    """Its address for these; a kind of object that is not among them has to be added here."""
    named = set(route.param_convertors)
    assert named <= objects.keys(), f"{route.path}: say what of another publisher's it could name"
    return route.path.format(**{name: objects[name] for name in named})


def of(side: Side, route: APIRoute, *, reference: str, name: str) -> dict[str, str]:
    """This publisher's objects, as the route may name them."""
    number = side.delivery if route.path.startswith("/office/log/mails") else side.contact
    form = {"form": "release", "language": "en"}
    return {"reference": reference, "name": name, "number": str(number), "change": side.change} | form


def same_but(answer: Response, *names: str) -> tuple[int, str, str]:
    """What a browser gets, with the names it asked for taken out."""
    said = f"{answer.headers.get('location', '')}\n{answer.text}"
    for name in names:
        said = said.replace(name, "NAME")
    return answer.status_code, answer.headers.get("content-type", ""), said


NOBODY = {"reference": "2030-0095", "name": "nowhere", "number": "987654", "change": "f" * 32}


def test_what_is_the_others_is_as_if_it_were_not_there(found: Two, side: Side, desk: Desk) -> None:
    theirs, before = other(side, found), dump(found.whole.store)
    asked = 0
    for route in routes(found.whole):
        if not route.param_convertors or verb(route) is None:
            continue
        hers = of(theirs, route, reference=theirs.only, name=theirs.word)
        nobodys = hers | NOBODY
        for method in sorted(route.methods - {"HEAD"}):
            form = {"data": FORM | {"form": desk._form}} if method == "POST" else {}
            one, none = (desk.request(method, path(route, **objects), **form) for objects in (hers, nobodys))
            names = [[said[name] for name in ("reference", "name", "change")] for said in (hers, nobodys)]
            assert same_but(one, *names[0]) == same_but(none, *names[1]), (method, route.path)
            assert one.status_code in (404, 409), (method, route.path)
            asked += 1
    assert asked > 50  # and not none at all
    assert dump(found.whole.store) == before


def test_no_page_has_a_word_of_the_other(found: Two, side: Side, desk: Desk) -> None:
    """Release, list and contact have the names that the other's have; filters ask for what both have."""
    theirs, seen = other(side, found).word, 0
    ways = [path(route, **of(side, route, reference=REFERENCE, name="trade")) for route in readable(found)]
    ways += [path(route, **of(side, route, reference=side.only, name=side.word)) for route in readable(found)]
    ways += [
        f"/office/log{page}?{query}"
        for page in ("", "/export")
        for query in ("contact=ada@example.org", "state=sent", f"release={REFERENCE}", "format=json")
    ]
    ways += [f"/office/lists?find={words}" for words in ("ada", "test", "gazette")]
    ways += ["/office/releases?find=Quillhaven", f"/office/contacts/{side.contact}?why={REFERENCE}"]
    ways += [f"/office/releases/{REFERENCE}/preview?find={words}" for words in ("ada", "gazette")]
    for way in dict.fromkeys(ways):
        answer = desk.get(way)
        assert theirs not in (answer.text + str(answer.headers)).lower(), way
        seen += side.word in answer.text.lower()
    assert seen > 25


def readable(found: Two) -> list[APIRoute]:
    return [
        route
        for route in routes(found.whole)
        if "GET" in route.methods and verb(route) is not None and route.path != ENDLESS
    ]


def test_whom_the_other_knows_nobody_knows(found: Two, side: Side, desk: Desk) -> None:
    """Pasted among addresses, asked for by name: the same words as for an address that nobody has."""
    hosts = f"{other(side, found).word}.test", "nowhere.test"
    desk.look(f"/office/releases/{REFERENCE}/audience")
    for ask in (
        lambda host: desk.say(f"/office/releases/{REFERENCE}/audience/look", addresses=f"r@{host}"),
        lambda host: desk.get(f"/office/silence?address=gone@{host}"),
        lambda host: desk.get(f"/office/log?contact=r@{host}"),
        lambda host: desk.get(f"/office/releases/{REFERENCE}/preview?to=r@{host}"),
    ):
        known, unknown = (same_but(ask(host), host) for host in hosts)
        assert known == unknown


def test_public_pages_name_nobody(found: Two) -> None:
    browser = Desk(found.whole)
    for way in ("/", "/healthz", "/metrics", "/office/sign-in"):
        words = browser.get(way).text.lower()
        assert "zyzzyva" not in words, way
        assert "quillhaven" not in words, way
        assert not re.search(r"\bpublisher=|2030-00", words), way


def test_the_folders_of_changes_and_lists_are_apart(found: Two) -> None:
    press, green = found.press.system, found.green.system
    folders = [press.lists, green.lists, press.drawer, green.drawer]
    assert len(set(folders)) == len(folders)
    assert not any(one.is_relative_to(two) for one in folders for two in folders if one != two)
    assert Path(green.lists).name == "lists-green"
