"""Changes of lists: import, a new list, other facts of one, what the files say, undo. First shown, then made.

Each form proposes (`office.lists`), and leads to the page with the diff; only its button changes lists.
"""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Response

from distributor.documents import pastedlist
from distributor.documents.listediting import edited
from distributor.documents.listwriting import cells_of, list_toml
from distributor.errors import Busy, DistributorError, DocumentError
from distributor.model.contact import BadRow, ContactRow, ListFile
from distributor.model.topic import TopicTree
from distributor.office import lists as verbs
from distributor.policy.nearness import mentioned
from distributor.store import lists, topics
from distributor.system import System
from distributor.web.console import Console, cure_of, to
from distributor.web.office.lists import PATH, file_of, keeper_of
from distributor.web.rules import Form, Posted, right
from distributor.web.visit import OFFICE, Visit

CHANGES = f"{OFFICE}/list-changes"
_IMPORT, _CREATE = right("lists import"), right("lists create")
_FACTS = ("name", "title", "topics", "language", "embargo_access")
_SHOWN = 20  # lines of one kind that a person reads


def router(console: Console) -> APIRouter:
    """GET and POST /office/list-changes/import, …/facts, …/ID; POST …/sync, …/undo."""
    routes = APIRouter()

    @routes.api_route(f"{CHANGES}/import", methods=["GET", "HEAD"])
    def ask(visit: Visit = _IMPORT, name: str = "") -> Response:
        if name:
            _csv(console.of(visit), name)
        return _ask(console, visit, said={"list": name, "text": "", "how": "add"})

    @routes.post(f"{CHANGES}/import")
    def bring_in(form: Posted, visit: Visit = _IMPORT) -> Response:
        system = console.of(visit)
        try:
            return _onward(_propose_import(system, form, actor=visit.actor))
        except Busy:
            raise
        except DistributorError as error:
            said = {name: form.text(name) for name in ("list", "text", "how")}
            return _ask(console, visit, said=said, error=error)

    @routes.api_route(f"{CHANGES}/facts", methods=["GET", "HEAD"])
    def facts(visit: Visit = _CREATE, name: str = "") -> Response:
        system = console.of(visit)
        return _facts(console, visit, said=_known(system, name) if name else dict.fromkeys(_FACTS, ""))

    @routes.post(f"{CHANGES}/facts")
    def keep(form: Posted, visit: Visit = _CREATE) -> Response:
        system = console.of(visit)
        said = {name: form.text(name) for name in _FACTS} | {"known": form.text("known")}
        try:
            return _onward(_propose_facts(system, said, actor=visit.actor))
        except Busy:
            raise
        except DistributorError as error:
            return _facts(console, visit, said=said, error=error)

    @routes.post(f"{CHANGES}/sync")
    def sync(form: Posted, visit: Visit = right("lists sync")) -> Response:  # noqa: ARG001
        system = console.of(visit)
        said: dict[str, Any] = {"actor": visit.actor, "now": system.now(), "what": "as the files say"}
        return _onward(verbs.propose(keeper_of(system), after={}, **said))

    @routes.post(f"{CHANGES}/undo")
    def undo(form: Posted, visit: Visit = right("lists undo")) -> Response:  # noqa: ARG001
        system = console.of(visit)
        return _onward(verbs.undo(keeper_of(system), actor=visit.actor, now=system.now()))

    @routes.api_route(CHANGES + "/{change}", methods=["GET", "HEAD"])
    def look(change: str, visit: Visit = _IMPORT) -> Response:
        system = console.of(visit)
        return _shown(console, visit, change, verbs.look(keeper_of(system), change))

    @routes.post(CHANGES + "/{change}")
    def make(change: str, form: Posted, visit: Visit = _IMPORT) -> Response:
        system = console.of(visit)
        said: dict[str, Any] = {"seen": form.text("seen"), "leave": bool(form.text("leave"))}
        said |= {"actor": visit.actor, "now": system.now()}
        again = verbs.apply(keeper_of(system), change, **said)
        return to(PATH) if again is None else _shown(console, visit, change, again, changed=True)

    return routes


def _onward(change: str) -> Response:
    return to(f"{CHANGES}/{change}")


def _shown(console: Console, visit: Visit, id: str, shown: verbs.Shown, *, changed: bool = False) -> Response:
    diff = shown.diff
    member = [f"{one.key} ({one.list})" for one in diff.members_added]
    people = sorted({*(one.key for one in diff.members_changed), *(key for key, _ in diff.changed_contacts)})
    kinds: dict[str, list[str]] = {
        "Lists new or changed": [facts.name for facts in diff.lists_saved],
        "Lists that end": list(diff.lists_gone),
        "Added": member,
        "Changed": people,
        "Gone from a list": [f"{one.key} ({one.list})" for one in diff.members_gone],
        "Embargo access given": [f"{key}: {grant.tier} ({grant.criterion})" for key, grant in diff.granted],
        "Embargo access ended": list(diff.withdrawn),
        "Two files differ": list(diff.differences),
        "Files": list(shown.notes),
    }
    given: dict[str, Any] = {"id": id, "shown": shown, "kinds": {k: v for k, v in kinds.items() if v}}
    refused = [*shown.change.refused, *diff.refused]
    given |= {"most": _SHOWN, "refused": refused, "changed": changed, "topics": diff.topics is not None}
    return console.page(visit, "listchange", code=409 if changed else 200, here="lists", **given)


def _ask(
    console: Console, visit: Visit, *, said: dict[str, str], error: DistributorError | None = None
) -> Response:
    system = console.of(visit)
    with system.store.read() as connection:
        titles = lists.titles(connection, publisher_id=system.publisher.id)
    told: dict[str, Any] = {"error": error, "cure": cure_of(error) if error else ""}
    code = 409 if error else 200
    return console.page(visit, "listimport", code=code, here="lists", said=said, titles=titles, **told)


def _propose_import(system: System, form: Form, *, actor: str) -> str:
    """Of what was uploaded, else pasted. Raises DocumentError, NotFound, Refused."""
    uploads = form.files("file")
    data = uploads[0].file.read() if uploads else form.raw("text").encode()
    if not data.strip():
        raise DocumentError("there is nothing to bring in", cure="Choose a file, or paste addresses.")
    name, file = _csv(system, form.text("list") or "no list")
    with system.store.read() as connection:
        tree = topics.tree(connection)
    found = verbs.folder(keeper_of(system))
    rows, refused = pastedlist.read(data, tree=found.topics or tree)
    there = next((one.rows for one in found.lists if one.name == name), ())
    drop = _unnamed(there, rows, refused) if form.text("how") == "replace" else []
    after = edited(keeper_of(system).drawer.now({file: None})[file], where=file, put=_put(rows), drop=drop)
    said: dict[str, Any] = {"actor": actor, "now": system.now(), "what": f"import into {name}"}
    return verbs.propose(keeper_of(system), after={file: after}, refused=refused, **said)


def _csv(system: System, said: str) -> tuple[str, str]:
    """A list's own name and that of the file of its members. Raises NotFound."""
    with system.store.read() as connection:
        [name] = lists.require(connection, publisher_id=system.publisher.id, names=[said])
    return name, file_of(system, name, "csv")


def _unnamed(there: Iterable[ContactRow], rows: Iterable[ContactRow], refused: Iterable[BadRow]) -> list[str]:
    """Who is on the list and not in what is brought in; whom a refused row speaks of stays."""
    good = {row.address.key for row in rows}
    missing = [row.address.key for row in there if row.address.key not in good]
    spoken_of = set(mentioned(missing, (bad.raw for bad in refused), others=good))
    return [key for key in missing if key not in spoken_of]


def _put(rows: tuple[ContactRow, ...]) -> dict[str, dict[str, str]]:
    """What the rows say; where they say nothing, nothing is changed."""
    told = ((row.address.key, cells_of(row) | row.extra) for row in rows)
    return {key: {name: cell for name, cell in cells.items() if cell} for key, cells in told}


def _facts(
    console: Console, visit: Visit, *, said: dict[str, str], error: DistributorError | None = None
) -> Response:
    system = console.of(visit)
    with system.store.read() as connection:
        tree = topics.tree(connection)
    given: dict[str, Any] = {"said": {"known": ""} | said, "error": error}
    given |= {"cure": cure_of(error) if error else "", "topics": _labels(tree)}
    return console.page(visit, "listfacts", code=409 if error else 200, here="lists", **given)


def _labels(tree: TopicTree) -> dict[str, str]:
    return {one.id: one.label("en") for one in tree.topics.values()}


def _known(system: System, name: str) -> dict[str, str]:
    """What is known of a list that has files. Raises NotFound."""
    with system.store.read() as connection:
        publisher = system.publisher.id
        [own] = lists.require(connection, publisher_id=publisher, names=[name])
        facts = next(
            one for one in lists.by_id(connection, publisher_id=publisher).values() if one.name == own
        )
    file_of(system, own, "toml")
    access = facts.embargo_access or ""
    return {
        **{"name": own, "known": own, "title": facts.title, "topics": ", ".join(facts.topics)},
        **{"language": facts.language or "", "embargo_access": access},
    }


def _propose_facts(system: System, said: dict[str, str], *, actor: str) -> str:
    """A new list, or other facts of one. Raises DocumentError, NotFound, Refused."""
    name = said["known"] or said["name"]
    written = list_toml(
        ListFile(
            name=name,
            title=said["title"] or name,
            topics=tuple(word.strip() for word in said["topics"].split(",") if word.strip()),
            language=said["language"] or None,
            embargo_access=said["embargo_access"] or None,
            rows=(),
            refused=(),
        )
    )
    told: dict[str, Any] = {"actor": actor, "now": system.now()}
    if said["known"]:
        file = file_of(system, name, "toml")
        return verbs.propose(
            keeper_of(system), after={file: written.encode()}, what=f"facts of {name}", **told
        )
    _refuse_known(system, name)
    after = {f"{name}.toml": written.encode(), f"{name}.csv": edited(None, where=name, put={})}
    return verbs.propose(keeper_of(system), after=after, what=f"new list {name}", **told)


def _refuse_known(system: System, name: str) -> None:
    if not name:
        raise DocumentError("the list has no name", cure="Give it one: letters, digits and spaces.")
    if "/" in name or "\\" in name or name.startswith((".", "~")):
        raise DocumentError(f"“{name[:80]}” cannot be a list's name", cure="Use letters, digits and spaces.")
    with system.store.read() as connection:
        known = lists.titles(connection, publisher_id=system.publisher.id)
    if name.casefold() in {one.casefold() for one in known}:
        raise DocumentError(f"there is a list “{name}”", cure="Bring contacts into it on its page.")
