"""The waves of a release: those planned, or those that approval now would plan. Reads only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from distributor.model.audience import Audience, Recipient
from distributor.model.notice import NOTICES
from distributor.model.publisher import Publisher
from distributor.model.release import Release, Revision
from distributor.model.rules import Rules
from distributor.policy import plan, recipients
from distributor.policy.lifecycle import MailoutState
from distributor.store import deliveries, installation, mailouts
from distributor.store.database import Connection
from distributor.store.mailouts import Mailout
from distributor.store.views import access
from distributor.store.views.recipients import today
from distributor.store.views.releases import held
from distributor.store.views.speed import Last, Speed

_WAITING = (MailoutState.PLANNED, MailoutState.PREPARED)


def document(
    connection: Connection,
    release: Release,
    *,
    publisher: Publisher,
    rules: Rules,
    now: datetime,
    audience: Audience | None = None,
    guess: bool = True,
) -> dict[str, Any]:
    """The revision that waits, else the one in force. `planned` is False while nothing is approved.

    `copied`: why nothing goes from this database at all, or None. `audience`: today's, if the caller has it.
    Without `guess` nothing is said of when about the last one gets it.
    """
    revision = release.waiting or release.in_force or release.latest
    approved_at = revision.approved.at if revision.approved else now
    decided = plan.decide(revision.sending, approved_at=approved_at, rules=rules)
    everything = mailouts.of_release(connection, release_id=release.id)
    stored = [mailout for mailout in everything if _counts(mailout, revision)]
    people: Sequence[Recipient] = ()
    if not stored or any(mailout.state in _WAITING for mailout in stored):  # once all go, it is of no use
        audience = audience or today(connection, release, publisher=publisher, rules=rules, now=now)
        people = audience.recipients
    speed = Speed(connection, release.publisher_id, rules, now, guess)
    found = (
        [_stored(mailout, people, decided.tiers, speed) for mailout in stored]
        if stored
        else [_proposed(planned, people, decided.tiers, speed) for planned in decided.mailouts]
    )
    return {
        "reference": release.reference,
        "revision": revision.number,
        "planned": bool(stored),
        "mailouts": [line | {"last_at": last.at, "about_at": last.about} for line, last in found],
        "estimate": speed.told([last for _, last in found]),
        "skipped": [] if release.published_at else _skipped(decided, stored),
        "warnings": [
            *_warnings(connection, release, decided, people, stored, rules=rules),
            *speed.warnings,
        ],
        "held": held(release.held),
        "copied": installation.copied(connection),
    }


def _counts(mailout: Mailout, revision: Revision) -> bool:
    """Of the text, not planned anew, and of this revision: or of one that it corrects, and done."""
    if mailout.replaced or mailout.kind in NOTICES:
        return False
    corrects = revision.approved is not None and mailout.state == MailoutState.FINISHED
    return mailout.revision_id == revision.id or corrects


def _skipped(decided: plan.Plan, stored: Sequence[Mailout]) -> list[str]:
    """Not what has gone already, and whose time only now would not do."""
    gone = {mailout.wave for mailout in stored if mailout.kind == plan.ADVANCE}
    return [words for words in decided.skipped if words.partition(":")[0] not in gone]


def _warnings(
    connection: Connection,
    release: Release,
    decided: plan.Plan,
    people: Sequence[Recipient],
    stored: Sequence[Mailout],
    *,
    rules: Rules,
) -> list[str]:
    """Nothing any more of waves that are on their way."""
    waiting = [mailout for mailout in stored if mailout.state in _WAITING]
    if stored and not waiting:
        return []
    known = access.tiers(connection, publisher_id=release.publisher_id)
    sizes = Counter(person.tier for person in people if person.tier)
    gone = {mailout.wave for mailout in stored if mailout not in waiting}
    left = replace(
        decided,
        passed=tuple(wave for wave in decided.passed if wave[0] not in gone),
        timeless=tuple(tier for tier in decided.timeless if tier not in gone),
    )
    return list(plan.warnings(left, sizes=sizes, known=known, rules=rules))


def _stored(
    mailout: Mailout,
    people: Sequence[Recipient],
    tiers: Sequence[str],
    speed: Speed,
) -> tuple[dict[str, Any], Last]:
    counts = deliveries.counts(speed.connection, mailout_id=mailout.id)
    prepared = mailout.state != "planned"
    size = sum(counts.values()) if prepared else _size(people, mailout.kind, mailout.wave)
    facts = {"id": mailout.id, "state": mailout.state, "size": size, "held": held(mailout.held)}
    line = _line(mailout.kind, mailout.wave, mailout.due, rules=speed.rules) | facts
    if not prepared:
        return line, speed.of_people(mailout, people, tiers=tiers)
    waits = mailout.state in ("prepared", "sending")
    return line, speed.of_deliveries(mailout, counts) if waits else Last()


def _proposed(
    planned: plan.Planned, people: Sequence[Recipient], tiers: Sequence[str], speed: Speed
) -> tuple[dict[str, Any], Last]:
    size = _size(people, planned.kind, planned.wave)
    facts = {"id": None, "state": "proposed", "size": size, "held": None}
    line = _line(planned.kind, planned.wave, planned.due, rules=speed.rules)
    return line | facts, speed.of_people(planned, people, tiers=tiers)


def _size(people: Sequence[Recipient], kind: str, wave: str) -> int:
    return sum(1 for _ in recipients.of_mailout(people, kind=kind, wave=wave))


def _line(kind: str, wave: str, due: datetime, *, rules: Rules) -> dict[str, Any]:
    zones = {zone: due.astimezone(ZoneInfo(zone)) for zone in rules.show_zones}
    return {"kind": kind, "wave": wave, "due": due, "zones": zones}
