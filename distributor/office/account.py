"""Verbs of an officer on her own account: another password, an authenticator or none.

Each asks for the password again: a browser left alone is not enough, and guessing it there is as slow as at
the sign-in. Another password ends every session of hers, this one too.
"""

from datetime import datetime

from distributor.errors import Refused
from distributor.mail.tokens import Tokens
from distributor.model.officer import Officer
from distributor.office import attempts, codes, invite, passwords
from distributor.store import credentials, knocks, log, sessions
from distributor.store.credentials import Credential
from distributor.store.database import Store


def change_password(
    store: Store, officer: Officer, *, now: datetime, publisher_id: str, old: str, new: str
) -> None:
    """Raises Refused: the old one is wrong, the new one will not do."""
    found = _proven(store, officer, now=now, publisher_id=publisher_id, password=old)
    invite.refuse_weak(new, names=(officer.name, officer.display))
    kept = passwords.hashed(new)
    with store.write() as connection:
        credentials.set_password(connection, officer_id=_id(found), password=kept, now=now, drops_code=False)
        sessions.end_all(connection, officer_id=_id(found))
        event = log.Event(
            "password_set", now, officer.name, detail="in the console", publisher_id=publisher_id
        )
        log.record(connection, event)


def has_code(store: Store, officer: Officer, *, publisher_id: str) -> bool:
    """Whether her authenticator's code is asked for."""
    with store.read() as connection:
        return credentials.read(connection, publisher_id=publisher_id, name=officer.name).code is not None


def offer_code(
    store: Store, officer: Officer, *, now: datetime, publisher_id: str, password: str, tokens: Tokens
) -> str:
    """A key for her authenticator; it counts when she confirms it. Raises Refused."""
    found = _proven(store, officer, now=now, publisher_id=publisher_id, password=password)
    key = codes.fresh()
    sealed = codes.sealed(key, sealing=tokens.sealing, officer_id=_id(found))
    with store.write() as connection:
        credentials.offer_code(connection, officer_id=_id(found), sealed=sealed)
    return key


def offered_code(store: Store, officer: Officer, *, publisher_id: str, tokens: Tokens) -> str | None:
    """The key that she has still to confirm."""
    with store.read() as connection:
        found = credentials.read(connection, publisher_id=publisher_id, name=officer.name)
    if found.code_offered is None:
        return None
    return codes.unsealed(found.code_offered, sealing=tokens.sealing, officer_id=_id(found))


def confirm_code(
    store: Store, officer: Officer, *, now: datetime, publisher_id: str, code: str, tokens: Tokens
) -> None:
    """From now on a code is asked for. Raises Refused when it is not the authenticator's."""
    key = offered_code(store, officer, publisher_id=publisher_id, tokens=tokens)
    step = codes.period(code, key, now=now)
    if key is None or step is None:
        raise Refused("this is not the code of the key shown", cure="Wait for the next code, and type that.")
    with store.write() as connection:
        found = credentials.read(connection, publisher_id=publisher_id, name=officer.name)
        sealed = codes.sealed(key, sealing=tokens.sealing, officer_id=_id(found))
        credentials.confirm_code(connection, officer_id=_id(found), sealed=sealed, step=step)
        log.record(connection, log.Event("code_set", now, officer.name, publisher_id=publisher_id))


def drop_code(store: Store, officer: Officer, *, now: datetime, publisher_id: str, password: str) -> None:
    """No code is asked for any more. Raises Refused."""
    found = _proven(store, officer, now=now, publisher_id=publisher_id, password=password)
    with store.write() as connection:
        credentials.drop_code(connection, officer_id=_id(found))
        log.record(connection, log.Event("code_dropped", now, officer.name, publisher_id=publisher_id))


def _proven(store: Store, officer: Officer, *, now: datetime, publisher_id: str, password: str) -> Credential:
    """Raises Refused, TooSoon. Counted by her name: with several publishers her password is still one."""
    key = attempts.key("account", officer.name)
    with store.write() as connection:
        found = credentials.read(connection, publisher_id=publisher_id, name=officer.name)
        attempts.count(connection, key, now=now)
    if not passwords.fits(password, found.password):
        raise Refused("this is not your password")
    with store.write() as connection:
        knocks.forget(connection, keys=[key])
    return found


def _id(found: Credential) -> int:
    assert found.officer_id is not None  # who is signed in is an officer
    return found.officer_id
