"""Verbs: add, change the roles of, and remove officers; and who an officer is that a face was told.

As long as there is no officer, any name may be given; with the first one, only theirs. A name is one person
in the whole installation: with several publishers she has roles at each, and one password.
"""

import difflib
import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from distributor.errors import NotFound, Refused
from distributor.model.address import Address
from distributor.model.headertext import one_line
from distributor.model.officer import Officer, Role
from distributor.office.eyes import without_right
from distributor.policy import rights
from distributor.store import credentials, invitations, log, officers, sessions
from distributor.store.database import Connection, Store

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,62}")
#: Who acts in the log and is no officer.
_TAKEN = frozenset({"clockwork", "contact", "cli", "worker", "office", "console"})


def add(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    name: str,
    roles: Collection[Role],
    display: str = "",
    address: str = "",
) -> Officer:
    """A new officer, or one who was removed before. Raises Refused, AddressError."""
    with store.write() as connection:
        return make(
            connection,
            actor=actor,
            now=now,
            publisher_id=publisher_id,
            name=name,
            roles=roles,
            display=display,
            address=address,
        )


def make(
    connection: Connection,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    name: str,
    roles: Collection[Role],
    display: str = "",
    address: str = "",
) -> Officer:
    """`add`, within a transaction."""
    login, shown = _login(name), one_line(display, where="--name")
    mail = Address.parse(address, where="--address").text if address else ""
    _some(roles, where=login)
    present = officers.find(connection, publisher_id=publisher_id, name=login)
    if present is not None and present.removed_at is None:
        raise Refused("is an officer already", where=login, cure="“distributor officers role” changes roles.")
    officers.add(
        connection,
        publisher_id=publisher_id,
        name=login,
        display=shown,
        address=mail,
        roles=roles,
        now=now,
        actor=actor,
    )
    here: dict[str, Any] = {"actor": actor, "now": now, "publisher_id": publisher_id}
    _record(connection, "officer_added", login, roles=roles, **here)
    return named(connection, login, publisher_id=publisher_id)


def set_roles(
    store: Store, *, actor: str, now: datetime, publisher_id: str, name: str, roles: Collection[Role]
) -> Officer:
    """She has exactly these roles from now on. Raises NotFound, Refused."""
    _some(roles, where=name)
    with store.write() as connection:
        officer = named(connection, name, publisher_id=publisher_id)
        officers.set_roles(connection, publisher_id=publisher_id, name=officer.name, roles=roles)
        here: dict[str, Any] = {"actor": actor, "now": now, "publisher_id": publisher_id}
        _record(connection, "officer_roles", officer.name, roles=roles, **here)
        return named(connection, name, publisher_id=publisher_id)


def remove(store: Store, *, actor: str, now: datetime, publisher_id: str, name: str) -> Officer:
    """She may do nothing more; what she did stays hers. Raises NotFound."""
    with store.write() as connection:
        officer = named(connection, name, publisher_id=publisher_id)
        _shut_out(connection, officer, publisher_id=publisher_id)
        officers.remove(connection, publisher_id=publisher_id, name=officer.name, now=now, actor=actor)
        here: dict[str, Any] = {"actor": actor, "now": now, "publisher_id": publisher_id}
        _record(connection, "officer_removed", officer.name, roles=officer.roles, **here)
    return officer


def acting(store: Store, *, publisher_id: str, name: str, verb: str) -> str:
    """The actor that `name` stands for, who is about to do `verb`: the officer's own name.

    Raises NotFound when there are officers and this is none, Refused when her roles do not do.
    """
    with store.read() as connection:
        if not officers.everybody(connection, publisher_id=publisher_id):
            return name
        officer = named(connection, name, publisher_id=publisher_id, where="--as")
    if not rights.may(officer.roles, verb):
        raise without_right(officer, verb)
    return officer.name


def named(connection: Connection, name: str, *, publisher_id: str, where: str = "") -> Officer:
    """The officer of this name. Raises NotFound."""
    found = officers.find(connection, publisher_id=publisher_id, name=name.strip().lower())
    if found is None or found.removed_at is not None:
        names = [one.name for one in officers.everybody(connection, publisher_id=publisher_id)]
        close = difflib.get_close_matches(name.strip().lower(), names, n=1)
        cure = f"Did you mean “{close[0]}”?" if close else "“distributor officers list” names them all."
        raise NotFound(f"there is no officer “{name.strip()[:80]}”", where=where, cure=cure)
    return found


def _shut_out(connection: Connection, officer: Officer, *, publisher_id: str) -> None:
    """Her sessions, password and invitations end: the same name given again begins anew.

    Who is an officer of another publisher, too, signs in as before, and sees this one no more.
    """
    invitations.end_of(connection, publisher_id=publisher_id, name=officer.name)
    if officers.elsewhere(connection, publisher_id=publisher_id, name=officer.name):
        return
    found = credentials.read(connection, publisher_id=publisher_id, name=officer.name)
    if found.officer_id is not None:
        sessions.end_all(connection, officer_id=found.officer_id)
        credentials.forget(connection, officer_id=found.officer_id)


def _login(name: str) -> str:
    login = name.strip().lower()
    if not _NAME.fullmatch(login) or login in _TAKEN:
        raise Refused(
            f"“{one_line(name, where='officers add')[:80]}” cannot be an officer's name",
            where="officers add",
            cure="Use letters, digits, dots and dashes, such as ada.example.",
        )
    return login


def _some(roles: Collection[Role], *, where: str) -> None:
    if not roles:
        raise Refused("an officer needs a role", where=where, cure=f"One of {', '.join(Role)}.")


def _record(
    connection: Connection,
    kind: str,
    name: str,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    roles: Collection[Role],
) -> None:
    said = ", ".join(role.value for role in Role if role in roles)
    event = log.Event(kind, now, actor, detail=f"{name}: {said}", publisher_id=publisher_id)
    log.record(connection, event)
