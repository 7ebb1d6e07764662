"""Who gets a release and why, who does not and why, as one document. Reads only.

Until the audience is taken (design: some time before the instant) this is today's; after it the snapshot,
with each delivery's state, and late-comers are on the other side. Everybody is on exactly one side.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from distributor.model.audience import Audience, Excluded, Recipient
from distributor.model.publisher import Publisher
from distributor.model.release import Release, Revision
from distributor.model.rules import Rules
from distributor.policy import plan, recipients
from distributor.store import mailouts, rows
from distributor.store.guard import COVERED
from distributor.store.mailouts import Mailout
from distributor.store.views.revision import audience_of

d = rows.delivery.c

_TAKEN = ("prepared", "sending", "finished")
_LATE = "came after the audience was taken"


def document(
    connection: Connection,
    release: Release,
    *,
    publisher: Publisher,
    rules: Rules,
    now: datetime,
    audience: Audience | None = None,
) -> dict[str, Any]:
    """The revision that waits, else the one in force. `audience`: today's, where the caller has it."""
    revision = release.waiting or release.in_force or release.latest
    audience = audience or today(connection, release, publisher=publisher, rules=rules, now=now)
    planned = [
        mailout
        for mailout in mailouts.of_release(connection, release_id=release.id)
        if mailout.revision_id == revision.id
    ]
    taken = next((mailout for mailout in planned if mailout.kind == plan.RELEASE and _taken(mailout)), None)
    if taken is not None:
        people, excluded = _snapshot(connection, taken, planned, audience)
    else:
        people = _today(audience, _waves(revision, planned, now=now, rules=rules))
        excluded = list(audience.excluded)
    return {
        "reference": release.reference,
        "recipients": people,
        "excluded": [{"address": one.address, "reason": one.reason} for one in excluded],
    }


def today(
    connection: Connection, release: Release, *, publisher: Publisher, rules: Rules, now: datetime
) -> Audience:
    """Who would get it if it were sent now."""
    revision = release.waiting or release.in_force or release.latest
    audience = audience_of(connection, publisher=publisher, revision=revision, now=now)
    return recipients.allowed(audience, patterns=rules.allow_recipients)


def _taken(mailout: Mailout) -> bool:
    return mailout.state in _TAKEN


def _waves(revision: Revision, planned: Iterable[Mailout], *, now: datetime, rules: Rules) -> set[str]:
    stored = {mailout.wave for mailout in planned if mailout.kind == plan.ADVANCE}
    if revision.approved is not None:
        return stored
    decided = plan.decide(revision.sending, approved_at=now, rules=rules)
    return {one.wave for one in decided.mailouts if one.kind == plan.ADVANCE}


def _today(audience: Audience, waves: set[str]) -> list[dict[str, Any]]:
    return [
        _person(person, wave=person.tier if person.tier in waves else "") for person in audience.recipients
    ]


def _person(person: Recipient, *, wave: str | None) -> dict[str, Any]:
    return {
        "address": person.address,
        "name": person.name,
        "outlet": person.outlet,
        "language": person.language,
        "mailout": plan.ADVANCE if wave else plan.RELEASE,
        "wave": wave or "",
        "reasons": [reason.document() for reason in person.reasons],
    }


def _snapshot(
    connection: Connection, taken: Mailout, planned: Iterable[Mailout], audience: Audience
) -> tuple[list[dict[str, Any]], list[Excluded]]:
    tiers = {mailout.id: mailout.wave for mailout in planned if mailout.kind == plan.ADVANCE}
    found = connection.execute(
        select(rows.delivery, rows.contact.c.outlet)
        .select_from(rows.delivery.outerjoin(rows.contact, rows.contact.c.id == d.contact_id))
        .where(d.mailout_id.in_([taken.id, *tiers]))
        .order_by(d.position, d.id)
    ).all()
    advances = {row.address_key: row for row in found if row.mailout_id in tiers}
    people = [_delivered(row, advances, tiers) for row in found if row.mailout_id == taken.id]
    inside = {row.address_key for row in found if row.mailout_id == taken.id}
    late = [Excluded(one.address, _LATE) for one in audience.recipients if one.address_key not in inside]
    return people, [*(one for one in audience.excluded if one.address.casefold() not in inside), *late]


def _delivered(row: Any, advances: dict[str, Any], tiers: dict[int, str]) -> dict[str, Any]:
    """Mailout, wave and state of one delivery: the advance copy, where that is what she has or will have."""
    advance = advances.get(row.address_key)
    copy = row if advance is None or not _stands(advance.state, row.state) else advance
    wave = tiers.get(copy.mailout_id, "")
    return {
        "address": row.address,
        "name": row.name,
        "outlet": row.outlet or "",
        "language": row.language,
        "mailout": plan.ADVANCE if wave else plan.RELEASE,
        "wave": wave,
        "reasons": list(row.reasons),
        "state": copy.state,
    }


def _stands(advance: str, release: str) -> bool:
    """Whether an advance copy counts: had or refused for good; not while the release copy takes its place."""
    if advance in COVERED:
        return True
    return release == "queued" and advance not in ("cancelled", "expired", "suppressed")
