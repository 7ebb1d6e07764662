"""How one contact is printed, for people and as JSON."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from distributor.cli import shown_access
from distributor.model.access import AccessRecord
from distributor.model.audience import Reason, Recipient
from distributor.policy.access import counting, day, in_force, suspended, why_not
from distributor.store.views import access
from distributor.store.views.contacts import Card, Mailing, Why

_TEXTS = ("name", "first_name", "last_name", "outlet", "medium", "role", "country", "phone", "source", "note")


def card_json(card: Card, *, now: datetime) -> dict[str, Any]:
    """The document of `contacts show`."""
    contact, silent = card.contact, card.suppression
    person = contact.person if contact else None
    return {
        "address": card.address,
        **{name: getattr(person, name) if person else "" for name in _TEXTS},
        "languages": list(person.languages) if person else [],
        "extra": dict(person.extra) if person else {},
        "standing": contact.standing.value if contact else None,
        "standing_at": card.standing_at,
        "standing_reason": card.standing_reason,
        "embargo_access": _access(card.access, now=now) if card.access else None,
        "access_history": access.history(card.access) if card.access else [],
        "suppression": silent and {"reason": silent.reason, "at": silent.at, "by": silent.by},
        "lists": [
            {"name": m.list.name, "title": m.list.title, "topics": list(m.topics)} for m in card.memberships
        ],
    }


def _access(record: AccessRecord, *, now: datetime) -> dict[str, Any] | None:
    """The grant in force; `suspended_until` while it is suspended."""
    granted = record.now
    if granted is None or not in_force(granted, now=now):
        return None
    stops = suspended(record.suspensions, now=now)
    return {
        "tier": granted.tier,
        "granted_by": granted.by,
        "granted_at": granted.at,
        "criterion": granted.criterion,
        "terms": granted.terms,
        "accepted": granted.accepted,
        "until": granted.until,
        "suspended_until": stops.until if stops else None,
    }


def card(out: Console, card: Card, *, now: datetime, zone: str) -> None:
    """All that is kept about an address."""
    table = Table.grid(padding=(0, 2))
    for name, value in _card_lines(card, now=now, zone=zone):
        if value:
            table.add_row(name, value)
    out.print(table)


def _card_lines(card: Card, *, now: datetime, zone: str) -> list[tuple[str, str]]:
    contact, silent = card.contact, card.suppression
    lines = [("address", card.address)]
    if contact:
        person = contact.person
        lines += [
            ("name", person.name),
            ("outlet", " · ".join(text for text in (person.outlet, person.role, person.country) if text)),
            ("languages", " ".join(person.languages)),
            ("phone", person.phone),
            ("note", person.note),
            ("standing", _standing(card)),
        ]
    if card.access:
        lines += _access_lines(card.access, now=now, zone=zone)
    if silent:
        lines.append(("suppressed", f"{silent.at:%Y-%m-%d} by {silent.by}: {silent.reason}"))
    for membership in card.memberships:
        only = f", follows only {', '.join(membership.topics)}" if membership.topics else ""
        lines.append(("list", f"{membership.list.shown}{only}"))
    return lines


def _access_lines(record: AccessRecord, *, now: datetime, zone: str) -> list[tuple[str, str]]:
    events = access.history(record)
    if not events:
        return []
    granted = record.now
    stands = why_not(granted, record.suspensions, now=now, zone=zone)
    if granted is not None and stands is None:
        until = f", until {day(granted.until, zone)}" if granted.until else ""
        terms = granted.terms or "none on record"
        stands = f"{granted.tier} ({granted.criterion}), terms {terms}{until}"
    lines = [("embargo access", stands or "")]
    unheard = [one.reference for one in counting(record.strikes, now=now) if one.reply_at is None]
    lines += [("not heard yet", f"on the strike against {reference}") for reference in unheard]
    return lines + [("", shown_access.line(event, zone=zone)) for event in events]


def _standing(card: Card) -> str:
    standing = card.contact.standing.value if card.contact else ""
    since = f" since {card.standing_at:%Y-%m-%d}" if card.standing_at else ""
    return f"{standing}{since}{': ' if card.standing_reason else ''}{card.standing_reason}"


def why_json(found: Why) -> dict[str, Any]:
    """The document of `contacts why`."""
    verdict = found.verdict
    document: dict[str, Any] = {
        "reference": found.reference,
        "revision": found.revision,
        "address": verdict.address,
        "receives": isinstance(verdict, Recipient),
        "mailouts": [_mailing_json(mailing) for mailing in found.mailings],
        "no_advance": found.no_advance,
    }
    if not isinstance(verdict, Recipient):
        return document | {"reason": verdict.reason}
    reasons = [reason.document() for reason in verdict.reasons]
    return document | {"language": verdict.language, "tier": verdict.tier, "reasons": reasons}


def _mailing_json(mailing: Mailing) -> dict[str, Any]:
    return {"mailout": mailing.kind, "wave": mailing.wave, "due": mailing.due, "state": mailing.state}


def why(out: Console, found: Why) -> None:
    """Whether a release goes to her, and by which mailouts."""
    verdict = found.verdict
    if isinstance(verdict, Recipient):
        out.print(f"{verdict.address} gets {found.reference} in “{verdict.language}”:", soft_wrap=True)
        for reason in verdict.reasons:
            out.print(f"  {_in_words(reason)}", soft_wrap=True)
    else:
        out.print(f"{verdict.address} does not get {found.reference}: {verdict.reason}.", soft_wrap=True)
    if found.no_advance:
        out.print(f"  no advance copy: {found.no_advance}", soft_wrap=True)
    for mailing in found.mailings:
        wave = f" to {mailing.wave}" if mailing.wave else ""
        due = f", {mailing.due:%Y-%m-%d %H:%M:%S} UTC" if mailing.due else ""
        out.print(f"  {mailing.kind}{wave}{due}: {mailing.state or 'not yet prepared'}", soft_wrap=True)


def _in_words(reason: Reason) -> str:
    name, topic, covers, by = reason
    if by is not None:
        return f"{by} added her address to it"
    if name is None:
        return "the release names her address"
    if topic is None:
        return f"the release names the list {name}, which has this contact"
    return f"list {name} follows {topic}, which covers {covers}"
