"""The log: what went to whom, newest first, asked for by release, contact, outlet, state and time; as a file.

It has no word of a release's text (law 1), so every officer may look. A page costs the same however many
years there are (`store.views.mails`); an export goes through them page by page.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from distributor.documents import logcsv
from distributor.errors import NotFound, Refused
from distributor.model.address import Address
from distributor.policy.access import outlet_key
from distributor.policy.lifecycle import DeliveryState
from distributor.policy.queueids import queue_id
from distributor.store import releases
from distributor.store.database import Connection
from distributor.store.views import conversation, events, mails
from distributor.system import System
from distributor.web.console import Console, cure_of
from distributor.web.rules import right
from distributor.web.visit import OFFICE, Visit

PATH = f"{OFFICE}/log"
_MAY = right("log")
_A_PAGE, _EXPORTED = 50, 500
_LONGEST = 200  # letters of what is asked for
STATES = tuple(state.value for state in DeliveryState)


@dataclass(frozen=True)
class Wanted:
    """What she asks for; an empty field asks for nothing. `since` and `until` are days."""

    release: str = ""
    contact: str = ""
    outlet: str = ""
    state: str = ""
    since: str = ""
    until: str = ""

    def query(self, **more: str) -> str:
        """The same, as the end of an address."""
        return urlencode({name: value for name, value in (asdict(self) | more).items() if value})

    def asked(self, connection: Connection, system: System) -> mails.Asked:
        """Raises NotFound, AddressError, Refused."""
        publisher, zone = system.publisher.id, system.rules.timezone
        said = {name: value.strip()[:_LONGEST] for name, value in asdict(self).items()}
        release = None
        if said["release"]:
            release = releases.get(connection, publisher_id=publisher, reference=said["release"]).id
        until = _day(said["until"], zone)
        return mails.Asked(
            publisher_id=publisher,
            release_id=release,
            keys=_keys(connection, publisher, said["contact"], said["outlet"]),
            state=said["state"] if said["state"] in STATES else None,
            since=_day(said["since"], zone),
            until=until + timedelta(days=1) if until else None,
        )


def router(console: Console) -> APIRouter:
    """GET /office/log and, below it, events, export, mails/N."""
    routes = APIRouter()

    @routes.api_route(PATH, methods=["GET", "HEAD"])
    def listing(wanted: Annotated[Wanted, Depends()], visit: Visit = _MAY, after: str = "") -> Response:
        shown: dict[str, Any] = {"here": "log", "wanted": wanted, "states": STATES, "after": after}

        def given(anybody: Visit) -> dict[str, Any]:
            asked = partial(_leaf, console.of(anybody), wanted, after)
            leaf, answers = console.recent(anybody, ("log", wanted, after), asked)
            return shown | {"leaf": leaf, "answers": answers, "wrong": None, "cure": ""}

        try:
            return console.shared(visit, "log", (wanted, after), given)
        except (NotFound, Refused) as wrong:
            shown |= {"leaf": mails.Leaf([]), "answers": {}, "wrong": wrong, "cure": cure_of(wrong)}
            return console.page(visit, "log", code=409, **shown)

    @routes.api_route(f"{PATH}/events", methods=["GET", "HEAD"])
    def done(visit: Visit = _MAY, before: str = "") -> Response:
        system = console.of(visit)
        start = int(before) if before.isascii() and before.isdecimal() and len(before) <= 18 else None
        with system.store.read() as connection:
            found = events.page(connection, publisher_id=system.publisher.id, before=start, limit=_A_PAGE)
        shown, more = found[:_A_PAGE], len(found) > _A_PAGE
        return console.page(visit, "logevents", here="log", found=shown, more=more, before=before)

    @routes.api_route(f"{PATH}/export", methods=["GET", "HEAD"])
    def export(wanted: Annotated[Wanted, Depends()], visit: Visit = _MAY, form: str = "csv") -> Response:
        system = console.of(visit)
        with system.store.read() as connection:
            asked = wanted.asked(connection, system)
        lines = _lines(system, asked)
        kind, written = ("json", _json(lines)) if form == "json" else ("csv", _csv(lines))
        name = f'attachment; filename="log.{kind}"'
        media = "application/json" if kind == "json" else "text/csv; charset=utf-8"
        return StreamingResponse(written, media_type=media, headers={"Content-Disposition": name})

    @routes.api_route(PATH + "/mails/{number}", methods=["GET", "HEAD"])
    def one(number: str, visit: Visit = _MAY) -> Response:
        system = console.of(visit)
        found = None
        if number.isascii() and number.isdecimal() and len(number) <= 18:
            with system.store.read() as connection:
                found = conversation.document(
                    connection, publisher_id=system.publisher.id, delivery_id=int(number)
                )
        if found is None:
            raise NotFound("there is no such mail")
        given: dict[str, Any] = {"one": found, "message_id": _message_id(system, found), "queue_id": queue_id}
        return console.page(visit, "logmail", here="log", **given)

    return routes


def _leaf(
    system: System, wanted: Wanted, after: str, connection: Connection
) -> tuple[mails.Leaf, dict[int, dict[str, Any]]]:
    """A page of what she asks for, and what was said last of each mail on it."""
    leaf = mails.page(connection, wanted.asked(connection, system), after=after, limit=_A_PAGE)
    return leaf, mails.answers(connection, [row["id"] for row in leaf.rows])


def _message_id(system: System, row: dict[str, Any]) -> str:
    return system.tokens.message_id(
        mailout_id=row["mailout_id"], address_key=row["address_key"], domain=system.publisher.domain
    )


def _keys(connection: Connection, publisher: str, contact: str, outlet: str) -> list[str] | None:
    """The addresses that are asked for; None: everybody's."""
    if contact:
        return [Address.parse(contact).key]
    if not outlet:
        return None
    found = mails.keys_of_outlet(connection, publisher_id=publisher, outlet_key=outlet_key(outlet))
    if not found:
        raise NotFound(f"no contact works for “{outlet}”", cure="Write the outlet as its contacts have it.")
    return found


def _day(text: str, zone: str) -> datetime | None:
    """The beginning of a day in `zone`."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        raise Refused(f"“{text[:40]}” is no day", cure="Write it as 2030-03-04.") from None


# as a file


def _lines(system: System, asked: mails.Asked) -> Iterator[dict[str, Any]]:
    """Every delivery that is asked for; each page is read by itself, so that nobody waits for the whole."""

    def message_id(mailout_id: int, address_key: str) -> str:
        return _message_id(system, {"mailout_id": mailout_id, "address_key": address_key})

    onward = "0-0"
    while onward:
        with system.store.read() as connection:
            leaf = mails.page(connection, asked, after="" if onward == "0-0" else onward, limit=_EXPORTED)
            lines = list(mails.lines(connection, leaf.rows, message_id=message_id))
        yield from lines
        onward = leaf.onward


def _csv(lines: Iterator[dict[str, Any]]) -> Iterator[str]:
    """With a byte order mark, for Excel."""
    yield "\ufeff" + logcsv.text([list(logcsv.COLUMNS)])
    for line in lines:
        yield logcsv.text(list(logcsv.cells(line)))


def _json(lines: Iterator[dict[str, Any]]) -> Iterator[str]:
    before = "["
    for line in lines:
        yield before + json.dumps(line, ensure_ascii=False, default=_iso)
        before = ",\n"
    yield "]\n" if before != "[" else "[]\n"


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
