"""What the console's routes can name, in each state that there is: releases, contacts, lists, changes, mails.

`Objects` are those of one publisher, beside another's (`THEIRS`), and a browser for each role. `restore` puts
database and files back after a test has changed them.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from distributor.model.officer import Role
from distributor.office import access, lists, officers, silence, stop, withdraw
from distributor.office.access import Case
from distributor.store import rows
from distributor.web.office.lists import keeper_of
from tests.house import DOCUMENT, REFERENCE
from tests.twohouses import SHARED, Side, Two, fill, release, two
from tests.web.desk import Desk, set_password

THEIRS = "theirs"
#: Deliveries of the release that is going, by the plain group in which they stand.
GROUPS = {
    "accepted": ("sent",),
    "may have it": ("doubtful",),
    "still trying": ("queued", "deferred"),
    "not sent": ("rejected", "expired", "suppressed", "cancelled"),
}
_DELIVERIES = [state for states in GROUPS.values() for state in states]
#: Contacts as they can be; each has this name @quokka.test.
_CONTACTS = ("plain", "suspended", "suppressed", "unsubscribed", "erased", "listless")
_DELIVERED = [f"{state}@quokka.test" for state in _DELIVERIES]
_EMBARGO = {"embargo": "2030-03-05 12:00 UTC", "advance": ("agencies=-20h",)}


@dataclass
class Objects:
    """By kind of object: what a route's address needs for each, by its state. `two` are both publishers."""

    two: Two
    kinds: Mapping[str, Mapping[str, dict[str, str]]]
    desks: Mapping[Role, Desk]
    _kept: Path

    def of(self, path: str) -> Mapping[str, dict[str, str]]:
        """Those that a route can name; a kind that is not among them has to be added here."""
        kind = next((kind for kind in self.kinds if path.startswith(kind)), None)
        assert kind is not None, f"{path}: say what it could name"
        return self.kinds[kind]

    def restore(self, *, files: bool = False) -> None:
        """All as it was made; list files only if they may have changed."""
        folder = self.two.house.folder
        with sqlite3.connect(self._kept / "distributor.db") as kept:
            with sqlite3.connect(self.two.house.database) as now:
                kept.backup(now)
            now.close()
        kept.close()
        for name in _folders(folder) if files else ():
            shutil.rmtree(folder / name, ignore_errors=True)
        for name in _folders(self._kept) if files else ():
            shutil.copytree(self._kept / name, folder / name)


def _folders(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir() if one.is_dir() and one.name.startswith(("lists", "state"))]


@contextmanager
def objects(folder: Path, kept: Path) -> Iterator[Objects]:
    """One of each, and officers of the first publisher with one role each, called like it."""
    with two(folder) as found:
        _people(found.press)
        fill(found)
        kinds = {
            "/office/list-changes": _changes(found),
            "/office/releases": _releases(found),
            "/office/new": {},
            "/office/log/releases": {},
            "/office/log/mails": _mails(found),
            "/office/contacts": _contacts(found),
            "/office/lists": _lists(found),
        }
        kinds["/office/new"] = kinds["/office/log/releases"] = kinds["/office/releases"]
        desks = {role: _officer(found, role) for role in Role}
        with sqlite3.connect(found.house.database) as now, sqlite3.connect(kept / "distributor.db") as copy:
            now.backup(copy)
        now.close()
        copy.close()
        for name in _folders(folder):
            shutil.copytree(folder / name, kept / name)
        yield Objects(found, kinds, desks, kept)


def _officer(found: Two, role: Role) -> Desk:
    """Who has this role alone at the first publisher, and all of them at the other, signed in."""
    name = f"only.{role.value.replace(' ', '.')}"
    here = {"actor": "test", "now": found.whole.now(), "name": name}
    for side, roles in ((found.press, [role]), (found.green, Role)):
        officers.add(found.whole.store, publisher_id=side.id, roles=frozenset(roles), **here)
    set_password(found.press.system, name)
    desk = Desk(found.whole)
    assert desk.sign_in(name).status_code == 303
    return desk


def _people(side: Side) -> None:
    """On the list of its own word, and one on a list that ends; who is listless is on none later."""
    folder = side.system.lists
    several = [f"{name}@quokka.test" for name in _CONTACTS] + _DELIVERED
    _write(folder, side.word, several)
    for name in ("unfiled", "ended"):
        (folder / f"{name}.toml").write_text(f'title = "{name}"\n')
        _write(folder, name, ["spare@quokka.test"])


def _write(folder: Path, name: str, addresses: list[str]) -> None:
    (folder / f"{name}.csv").write_text("email,name\n" + "".join(f"{one},N\n" for one in addresses))


def _sync(found: Two) -> None:
    found.house.sync(found.press.system)


def _lists(found: Two) -> dict[str, dict[str, str]]:
    """With files, without, ended: it was in the files once."""
    folder, word = found.press.system.lists, found.press.word
    _sync(found)
    for kind in ("csv", "toml"):
        (folder / f"ended.{kind}").unlink()
    _write(folder, word, [f"{name}@quokka.test" for name in _CONTACTS if name != "listless"] + _DELIVERED)
    _sync(found)
    for kind in ("csv", "toml"):
        (folder / f"unfiled.{kind}").unlink()
    named = {"filed": "trade", "unfiled": "unfiled", "ended": "ended"}
    named |= {THEIRS: found.green.word}
    return {state: {"name": name} for state, name in named.items()}


def _contacts(found: Two) -> dict[str, dict[str, str]]:
    press = found.press
    _sync(found)
    store, pseudonym = press.system.store, press.system.tokens.pseudonym
    terms: dict[str, Any] = {"criterion": "card", "terms": "1", "accepted": press.system.now().date()}
    case = Case(**press.here, pseudonym=pseudonym, address="suspended@quokka.test")
    access.grant(store, case, tier="agencies", until=None, **terms)
    until = press.system.now().replace(year=2031)
    access.suspend(store, case, until=until, reason="why")
    said = {"address": "suppressed@quokka.test", "reason": "why", "pseudonym": pseudonym}
    silence.suppress(store, **said, **press.here)
    with store.write() as connection:
        for standing in ("unsubscribed", "erased"):
            connection.exec_driver_sql(
                f"UPDATE contact SET standing = '{standing}' WHERE address LIKE '{standing}@%'"
            )
        c = rows.contact.c
        every = {row.address: row.id for row in connection.execute(select(c.address, c.id))}
    numbers = {name: every[f"{name}@quokka.test"] for name in _CONTACTS}
    numbers |= {THEIRS: found.green.contact}
    return {state: {"number": str(number)} for state, number in numbers.items()}


def _mails(found: Two) -> dict[str, dict[str, str]]:
    """One delivery in each state, of the release that is going."""
    made = {state: _put(found, "going", state, state) for state in _DELIVERIES}
    made |= {THEIRS: found.green.delivery}
    return {state: {"number": str(number)} for state, number in made.items()}


def _put(found: Two, reference: str, name: str, state: str, *, kind: str = "release") -> int:
    """Her mail of this kind is in this state; returns its number."""
    d, m, r = rows.delivery.c, rows.mailout.c, rows.release.c
    joined = select(d.id).join(rows.mailout, m.id == d.mailout_id).join(rows.release, r.id == m.release_id)
    hers = (d.address == f"{name}@quokka.test", m.kind == kind, r.reference == reference)
    with found.whole.store.write() as connection:
        number = connection.execute(joined.where(*hers)).scalar_one()
        values = {"state": state, "batch_id": None}
        connection.execute(update(rows.delivery).where(d.id == number).values(**values))
    return int(number)


def _releases(found: Two) -> dict[str, dict[str, str]]:
    """`held` is under embargo, `sent` is out; of `withdrawn` somebody could not be told."""
    press, house = found.press, found.house
    _sync(found)
    for name in ("planned", "cancelled"):
        release(house, press, name, **_EMBARGO)
    for name in ("going", "withdrawn"):
        release(house, press, name, lists=(press.word,))
    found.whole.plan()
    found.whole.prepare()
    found.whole.open_due()
    _put(found, "withdrawn", "rejected", "sent")
    said = {"actor": "test", "now": press.system.now(), "reference": "withdrawn"}
    withdraw.withdraw(press.system.store, house=press.system.house, **said)
    _put(found, "withdrawn", "rejected", "rejected", kind="withdrawal")
    pseudonym = press.system.tokens.pseudonym
    stop.cancel(press.system.store, reference="cancelled", pseudonym=pseudonym, **press.here)
    house.document(DOCUMENT.replace(REFERENCE, "draft"))
    house.add(press.system, **_EMBARGO)
    named = {name: name for name in ("draft", "planned", "going", "withdrawn", "cancelled")}
    named |= {"held": press.only, "sent": REFERENCE, THEIRS: found.green.only}
    more = {"form": "release", "language": "en"}
    return {state: {"reference": name} | more for state, name in named.items()}


def _changes(found: Two) -> dict[str, dict[str, str]]:
    """One that waits, and one whose file has changed since."""
    press = found.press
    _sync(found)

    def proposed(file: str) -> str:
        after = {file: b"email,name\n" + SHARED.encode() + b",New\n"}
        said = {"actor": press.officer, "now": press.system.now(), "what": "an import"}
        return lists.propose(keeper_of(press.system), after=after, **said)

    named = {"waits": proposed("trade.csv"), "stale": proposed("agencies.csv")}
    file = press.system.lists / "agencies.csv"
    file.write_text(file.read_text() + f"late@{press.word}.test,Late,\n")
    named |= {THEIRS: found.green.change}
    return {state: {"change": name} for state, name in named.items()}
