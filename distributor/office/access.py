"""Verbs: grant, revoke, suspend, reinstate, strike, reply: embargo access with due process.

Each says who, why and until when, and stands in the log; what a person is told she did wrong she may answer
(`reply`). Suspension concerns advance copies alone: the release still reaches her. Reasons are written into
the log beside the hash, so that erasing a person can blank them.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from time import sleep

from distributor.errors import NotFound, Refused
from distributor.model.access import AccessRecord, Granted
from distributor.model.address import Address
from distributor.model.headertext import one_line
from distributor.office.settling import Pause, settled
from distributor.policy import access as policy
from distributor.store import access, contacts, log, releases
from distributor.store.access import Whose
from distributor.store.database import Connection, Store

Pseudonym = Callable[[str], str]
_EASTMOST = timedelta(hours=14)  # a date is to come when it has begun nowhere


@dataclass(frozen=True, slots=True)
class Case:
    """Who acts, when, on whom: a contact by `address`, or all of `outlet`; her `pseudonym` in the log."""

    actor: str
    now: datetime
    publisher_id: str
    pseudonym: Pseudonym
    address: str = ""
    outlet: str = ""


@dataclass(frozen=True, slots=True)
class _Subject:
    whose: Whose
    address: Address | None


def grant(
    store: Store,
    case: Case,
    *,
    tier: str,
    criterion: str,
    terms: str,
    accepted: date,
    until: datetime | None,
) -> Granted:
    """She may have embargoed text in advance, as this tier. A suspension stays in force.

    Raises NotFound, Refused (no criterion, no terms, a tier that is no name, terms accepted in the future).
    """
    granted = Granted(
        tier=_tier(tier),
        criterion=_said(criterion, where="--criterion"),
        by=case.actor,
        at=case.now,
        terms=_said(terms, where="--terms"),
        accepted=accepted,
        until=until,
    )
    if accepted > (case.now + _EASTMOST).date():
        raise Refused(f"{accepted} is still to come", where="--accepted", cure="Say when she agreed to them.")
    with store.write() as connection:
        subject = _subject(connection, case)
        access.grant(connection, contact_id=subject.whose.contact_id or 0, granted=granted)
        detail = f"{granted.tier}, terms {granted.terms}{_until(until)}"
        _record(connection, "access_granted", case, subject, detail=detail, text=granted.criterion)
    return granted


def revoke(store: Store, case: Case, *, reason: str, pause: Pause = sleep) -> None:
    """Her access is taken back, and no list file gives it again. Raises NotFound, Refused.

    When it returns no advance copy to her can begin any more.
    """
    why = _said(reason, where="--reason")
    with store.write() as connection:
        subject = _subject(connection, case)
        whose = subject.whose
        ended = access.revoke(
            connection, contact_id=whose.contact_id or 0, now=case.now, by=case.actor, reason=why
        )
        if not ended:
            raise policy.nothing_granted(where=case.address)
        _record(connection, "access_revoked", case, subject, text=why)
    _let_go(store, subject.whose, pause=pause)


def suspend(
    store: Store,
    case: Case,
    *,
    until: datetime,
    reason: str,
    strike_of: str | None = None,
    expires_at: datetime | None = None,
    pause: Pause = sleep,
) -> int:
    """No advance copies until then; with `strike_of` a strike against that release. How many it concerns.

    When it returns none can begin any more; one that was past its dot may still arrive. Raises NotFound,
    Refused.
    """
    why = _said(reason, where="--reason")
    with store.write() as connection:
        subject = _subject(connection, case)
        access.suspend(connection, whose=subject.whose, now=case.now, until=until, by=case.actor, reason=why)
        if strike_of is not None:
            _strike(connection, case, subject, reference=strike_of, reason=why, expires_at=expires_at)
        _record(connection, "access_suspended", case, subject, detail=_until(until).lstrip(", "), text=why)
        concerned = access.staff(connection, subject.whose) if case.outlet else 1
    _let_go(store, subject.whose, pause=pause)
    return concerned


def reinstate(store: Store, case: Case, *, reason: str) -> int:
    """Suspensions end before their time; how many. Raises NotFound, Refused when there is none."""
    why = _said(reason, where="--reason")
    with store.write() as connection:
        subject = _subject(connection, case)
        ended = access.reinstate(connection, whose=subject.whose, now=case.now, by=case.actor, reason=why)
        if not ended:
            raise _not_suspended(connection, case, subject)
        _record(connection, "access_reinstated", case, subject, text=why)
    return ended


def strike(store: Store, case: Case, *, reference: str, reason: str, expires_at: datetime | None) -> None:
    """An embargo was broken: recorded against the release, without a suspension. It counts a year.

    Raises NotFound, Refused.
    """
    why = _said(reason, where="--reason")
    with store.write() as connection:
        subject = _subject(connection, case)
        _strike(connection, case, subject, reference=reference, reason=why, expires_at=expires_at)
        _record(connection, "access_strike", case, subject, text=why, reference=reference)


def reply(store: Store, case: Case, *, reference: str, text: str) -> None:
    """What they say to a strike is noted. Raises NotFound when there is none for this release, Refused."""
    said = _said(text, where="--reply")
    with store.write() as connection:
        subject = _subject(connection, case)
        release = releases.get(connection, publisher_id=case.publisher_id, reference=reference)
        if not access.note_reply(
            connection, whose=subject.whose, release_id=release.id, now=case.now, reply=said
        ):
            raise _no_strike(connection, case, subject, reference=reference)
        _record(connection, "access_reply", case, subject, text=said, reference=reference)


def _let_go(store: Store, whose: Whose, *, pause: Pause) -> None:
    """What had its intent before is over, or past its dot."""
    settled(store, lambda connection: access.under_way(connection, whose), pause=pause)


def _strike(
    connection: Connection,
    case: Case,
    subject: _Subject,
    *,
    reference: str,
    reason: str,
    expires_at: datetime | None,
) -> None:
    release = releases.get(connection, publisher_id=case.publisher_id, reference=reference)
    access.strike(
        connection,
        whose=subject.whose,
        release_id=release.id,
        now=case.now,
        expires_at=expires_at or case.now + policy.COUNTS,
        by=case.actor,
        reason=reason,
    )


def _subject(connection: Connection, case: Case) -> _Subject:
    """The contact or outlet. Raises NotFound, Refused when neither or both are named."""
    if bool(case.address) == bool(case.outlet):
        raise Refused("whom it concerns is not clear", cure="Name an address, or --outlet NAME.")
    if case.outlet:
        return _Subject(_whole(connection, case), None)
    address = Address.parse(case.address)
    contact = contacts.find(connection, publisher_id=case.publisher_id, address_key=address.key)
    if contact is None:
        raise NotFound(f"{address.text} is no contact", cure="“distributor lists show NAME” lists members.")
    return _Subject(Whose(case.publisher_id, contact_id=contact.id), address)


def _whole(connection: Connection, case: Case) -> Whose:
    key = policy.outlet_key(case.outlet)
    known = access.outlets(connection, publisher_id=case.publisher_id)
    if key not in known:
        close = difflib.get_close_matches(key, known, n=1)
        cure = f"Did you mean “{known[close[0]]}”?" if close else "Outlets are those of the contacts."
        raise NotFound(f"no contact works for “{case.outlet[:80]}”", where="--outlet", cure=cure)
    return Whose(case.publisher_id, outlet=known[key], outlet_key=key)


def _not_suspended(connection: Connection, case: Case, subject: _Subject) -> Refused:
    """Perhaps it is her outlet."""
    stops = policy.suspended(_of_outlet(connection, case, subject).suspensions, now=case.now)
    if stops is not None:
        cure = f"It ends for all of them: --outlet “{stops.outlet}”."
        return Refused("it is her whole outlet that is suspended", where=case.address, cure=cure)
    return policy.not_suspended(where=_name(case))


def _no_strike(connection: Connection, case: Case, subject: _Subject, *, reference: str) -> NotFound:
    """Perhaps it is her outlet's."""
    theirs = [one for one in _of_outlet(connection, case, subject).strikes if one.reference == reference]
    if theirs and theirs[0].outlet:
        cure = f"Note what they say with --outlet “{theirs[0].outlet}” in the place of the address."
        return NotFound(f"the strike against {reference} is her outlet's", where=case.address, cure=cure)
    cure = "“distributor contacts show ADDRESS” tells which there are; --reason records one."
    return NotFound(f"no strike against {reference} is recorded", where=_name(case), cure=cure)


def _of_outlet(connection: Connection, case: Case, subject: _Subject) -> AccessRecord:
    """Of the contact who is named, with what concerns her whole outlet; nothing without one."""
    if subject.address is None:
        return AccessRecord(None, (), (), ())
    found = contacts.find(connection, publisher_id=case.publisher_id, address_key=subject.address.key)
    key = policy.outlet_key(found.person.outlet if found else "")
    return access.record(connection, replace(subject.whose, outlet_key=key))


def _name(case: Case) -> str:
    return case.address or case.outlet


def _said(text: str, *, where: str) -> str:
    said = one_line(text, where=where)
    if not said:
        raise Refused("it has to be said", where=where, cure="In a few words: people will ask.")
    return said


def _tier(text: str) -> str:
    tier = policy.tier(text)
    if tier is None:
        raise Refused(
            f"“{one_line(text, where='--tier')[:40]}” is no name of a tier",
            where="--tier",
            cure="Use letters, digits and dashes, such as accredited.",
        )
    return tier


def _until(until: datetime | None) -> str:
    return f", until {until.isoformat(timespec='minutes')}" if until else ""


def _record(
    connection: Connection,
    kind: str,
    case: Case,
    subject: _Subject,
    *,
    detail: str = "",
    text: str,
    reference: str = "",
) -> None:
    parts = [f"outlet {subject.whose.outlet}" if subject.address is None else "", reference, detail]
    address = subject.address
    event = log.Event(
        kind,
        case.now,
        case.actor,
        subject=case.pseudonym(address.key) if address else None,
        detail=", ".join(part for part in parts if part),
        address=address.text if address else None,
        text=text,
        publisher_id=case.publisher_id,
    )
    log.record(connection, event)
