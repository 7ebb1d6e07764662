"""Embargo access as people look at it: one history, and criteria with counts. Reads only.

The counts name nobody, so that an office can publish by which criteria it gives access, and to how many.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, select

from distributor.model.access import AccessRecord, Granted, Strike, Suspension
from distributor.model.contact import Standing
from distributor.store import access, rows

_a, _c, _l = rows.access.c, rows.contact.c, rows.contact_list.c
_s, _k = rows.suspension.c, rows.strike.c

_REACHED = (Standing.ACTIVE.value, Standing.PAUSED.value)


def history(record: AccessRecord) -> list[dict[str, Any]]:
    """What was done, oldest first: {"at", "by", "what", "outlet", "reason"} and what belongs to each kind."""
    grants = [*record.before, *([record.now] if record.now else [])]
    found = [
        *(event for one in grants for event in _of_grant(one)),
        *(event for one in record.suspensions for event in _of_suspension(one)),
        *(event for one in record.strikes for event in _of_strike(one)),
    ]
    return sorted(found, key=lambda event: event["at"])


def _event(what: str, at: datetime, by: str | None, reason: str, **more: Any) -> dict[str, Any]:
    return {"at": at, "by": by, "what": what, "outlet": "", "reason": reason} | more


def _of_grant(one: Granted) -> Iterator[dict[str, Any]]:
    facts = {name: getattr(one, name) for name in ("tier", "terms", "accepted", "until")}
    yield _event("granted", one.at, one.by, one.criterion, **facts)
    if one.ended_at is not None:
        yield _event("ended", one.ended_at, one.ended_by, one.ended_reason, tier=one.tier)


def _of_suspension(one: Suspension) -> Iterator[dict[str, Any]]:
    yield _event("suspended", one.at, one.by, one.reason, outlet=one.outlet, until=one.until)
    if one.ended_at is not None:
        yield _event("reinstated", one.ended_at, one.ended_by, one.ended_reason, outlet=one.outlet)


def _of_strike(one: Strike) -> Iterator[dict[str, Any]]:
    facts = {"outlet": one.outlet, "reference": one.reference}
    yield _event("strike", one.at, one.by, one.reason, **facts, until=one.expires_at)
    if one.reply_at is not None:
        yield _event("reply", one.reply_at, None, one.reply, **facts)


def tiers(connection: Connection, *, publisher_id: str) -> set[str]:
    """The tiers that lists and contacts have."""
    of_lists = select(_l.embargo_access).where(_l.publisher_id == publisher_id)
    of_people = select(_a.tier).join(rows.contact, _c.id == _a.contact_id)
    found = [
        *connection.scalars(of_lists.distinct()),
        *connection.scalars(of_people.where(_c.publisher_id == publisher_id).distinct()),
    ]
    return {tier for tier in found if tier}


def criteria(connection: Connection, *, publisher_id: str, now: datetime) -> dict[str, Any]:
    """Criteria, terms and counts of the access in force, and how much of it is suspended; no names."""
    return {
        "at": now,
        "access": _groups(connection, publisher_id=publisher_id, now=now),
        "suspended": _suspended(connection, publisher_id=publisher_id, now=now),
        "strikes": _strikes(connection, publisher_id=publisher_id, now=now),
    }


def _groups(connection: Connection, *, publisher_id: str, now: datetime) -> list[dict[str, Any]]:
    stopped = case((access.suspended(now, contact_id=_c.id), 1), else_=0)
    outlets = func.count(func.nullif(_c.outlet_key, "").distinct())
    found = connection.execute(
        select(
            *(_a.tier, _a.criterion, _a.terms),
            func.count().label("contacts"),
            outlets.label("outlets"),
            func.sum(stopped).label("suspended"),
        )
        .join(rows.contact, _c.id == _a.contact_id)
        .where(_c.publisher_id == publisher_id, _c.standing.in_(_REACHED), access.holds(now))
        .group_by(_a.tier, _a.criterion, _a.terms)
        .order_by(_a.tier, _a.criterion, _a.terms)
    )
    return [dict(row._mapping) for row in found]


def _suspended(connection: Connection, *, publisher_id: str, now: datetime) -> dict[str, int]:
    """Persons and whole outlets, each once."""
    found = access.suspensions_now(connection, publisher_id=publisher_id, now=now)
    return {"contacts": len(found.contacts), "outlets": len(found.outlets)}


def _strikes(connection: Connection, *, publisher_id: str, now: datetime) -> dict[str, int]:
    counts = select(func.count()).where(_k.publisher_id == publisher_id, _k.expires_at > now)
    return {
        "counting": connection.execute(counts).scalar_one(),
        "answered": connection.execute(counts.where(_k.reply_at.is_not(None))).scalar_one(),
    }
