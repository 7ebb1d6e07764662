"""Two publishers in one installation, with the same reference, list and contact, and a word of its own each.

`Two` is the installation; a `Side` is one publisher in it, `full` of its word: headlines, lists, outlets,
notes, reasons, officers. What must stay apart is looked for by that word.
"""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from distributor.model.officer import Role
from distributor.office import access, lists, officers, silence, stop
from distributor.office.access import Case
from distributor.store import rows
from distributor.system import System
from distributor.web.office.lists import keeper_of
from distributor.worker import send_due
from tests.house import DOCUMENT, HEADLINE, REFERENCE, TOPICS, House, tick

PRESS, GREEN = "press", "green"
WORDS = {PRESS: "quokka", GREEN: "zyzzyva"}
ONLY = {PRESS: "2030-0081", GREEN: "2030-0091"}  # references that one of them has
SHARED = "ada@example.org"

CONFIG = """
[publishers.green]
name = "Zyzzyva Group"
address = "green@zyzzyva.test"
postal_address = "1 Zyzzyva Square"
unsubscribe_mailbox = "leave@zyzzyva.test"
alerts_to = ["desk@zyzzyva.test"]
[alerts]
to = ["desk@quokka.test"]
"""


@dataclass
class Side:
    """One publisher. `system` is at work for it; `contact`, `delivery`, `change` name its own."""

    system: System
    word: str
    contact: int = 0
    delivery: int = 0
    change: str = ""

    @property
    def id(self) -> str:
        return self.system.publisher.id

    @property
    def only(self) -> str:
        return ONLY[self.id]

    @property
    def officer(self) -> str:
        """Who may do everything here, and nothing there."""
        return f"{self.word}.officer"

    @property
    def here(self) -> dict[str, Any]:
        return {"actor": self.officer, "now": self.system.now(), "publisher_id": self.id}


@dataclass
class Two:
    """`whole` is the installation as a program builds it."""

    house: House
    whole: System
    press: Side
    green: Side

    def send(self) -> None:
        """What is due goes; then what that leads to."""
        tick(self.whole)
        asyncio.run(send_due(self.whole))
        tick(self.whole)


@contextmanager
def two(folder: Path, *, extra: str = "") -> Iterator[Two]:
    """Both furnished, with nothing released yet."""
    house = House(folder)
    house.configure(extra=CONFIG + extra)
    with closing(house), house.system() as whole:
        sides = [Side(whole.of(id), word) for id, word in WORDS.items()]
        for side in sides:
            furnish(house, side)
        yield Two(house, whole, *sides)


def furnish(house: House, side: Side) -> None:
    """Lists trade and agencies, and one named by its word alone; its officer."""
    folder, word = side.system.lists, side.word
    folder.mkdir(exist_ok=True)
    if side.id == PRESS:
        (folder / "topics.toml").write_text(TOPICS)
    for name, tier, people in (
        ("trade", "", f"{SHARED},{word} Ada,{word} Gazette\nr@{word}.test,R,{word} Gazette\n"),
        ("agencies", "agencies", f"early@{word}.test,Early,{word} Wire\n"),
        (word, "", f"one@{word}.test,One,\n"),
    ):
        topics = '["trade"]' if name != word else "[]"
        settings = f'title = "{word} {name}"\ntopics = {topics}\nembargo_access = "{tier}"\n'
        (folder / f"{name}.toml").write_text(settings)
        (folder / f"{name}.csv").write_text(f"email,name,outlet\n{people}")
    house.sync(side.system)
    said = {"actor": "test", "now": side.system.now(), "publisher_id": side.id}
    officers.add(side.system.store, name=side.officer, roles=frozenset(Role), display=f"{word} Lee", **said)


def release(house: House, side: Side, reference: str = REFERENCE, **wishes: Any) -> str:
    """A release that says its word, approved."""
    text = DOCUMENT.replace(HEADLINE, f"A {side.word} in Quillhaven").replace("eleven", side.word)
    house.document(text.replace(REFERENCE, reference))
    house.add(side.system, **wishes)
    house.approve(side.system, reference)
    return reference


def fill(found: Two) -> None:
    """Each: a release that is out, one held under embargo, silence, access, a change that waits."""
    for side in (found.press, found.green):
        release(found.house, side)
        release(found.house, side, side.only, embargo="2030-03-05 12:00 UTC", advance=("agencies=-20h",))
    found.send()
    for side in (found.press, found.green):
        built, word = side.system, side.word
        pseudonym = built.tokens.pseudonym
        stop.hold(built.store, reference=side.only, reason=f"the {word} asked", house=None, **side.here)
        silent = {"pseudonym": pseudonym, "reason": f"asked by {word}"}
        silence.suppress(built.store, address=f"gone@{word}.test", **silent, **side.here)
        case = Case(**side.here, pseudonym=pseudonym, address=SHARED)
        terms = {"criterion": f"card of {word}", "terms": f"{word} 1", "accepted": date(2030, 3, 1)}
        access.grant(built.store, case, tier="agencies", until=None, **terms)
        access.strike(built.store, case, reference=side.only, reason=f"{word} early", expires_at=None)
        after = {"trade.csv": f"email,name\n{SHARED},{word} Adam\n".encode()}
        said = {"actor": side.officer, "now": built.now(), "what": f"{word} import"}
        side.change = lists.propose(keeper_of(built), after=after, **said)
        _number(side)


def _number(side: Side) -> None:
    c, d, m = rows.contact.c, rows.delivery.c, rows.mailout.c
    mine = {"address_key": SHARED}
    with side.system.store.read() as connection:
        contact = select(c.id).where(c.publisher_id == side.id, c.address_key == mine["address_key"])
        side.contact = connection.execute(contact).scalar_one()
        mails = select(d.id).join(rows.mailout, m.id == d.mailout_id)
        hers = mails.where(m.publisher_id == side.id, d.address_key == mine["address_key"])
        side.delivery = connection.execute(hers).scalar_one()


def other(side: Side, found: Two) -> Side:
    return found.green if side is found.press else found.press


def at(side: Side, found: Two) -> Side:
    """The same at work in another installation's system, that of `found`."""
    return replace(side, system=found.whole.of(side.id))
