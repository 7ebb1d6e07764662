"""What holds for each page of the console, by the router: looking changes nothing, no words that somebody
wrote become part of a page, nothing is loaded from elsewhere, and it is light.

The office has hostile words wherever somebody can write some. Guards against: a page that writes while it is
looked at; a value that a template marks as safe; a style in a page; a list without pages;
a page that reads a release anew for each of its parts.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import event, insert

from distributor.store import rows
from distributor.system import System
from distributor.web.gate import POLICY
from distributor.web.office.preview import FRAME
from tests.bench import years
from tests.house import NOW, House, furnished
from tests.proof import dump
from tests.web.desk import PASSWORD
from tests.web.everypage import OUT, Place, every, furnish, routes

pytestmark = pytest.mark.xdist_group("every page")

EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}'
TEXT = f"""---
language: en
topics: [trade/ports]
---
# {EVIL} opens

**Quillhaven, 4 March 2030** – The <svg onload=alert(3)> harbour <math><mtext></mtext></math> takes <b
onclick="alert(4)">every</b> vessel. [Read](javascript:alert(5)) [more](data:text/html;base64,PHNjcmlwdD4=).

<iframe src="https://evil.example.org/"></iframe> <meta http-equiv="refresh" content="0;url=//evil.example">

<style>@import "https://evil.example.org/x.css";</style> <base href="//evil.example.org/"> ![x](javascript:6)

{EVIL}, spokesperson, said:

“<object data=x></object> We waited <form action=//evil.example.org><input name=a></form> eleven years.”
"""
HEAVIEST = 60_000  # bytes
#: Pages that officers look at all day, and the most statements that each may take.
ASKED = {
    "/office": 22,
    "/office/releases": 6,
    f"/office/releases/{OUT}": 16,
    f"/office/releases/{OUT}/withdraw": 9,
    f"/office/log/releases/{OUT}": 10,
    "/office/log": 12,
    "/office/lists": 4,
    "/office/lists/trade": 5,
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    cell = '"' + EVIL.replace('"', '""') + '"'
    people = "".join(f"r{n:03}@example.{('org', 'eu')[n % 2]},{cell},{cell},{cell}\n" for n in range(60))
    with furnished(tmp_path_factory.mktemp("house"), agencies=["early@example.com"]) as here:
        (here.folder / "lists" / "trade.csv").write_text(f"email,name,outlet,note\n{people}")
        (here.folder / "lists" / "trade.toml").write_text(f"title = '{EVIL}'\ntopics = [\"trade\"]\n")
        here.document(TEXT)
        yield here


@pytest.fixture(scope="module")
def built(house: House) -> Iterator[System]:
    with house.system() as built:
        house.sync(built)
        years.fill(built.store, releases=60, publisher_id=built.publisher.id, now=NOW)
        yield built


@pytest.fixture(scope="module")
def place(built: System, house: House) -> Place:
    """A hold, a grant, a silence and a relay's answer in hostile words, a code to confirm, many drafts."""
    here = furnish(house, built, why=EVIL)
    for number in range(12):
        house.add(built, reference=f"draft-{number}")
    desk = here.desk
    for path, said in (
        (f"/office/contacts/{here.contact}/grant", {"tier": "agencies", "criterion": EVIL, "terms": EVIL}),
        (f"/office/contacts/{here.contact}/suspend", {"until": "90d", "reason": EVIL}),
        ("/office/silence/suppress", {"address": "gone@example.org", "reason": EVIL}),
        ("/office/account/code", {"old": PASSWORD}),
    ):
        answer = desk.say(path, **said)
        assert answer.status_code == 303, (path, answer.text)
    with built.store.write() as connection:
        heard = {"chain": "run:0", "seq": 10**9, "kind": "answer", "at": NOW, "actor": EVIL, "relay": EVIL}
        heard |= {"delivery_id": int(here.mail), "attempt": 1, "code": 550, "detail": EVIL, "text": EVIL}
        connection.execute(insert(rows.log).values(hash="0" * 64, **heard))
    return here


@pytest.fixture(scope="module")
def before(built: System, place: Place, house: House) -> tuple[dict[str, Any], dict[Path, bytes]]:
    return dump(built.store), _files(house)


@pytest.fixture(scope="module")
def pages(built: System, place: Place, before: object) -> Mapping[str, Response]:
    """Each page by its address, as somebody with every right sees it."""
    return dict(every(place, built))


def _files(house: House) -> dict[Path, bytes]:
    return {
        file: file.read_bytes()
        for file in house.folder.rglob("*")
        if file.is_file() and not file.name.startswith("distributor.db")
    }


def test_looking_changes_nothing(
    pages: Mapping[str, Response],
    place: Place,
    built: System,
    house: House,
    before: tuple[dict[str, Any], dict[Path, bytes]],
) -> None:
    """GET, and HEAD of the same: neither a row nor a file."""
    assert len(pages) > 60
    for address, answer in pages.items():
        asked = place.desk.head(address)
        assert (asked.status_code, asked.content) == (answer.status_code, b""), address
    assert (dump(built.store), _files(house)) == before


def test_a_page_asks_for_what_it_shows(built: System, place: Place) -> None:
    """Officers look at these all day: two transactions each, that of the session and the page's own, and few
    statements."""
    for path, most in ASKED.items():
        place.desk.look(path)
        built.store.written += 1  # or what was told a moment ago is told again
        with _counted(built) as asked:
            place.desk.look(path)
        assert asked["transactions"] == 2, path
        assert asked["statements"] <= most, (path, asked)


@contextmanager
def _counted(built: System) -> Iterator[Counter[str]]:
    """What the database is asked within the block."""
    found: Counter[str] = Counter()

    def transaction(*_: object) -> None:
        found["transactions"] += 1

    def statement(*_: object) -> None:
        found["statements"] += 1

    heard = {"checkout": transaction, "before_cursor_execute": statement}
    for name, listener in heard.items():
        event.listen(built.store.engine, name, listener)
    yield found
    for name, listener in heard.items():
        event.remove(built.store.engine, name, listener)


def test_what_is_no_page_is_no_way_in(built: System, place: Place) -> None:
    """Methods that nobody uses are refused, also of those who are signed in."""
    for route in routes(built):
        for method in ("OPTIONS", "TRACE", "PUT"):
            answer = place.desk.request(method, place.addresses(route)[0])
            assert (answer.status_code, answer.text) == (405, ""), (method, route)


def test_every_page_says_what_it_may_load(pages: Mapping[str, Response]) -> None:
    for address, answer in pages.items():
        policy = FRAME if "/mail/" in address else POLICY
        assert answer.headers["content-security-policy"] == policy, address
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_no_words_become_part_of_a_page(pages: Mapping[str, Response]) -> None:
    shown = 0
    for address, answer in pages.items():
        seen = _Seen(frame="/mail/" in address)
        seen.feed(answer.text)
        assert seen.wrong == [], address
        shown += "{{7*7}}" in answer.text
    assert shown > 30, "the words are nowhere"


def test_every_page_is_light(pages: Mapping[str, Response]) -> None:
    heavy = {address: len(answer.content) for address, answer in pages.items()}
    assert {address: size for address, size in heavy.items() if size > HEAVIEST} == {}


class _Seen(HTMLParser):
    """What is `wrong` with a page; in the frame of a mail styles are allowed, and images of its own."""

    def __init__(self, *, frame: bool) -> None:
        super().__init__()
        self.frame = frame
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag in _NEVER or (not self.frame and tag == "style"):
            self.wrong.append(tag)
        if tag == "script" and not told.get("src", "").startswith("/assets/"):
            self.wrong.append("script")
        self.wrong += [f"{tag} {name}" for name in told if name.startswith("on")]
        self.wrong += [f"{tag} style" for name in told if name == "style" and not self.frame]
        self.wrong += [
            f"{tag} {name}={told[name]}" for name in _ADDRESSES & told.keys() if self._bad(told[name])
        ]
        if tag == "meta" and "http-equiv" in told and not self.frame:
            self.wrong.append("meta http-equiv")
        if tag == "form" and self.frame:
            self.wrong.append("form")

    def _bad(self, address: str) -> bool:
        if self.frame:
            return re.match(r"https?://|mailto:|cid:|#|$", address) is None
        return re.match(r"/(assets|office)(/|$|\?)|[?#]|mailto:", address) is None or "//" in address


_NEVER = ("base", "object", "embed", "math", "applet", "frame", "img")
_ADDRESSES = {"href", "src", "action", "formaction", "srcdoc", "data", "xlink:href", "poster", "background"}
