"""One contact: who she is, her lists, embargo access, what went to her; what may be done, each said first.

Her page has her number and not her address: addresses of pages stay in histories and logs of others. Her
name, outlet and lists are changed in the list files, as a change that is shown first (`listchanges`).
"""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from distributor.documents import listrows
from distributor.documents.listediting import edited
from distributor.documents.listwriting import cells_of
from distributor.errors import Busy, DistributorError, DocumentError, NotFound, Refused
from distributor.model.address import Address
from distributor.model.contact import Standing
from distributor.model.listdiff import Person
from distributor.office import lists as verbs
from distributor.office import silence
from distributor.policy.access import counting, in_force, suspended, why_not
from distributor.policy.listmerge import rows_by_person
from distributor.store import contacts, lists, suppressions, topics
from distributor.store.database import Connection
from distributor.store.views import access as accesses
from distributor.store.views import contacts as view
from distributor.store.views import events, mails
from distributor.store.views.contacts import Card
from distributor.system import System
from distributor.web.console import Console, cure_of, to
from distributor.web.office.contactacts import ACTS, CHECKS
from distributor.web.office.listchanges import CHANGES
from distributor.web.office.lists import PATH as LISTS
from distributor.web.office.lists import file_of, files_of, keeper_of
from distributor.web.rules import Form, Posted, right
from distributor.web.visit import OFFICE, Visit

PATH = f"{OFFICE}/contacts"
ONE = PATH + "/{number}"
SILENCE = f"{OFFICE}/silence"
_MAY, _EDIT = right("contacts show"), right("contacts edit")
_MAILS, _EVENTS = 10, 10
_FIELDS = ("name", "outlet", "role", "medium", "country", "language", "phone", "note")
_OF_LIST = ("topics", "embargo_access")  # what is each list's own
_LIMIT = 200


def router(console: Console) -> APIRouter:
    """GET /office/contacts/N and /office/silence; GET and POST …/N/edit and …/N/VERB; POST below silence."""
    routes = APIRouter()

    @routes.api_route(ONE, methods=["GET", "HEAD"])
    def show(number: str, visit: Visit = _MAY, why: str = "") -> Response:
        return _page(console, visit, number, why=why.strip()[:_LIMIT])

    @routes.api_route(ONE + "/edit", methods=["GET", "HEAD"])
    def edit(number: str, visit: Visit = _EDIT) -> Response:
        system = console.of(visit)
        card = _card(system, number)
        return _edit(console, visit, number, card, said=_as_known(card) | {"own": _own(system, card)})

    @routes.post(ONE + "/edit")
    def propose(number: str, form: Posted, visit: Visit = _EDIT) -> Response:
        system = console.of(visit)
        card = _card(system, number)
        said: dict[str, Any] = {name: form.text(name) for name in _FIELDS} | {"lists": form.texts("lists")}
        said["own"] = {
            name: {column: form.text(f"{column} {name}") for column in _OF_LIST}
            for name in _own(system, card)
        }
        try:
            return to(f"{CHANGES}/{_propose(system, card, said, actor=visit.actor)}")
        except Busy:
            raise
        except DistributorError as error:
            return _edit(console, visit, number, card, said=said, error=error)

    for verb in ACTS:
        _route(routes, console, verb)

    @routes.api_route(SILENCE, methods=["GET", "HEAD"])
    def strangers(visit: Visit = _MAY, address: str = "") -> Response:
        """An address that is no contact's: mailed by name, or suppressed."""
        system = console.of(visit)
        given: dict[str, Any] = {"address": address.strip()[:320], "card": None}
        if given["address"]:
            wanted = Address.parse(given["address"])
            with system.store.read() as connection:
                found = contacts.find(connection, publisher_id=system.publisher.id, address_key=wanted.key)
                given["card"] = suppressions.find(
                    connection, publisher_id=system.publisher.id, address_key=wanted.key
                )
            if found is not None:
                return to(f"{PATH}/{found.id}")
        return console.page(visit, "silence", here="lists", **given)

    @routes.post(f"{SILENCE}/suppress")
    def suppress(form: Posted, visit: Visit = right("contacts suppress")) -> Response:
        system = console.of(visit)
        silence.suppress(system.store, actor=visit.actor, **_stranger(system, form))
        return to(LISTS)

    @routes.post(f"{SILENCE}/unsuppress")
    def unsuppress(form: Posted, visit: Visit = right("contacts unsuppress")) -> Response:
        system = console.of(visit)
        silence.unsuppress(system.store, actor=visit.actor, **_stranger(system, form))
        return to(LISTS)

    return routes


def _route(routes: APIRouter, console: Console, verb: str) -> None:
    may = right(f"contacts {verb}")

    def ask(number: str, visit: Visit = may) -> Response:
        system = console.of(visit)
        if verb in CHECKS:
            CHECKS[verb](system, _card(system, number))
        return _act(console, visit, number, verb)

    def act(number: str, form: Posted, visit: Visit = may) -> Response:
        system = console.of(visit)
        card = _card(system, number)
        try:
            ACTS[verb](system, card, form, visit.actor)
        except (Busy, NotFound):
            raise
        except DistributorError as error:
            return _act(console, visit, number, verb, form=form, error=error)
        return to(f"{PATH}/{number}")

    routes.add_api_route(f"{ONE}/{verb}", ask, methods=["GET", "HEAD"])
    routes.add_api_route(f"{ONE}/{verb}", act, methods=["POST"])


def _stranger(system: System, form: Form) -> dict[str, Any]:
    house = {"publisher_id": system.publisher.id, "pseudonym": system.tokens.pseudonym}
    return house | {"now": system.now(), "address": form.text("address"), "reason": form.text("reason")}


def _card(system: System, number: str) -> Card:
    """Raises NotFound."""
    with system.store.read() as connection:
        return _read(connection, system, number)


def _read(connection: Connection, system: System, number: str) -> Card:
    publisher = system.publisher.id
    key = None
    if number.isascii() and number.isdecimal() and len(number) <= 18:
        key = contacts.address_key(connection, publisher_id=publisher, contact_id=int(number))
    card = key and view.card(connection, publisher_id=publisher, address=Address(key, key))
    if not card:
        raise NotFound("there is no such contact")
    return card


def _page(console: Console, visit: Visit, number: str, *, why: str) -> Response:
    system, now = console.of(visit), console.of(visit).now()
    publisher = system.publisher
    with system.store.read() as connection:
        card = _read(connection, system, number)
        key = Address.parse(card.address).key
        sent = mails.page(connection, mails.Asked(publisher.id, keys=[key]), limit=_MAILS)
        last = mails.answers(connection, [row["id"] for row in sent.rows])
        subject = system.tokens.pseudonym(key)
        done = events.page(connection, publisher_id=publisher.id, subject=subject, limit=_EVENTS)[:_EVENTS]
    given: dict[str, Any] = {"number": number, "card": card, "person": _person(card), "mails": sent}
    given |= {"answers": last, "events": done, "why": why, "verdict": None, "wrong": None}
    given |= _access(card, system) | {"can": _can(visit, card, system)}
    if why:
        given |= _why(system, card, why)
    return console.page(visit, "contact", here="lists", **given, now=now)


def _why(system: System, card: Card, reference: str) -> dict[str, Any]:
    """Whether a release goes to her, or why that cannot be told."""
    asked: dict[str, Any] = {"publisher": system.publisher, "reference": reference, "now": system.now()}
    asked |= {"address": Address.parse(card.address), "zone": system.rules.timezone}
    try:
        with system.store.read() as connection:
            return {"verdict": view.why(connection, **asked)}
    except NotFound as error:
        return {"wrong": error}


def _access(card: Card, system: System) -> dict[str, Any]:
    now, record = system.now(), card.access
    if record is None:
        return {"granted": None, "stopped": None, "no_access": None, "history": [], "unheard": []}
    zone = system.rules.timezone
    return {
        "granted": record.now if in_force(record.now, now=now) else None,
        "stopped": suspended(record.suspensions, now=now),
        "no_access": why_not(record.now, record.suspensions, now=now, zone=zone),
        "history": accesses.history(record)[::-1],
        "unheard": [one.reference for one in counting(record.strikes, now=now) if one.reply_at is None],
    }


def _can(visit: Visit, card: Card, system: System) -> list[str]:
    """What may be done with her as she stands, in the order of the buttons."""
    told, standing = _access(card, system), card.contact.standing if card.contact else None
    silenced = card.suppression is not None or standing is Standing.SUPPRESSED
    hers = (card.suppression is not None and card.suppression.by == silence.CONTACT) or (
        standing is Standing.UNSUBSCRIBED
    )
    possible = {
        "grant": True,
        "revoke": told["granted"] is not None,
        "suspend": told["granted"] is not None,
        "reinstate": told["stopped"] is not None,
        "strike": True,
        "suppress": card.suppression is None,
        "unsuppress": silenced and not hers,
    }
    return [verb for verb, fits in possible.items() if fits and visit.may(f"contacts {verb}")]


def _act(
    console: Console,
    visit: Visit,
    number: str,
    verb: str,
    *,
    form: Form | None = None,
    error: DistributorError | None = None,
) -> Response:
    card = _card(console.of(visit), number)
    given: dict[str, Any] = {"number": number, "card": card, "person": _person(card), "verb": verb}
    given |= _access(card, console.of(visit))
    given |= {"said": (lambda name: form.text(name) if form else ""), "error": error}
    given["cure"] = cure_of(error) if error else ""
    return console.page(visit, "contactact", code=409 if error else 200, here="lists", **given)


def _person(card: Card) -> Person:
    return card.contact.person if card.contact else Person(card.address)


# editing


def _as_known(card: Card) -> dict[str, Any]:
    person = _person(card)
    said: dict[str, Any] = {name: getattr(person, name) for name in _FIELDS if name != "language"}
    on = [one.list.name for one in card.memberships]
    return said | {"language": " ".join(person.languages), "lists": on}


def _edit(
    console: Console,
    visit: Visit,
    number: str,
    card: Card,
    *,
    said: dict[str, Any],
    error: DistributorError | None = None,
) -> Response:
    system = console.of(visit)
    with system.store.read() as connection:
        titles = lists.titles(connection, publisher_id=system.publisher.id)
    given: dict[str, Any] = {"number": number, "card": card, "person": _person(card), "said": said}
    given |= {"titles": titles, "filed": [name for name in titles if files_of(system, name)]}
    given |= {"error": error, "cure": cure_of(error) if error else ""}
    return console.page(visit, "contactedit", code=409 if error else 200, here="lists", **given)


def _rows(system: System, card: Card) -> dict[str, dict[str, str]]:
    """Her rows in the list files, by list."""
    found = rows_by_person(verbs.folder(keeper_of(system)).lists).get(Address.parse(card.address).key)
    return {file.name: cells_of(row) for file, row in found.rows} if found else {}


def _own(system: System, card: Card) -> dict[str, dict[str, str]]:
    """By list what her row there says of just that list; nothing while the files cannot be read."""
    try:
        mine = _rows(system, card)
    except DocumentError:
        return {}
    return {name: {column: cells[column] for column in _OF_LIST} for name, cells in mine.items()}


def _propose(system: System, card: Card, said: dict[str, Any], *, actor: str) -> str:
    """Her rows in the list files, as a change. Raises DocumentError, NotFound, Refused."""
    keeper, key = keeper_of(system), Address.parse(card.address).key
    known, wanted, there = _as_known(card), set(said["lists"]), _rows(system, card)
    changed = {name: said[name] for name in _FIELDS if said[name] != known[name]}
    put: dict[str, dict[str, str]] = {}
    for name in sorted(there.keys() & wanted):
        own = {column: text for column, text in said["own"][name].items() if text != there[name][column]}
        put |= {name: changed | own} if changed or own else {}
    whole = {"email": card.address} | {name: said[name] for name in _FIELDS}
    put |= dict.fromkeys(wanted - there.keys(), whole)
    gone = there.keys() - wanted
    if not put and not gone:
        raise Refused("nothing is different")
    _check(system, card.address, put)
    after = {}
    for name in sorted({*put, *gone}):
        file = file_of(system, name, "csv")
        data = keeper.drawer.now({file: None})[file]
        mine = {key: put[name]} if name in put else {}
        after[file] = edited(data, where=file, put=mine, drop=[key] if name in gone else [])
    return verbs.propose(keeper, actor=actor, now=system.now(), what=f"contact {key}", after=after)


def _check(system: System, address: str, put: Mapping[str, Mapping[str, str]]) -> None:
    """Raises DocumentError for a cell with which her row would be refused."""
    with system.store.read() as connection:
        known = topics.tree(connection)
    tree = verbs.folder(keeper_of(system)).topics or known
    for name, cells in put.items():
        for bad in listrows.refused({"email": address, **cells}, file=name, tree=tree):
            raise DocumentError(f"“{bad.value[:80]}” {bad.reason}", cure="Correct it, and show it again.")
