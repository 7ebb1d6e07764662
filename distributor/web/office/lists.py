"""All lists, the search over everything, one list with its members. What changes them is `listchanges`.

Whether a list has its files is said: what an office keeps elsewhere and syncs from there is not edited here.
"""

import unicodedata
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Response

from distributor.documents import listwriting
from distributor.documents.listdrawer import Drawer
from distributor.errors import NotFound, Refused
from distributor.office.lists import Keeper
from distributor.store import topics
from distributor.store.database import Connection
from distributor.store.views import lists as view
from distributor.store.views import people
from distributor.system import System
from distributor.web.console import Console, to
from distributor.web.recent import FRESH, LASTING
from distributor.web.rules import Posted, right
from distributor.web.visit import OFFICE, Visit

PATH = f"{OFFICE}/lists"
ONE = PATH + "/{name}"
_MAY = right("lists show")
_A_PAGE = 50
LONGEST = 200  # letters of what is asked for


def router(console: Console) -> APIRouter:
    """GET /office/lists and /office/lists/NAME; POST …/NAME/files."""
    routes = APIRouter()

    @routes.api_route(PATH, methods=["GET", "HEAD"])
    def overview(visit: Visit = _MAY, find: str = "") -> Response:
        system = console.of(visit)
        find = find.strip()[:LONGEST]

        def given(anybody: Visit) -> dict[str, Any]:
            ask = partial(_overview, system, find)
            found = console.recent(anybody, ("lists", find), ask, good=_good(find))
            files = {size.list.name: files_of(system, size.list.name) for size in found["sizes"]}
            there: dict[str, Any] = {"folder": folder_of(system), "last": keeper_of(system).drawer.last()}
            return {"here": "lists", "find": find, "files": files, "most": _A_PAGE, **found, **there}

        return console.shared(visit, "lists", find, given)

    @routes.api_route(ONE, methods=["GET", "HEAD"])
    def show(name: str, visit: Visit = _MAY, find: str = "", only: str = "", after: str = "") -> Response:
        system = console.of(visit)
        only = only if only in people.FILTERS else ""
        asked: dict[str, str] = {"find": find.strip()[:LONGEST], "only": only}
        page = (name, after[:LONGEST], *asked.values())

        def given(anybody: Visit) -> dict[str, Any]:
            members = partial(_members, system, page)
            size, found = console.recent(anybody, ("list", *page), members, good=_good(find))
            there = {"files": files_of(system, size.list.name), "folder": folder_of(system)}
            shown = {"people": found[:_A_PAGE], "more": len(found) > _A_PAGE}
            return {"here": "lists", "size": size, "asked": asked, "after": after, **there, **shown}

        return console.shared(visit, "list", page, given)

    @routes.post(ONE + "/files")
    def write(name: str, form: Posted, visit: Visit = right("lists export")) -> Response:  # noqa: ARG001
        """Give a list of the database its files, so that it can be edited."""
        system = console.of(visit)
        with system.store.read() as connection:
            own = _size(connection, system, name).list.name
            if files_of(system, own):
                raise Refused("its files are there", where=own)
            found = view.files(connection, publisher_id=system.publisher.id)
            tree = topics.tree(connection)
        here = folder_of(system)
        theirs = here != system.config.lists_of(system.config.publisher.id)
        known = None if theirs or (here / "topics.toml").exists() or not tree.topics else tree
        listwriting.write([one for one in found if one.name == own], tree=known, folder=here)
        return to(list_path(own))

    return routes


def _good(find: str) -> timedelta:
    """How long an answer is: what somebody has looked for is not kept."""
    return FRESH if find else LASTING


def _overview(system: System, find: str, connection: Connection) -> dict[str, Any]:
    """Every list with its size; what is found, where something is looked for."""
    publisher = system.publisher.id
    asked: dict[str, Any] = {"publisher_id": publisher, "find": find, "limit": _A_PAGE + 1}
    kinds = ("search", "strangers", "lists") if find else ()
    found = {kind: getattr(people, kind)(connection, **asked) for kind in kinds}
    return {"sizes": view.sizes(connection, publisher_id=publisher), "found": found or None}


def _members(
    system: System, page: tuple[str, ...], connection: Connection
) -> tuple[view.Size, list[dict[str, Any]]]:
    """A list's size, and who is on this page of it, one more than it shows."""
    name, after, find, only = page
    size = _size(connection, system, name)
    asked: dict[str, Any] = {"publisher_id": system.publisher.id, "name": size.list.name}
    found = people.members(connection, **asked, after=after, find=find, only=only, limit=_A_PAGE + 1)
    return size, found


def _size(connection: Connection, system: System, name: str) -> view.Size:
    """Raises NotFound."""
    return view.size(connection, publisher_id=system.publisher.id, name=name)


def list_path(name: str) -> str:
    """Where a list's page is."""
    return f"{PATH}/{quote(name, safe='')}"


def folder_of(system: System) -> Path:
    """The folder of list files."""
    return system.lists


def keeper_of(system: System) -> Keeper:
    """The lists of this office, their files, and the changes that wait."""
    drawer = Drawer(system.drawer, folder_of(system))
    return Keeper(system.store, system.publisher.id, drawer)


def files_of(system: System, name: str) -> list[str]:
    """The names of a list's files that are there."""
    return [file.name for file in _named(folder_of(system), name)]


def file_of(system: System, name: str, kind: str) -> str:
    """The name of its file of this kind; such as it would have where it is not there. Raises NotFound."""
    found = _named(folder_of(system), name)
    if not found:
        raise NotFound(f"the list “{name}” has no file", cure="Write its files first, on its page.")
    return next((file.name for file in found if file.suffix.lower() == f".{kind}"), f"{name}.{kind}")


def _named(folder: Path, name: str) -> list[Path]:
    if not folder.is_dir():
        return []
    found = [file for file in folder.iterdir() if file.suffix.lower() in (".csv", ".toml")]
    return sorted(
        file for file in found if unicodedata.normalize("NFC", file.stem) == name and file.is_file()
    )
