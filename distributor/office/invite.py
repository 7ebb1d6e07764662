"""Verbs: invite an officer to set her password by a one-time link; accept it. One link makes the first one.

A link lasts a day, is kept as a hash, and the newest one for somebody is the only one. Accepting it ends all
her sessions: it is the way to a forgotten password too.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from distributor.errors import NotFound, Refused
from distributor.model.headertext import one_line
from distributor.model.officer import Role
from distributor.office import officers as verbs
from distributor.office import onetime, passwords, signin
from distributor.office.signin import SignedIn
from distributor.policy import rights
from distributor.policy import signin as policy
from distributor.store import credentials, invitations, log, officers, sessions
from distributor.store import publishers as publisher
from distributor.store.database import Connection, Store
from distributor.store.invitations import Invitation

FIRST_ROLES = frozenset(Role) - {Role.READER}


@dataclass(frozen=True, slots=True)
class Invited:
    """The token of a link, and when it ends. `name` "": it makes the first officer."""

    name: str
    token: str
    ends_at: datetime


def first(store: Store, *, actor: str, now: datetime, publisher_id: str) -> Invited | None:
    """A link that makes the first officer; None when there is one."""
    with store.write() as connection:
        if officers.everybody(connection, publisher_id=publisher_id):
            return None
        return _give(connection, None, "", actor=actor, now=now, publisher_id=publisher_id)


def invite(
    store: Store, *, actor: str, now: datetime, publisher_id: str, name: str, drops_code: bool = False
) -> Invited:
    """A link by which this officer sets a password. Raises NotFound.

    `drops_code`: with it her authenticator is forgotten, which she may have lost.
    """
    with store.write() as connection:
        officer = verbs.named(connection, name, publisher_id=publisher_id)
        _refuse_reach(connection, officer.name, actor=actor, publisher_id=publisher_id)
        found = credentials.read(connection, publisher_id=publisher_id, name=officer.name)
        given = _give(
            connection,
            found.officer_id,
            officer.name,
            actor=actor,
            now=now,
            publisher_id=publisher_id,
            drops_code=drops_code,
        )
        event = log.Event("officer_invited", now, actor, detail=officer.name, publisher_id=publisher_id)
        log.record(connection, event)
    return given


def _refuse_reach(connection: Connection, name: str, *, actor: str, publisher_id: str) -> None:
    """A link is a password everywhere: an officer gives none to who works where she may not do that."""
    if officers.find(connection, publisher_id=publisher_id, name=actor) is None:
        return  # somebody at the machine
    for other in officers.elsewhere(connection, publisher_id=publisher_id, name=name):
        own = officers.find(connection, publisher_id=other, name=actor)
        if own is None or own.removed_at or not rights.may(own.roles, "officers invite"):
            cure = "Whoever looks after all of them invites her, or somebody at the machine without --as."
            raise Refused("she is an officer of another publisher, too", where=name, cure=cure)


def _give(
    connection: Connection,
    officer_id: int | None,
    name: str,
    *,
    actor: str,
    now: datetime,
    publisher_id: str,
    drops_code: bool = False,
) -> Invited:
    given = Invited(name, onetime.fresh(), now + policy.INVITATION)
    invitations.add(
        connection,
        publisher_id=publisher_id,
        officer_id=officer_id,
        token_hash=onetime.hashed(given.token),
        drops_code=drops_code,
        now=now,
        ends_at=given.ends_at,
        actor=actor,
    )
    return given


def look(store: Store, token: str, *, now: datetime, publishers: Collection[str]) -> Invitation | None:
    """What a link is good for; None when it is over, used, or none of ours."""
    with store.read() as connection:
        found = invitations.find(connection, token_hash=onetime.hashed(token), now=now)
        if found is None or found.publisher_id not in publishers:
            return None
        known = officers.everybody(connection, publisher_id=found.publisher_id)
        taken = found.officer_id is None and known
    return None if taken else found


def accept(
    store: Store,
    token: str,
    *,
    now: datetime,
    publishers: Collection[str],
    password: str,
    name: str = "",
    display: str = "",
) -> SignedIn:
    """Set the password and sign in; with a first link also make the officer `name`.

    Raises NotFound when the link is worth nothing, Refused for a name or password that will not do.
    """
    shown = one_line(display, where="name")
    found = look(store, token, now=now, publishers=publishers)
    refuse_weak(password, names=(found.name if found and found.name else name, shown))
    kept = passwords.hashed(password)
    with store.write() as connection:
        if found is not None:
            publisher.lock(connection, id=found.publisher_id)
        used = invitations.use(connection, token_hash=onetime.hashed(token), now=now)
        if found is None or used != found:
            raise NotFound("this link is over or was used", cure="Ask for a new one.")
        officer_id, login = _officer(connection, found, name=name, display=shown, now=now)
        credentials.set_password(
            connection, officer_id=officer_id, password=kept, now=now, drops_code=found.drops_code
        )
        sessions.end_all(connection, officer_id=officer_id)
        own, told = found.publisher_id, "by a one-time link"
        log.record(connection, log.Event("password_set", now, login, detail=told, publisher_id=own))
        return signin.begin(connection, officer_id=officer_id, name=login, now=now, publisher_id=own)


def _officer(
    connection: Connection, found: Invitation, *, name: str, display: str, now: datetime
) -> tuple[int, str]:
    if found.officer_id is not None and found.name is not None:
        return found.officer_id, found.name
    if officers.everybody(connection, publisher_id=found.publisher_id):
        raise NotFound("there is a first officer already", cure="She, or an operator, can invite you.")
    made = verbs.make(
        connection,
        actor="console",
        now=now,
        publisher_id=found.publisher_id,
        name=name,
        roles=FIRST_ROLES,
        display=display,
    )
    credential = credentials.read(connection, publisher_id=found.publisher_id, name=made.name)
    assert credential.officer_id is not None  # she was made a line above
    return credential.officer_id, made.name


def refuse_weak(password: str, *, names: tuple[str, ...]) -> None:
    """Raises Refused when this password will not do."""
    weakness = policy.weakness(password, names=names)
    if weakness:
        raise Refused(f"the password {weakness}")
