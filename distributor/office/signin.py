"""Verbs: sign in, sign out; who is signed in with a cookie.

An attempt is counted before the password is looked at, and one with the right password once more before its
code is: whoever has the password guesses no code from many networks. A wrong name, password or code get the
same answer after the same work, so that nobody learns which names there are. Sessions and known browsers are
kept as hashes of their cookies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from distributor.errors import NotFound, Refused
from distributor.mail.tokens import Tokens
from distributor.office import attempts, codes, onetime, passwords
from distributor.office.attempts import TooSoon as TooSoon
from distributor.policy import signin as policy
from distributor.store import credentials, knocks, log, sessions
from distributor.store.credentials import Credential
from distributor.store.database import Connection, Store
from distributor.store.sessions import Signed

WRONG = "name, password or code are not right"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was typed, from which address, in a browser with which `device` cookie, if any."""

    name: str
    password: str
    code: str
    address: str
    device: str | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The officer's name and the cookies of her browser."""

    name: str
    session: str
    device: str


def sign_in(
    store: Store, attempt: Attempt, *, now: datetime, publishers: Sequence[str], tokens: Tokens
) -> SignedIn:
    """A new session, for the first of `publishers` that has her as an officer.

    Raises TooSoon, Refused; then nothing but the count of attempts is changed.
    """
    name = attempt.name.strip().lower()[:80]
    with store.write() as connection:
        publisher_id, found = _hers(connection, name, publishers=publishers)
        own = _own_device(connection, attempt, found, now=now)
        key = _counted(connection, attempt, own, name=name, now=now)
    known = passwords.fits(attempt.password, found.password)
    guesses = known and found.code is not None
    code_key = attempts.key("code", own or str(found.officer_id)) if guesses else attempts.NOBODYS
    with store.write() as connection:  # whoever is named, and whatever was wrong: it takes as long
        let = attempts.let(connection, code_key, now=now) or not guesses
    step = _step(found, attempt.code, now=now, tokens=tokens)
    if found.officer_id is None or found.password is None or not known or step is None or not let:
        raise Refused(WRONG)
    fresh = passwords.hashed(attempt.password) if passwords.outdated(found.password) else None
    with store.write() as connection:
        if found.code and not credentials.use_code(connection, officer_id=found.officer_id, step=step):
            raise Refused(WRONG)
        if credentials.read(connection, publisher_id=publisher_id, name=name) != found:
            raise Refused(WRONG)  # another password since we looked
        if fresh:
            credentials.rehash(connection, officer_id=found.officer_id, old=found.password, new=fresh)
        knocks.forget(connection, keys=[key, code_key])
        return begin(connection, officer_id=found.officer_id, name=name, now=now, publisher_id=publisher_id)


def _hers(connection: Connection, name: str, *, publishers: Sequence[str]) -> tuple[str, Credential]:
    """Where she is an officer, and her credential. All are asked, so that no time tells which has her."""
    found = [(id, credentials.read(connection, publisher_id=id, name=name)) for id in publishers]
    return next((one for one in found if one[1].officer_id is not None), found[0])


def begin(
    connection: Connection, *, officer_id: int, name: str, now: datetime, publisher_id: str
) -> SignedIn:
    """A session for an officer who has proved who she is, and a browser that is known from now on."""
    signed = SignedIn(name, onetime.fresh(), onetime.fresh())
    sessions.begin(
        connection,
        officer_id=officer_id,
        token_hash=onetime.hashed(signed.session),
        now=now,
        ends_at=now + policy.SESSION,
        publisher_id=publisher_id,
    )
    sessions.know_device(
        connection,
        officer_id=officer_id,
        token_hash=onetime.hashed(signed.device),
        now=now,
        ends_at=now + policy.DEVICE,
    )
    log.record(connection, log.Event("signed_in", now, name, publisher_id=publisher_id))
    return signed


def whose(store: Store, session: str, *, now: datetime, publishers: Sequence[str]) -> Signed | None:
    """The officer who is signed in with this cookie, or None."""
    with store.glance() as connection:
        return sessions.find(connection, publishers=publishers, token_hash=onetime.hashed(session), now=now)


def work_for(
    store: Store, session: str, *, now: datetime, publishers: Sequence[str], publisher_id: str
) -> Signed:
    """She goes on for another publisher of hers. Raises NotFound when it is none, or does not exist."""
    token_hash = onetime.hashed(session)
    with store.write() as connection:
        signed = sessions.find(connection, publishers=publishers, token_hash=token_hash, now=now)
        if signed is None or publisher_id not in signed.publishers:
            raise NotFound("you are an officer of no such publisher")
        sessions.work_for(connection, token_hash=token_hash, publisher_id=publisher_id)
        return signed


def sign_out(store: Store, session: str) -> None:
    """This session is over."""
    with store.write() as connection:
        sessions.end(connection, token_hash=onetime.hashed(session))


def _counted(connection: Connection, attempt: Attempt, own: str | None, *, name: str, now: datetime) -> str:
    """The attempt's key, counted. Raises TooSoon, and then it is not counted."""
    net = policy.network(attempt.address)
    key = attempts.key("device", own) if own else attempts.key("name", name, net)
    attempts.count(connection, key, network="" if own else attempts.key("network", net), now=now)
    return key


def _own_device(connection: Connection, attempt: Attempt, found: Credential, *, now: datetime) -> str | None:
    """The hash of the device cookie, when this officer has signed in with it before."""
    token_hash = onetime.hashed(attempt.device or "")
    known = sessions.knows_device(
        connection, officer_id=found.officer_id or 0, token_hash=token_hash, now=now
    )
    return token_hash if known else None


def _step(found: Credential, code: str, *, now: datetime, tokens: Tokens) -> int | None:
    """The period of the code; 0 when none is asked for, None when it does not fit."""
    key = None
    if found.code and found.officer_id is not None:
        key = codes.unsealed(found.code, sealing=tokens.sealing, officer_id=found.officer_id)
    period = codes.period(code, key, now=now)
    return period if found.code else 0
