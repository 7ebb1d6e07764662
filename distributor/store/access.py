"""Embargo access: the grant that there is, those before it, suspensions and strikes.

`holds` and `suspended` are the conditions that the guard asks with every intent; `suspensions_now` is the
same for the matching. A grant that was taken back keeps its row, so that no list file gives it again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import BindParameter

from distributor.model.access import AccessRecord, Granted, Strike, Suspension
from distributor.policy.lifecycle import DeliveryState, MailoutState
from distributor.store import rows

_a, _p, _s, _k = rows.access.c, rows.access_past.c, rows.suspension.c, rows.strike.c
_c = rows.contact.c

_GRANT = ("tier", "criterion", "granted_by", "granted_at", "terms", "accepted", "until")
_ENDED = ("ended_at", "ended_by", "ended_reason")
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Whose:
    """A person (`contact_id`), or all of an outlet (`outlet`, and folded `outlet_key`)."""

    publisher_id: str
    contact_id: int | None = None
    outlet: str = ""
    outlet_key: str = ""


# conditions


def holds(now: datetime | BindParameter[Any]) -> ColumnElement[bool]:
    """The grant of a row of `access` is in force."""
    return and_(_a.ended_at.is_(None), or_(_a.until.is_(None), _a.until > now))


def suspended(now: datetime | BindParameter[Any], *, contact_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """She, or the outlet that she works for now, is suspended."""
    s, c = rows.suspension.alias("s_now").c, rows.contact.alias("c_now").c
    hers = or_(s.contact_id == c.id, and_(s.outlet_key != "", s.outlet_key == c.outlet_key))
    return (
        select(s.id)
        .where(s.ended_at.is_(None), s.until > now, c.id == contact_id)
        .where(s.publisher_id == c.publisher_id, hers)
        .exists()
    )


@dataclass(frozen=True, slots=True)
class SuspendedNow:
    """Whose access is suspended."""

    contacts: frozenset[int]
    outlets: frozenset[str]


def suspensions_now(connection: Connection, *, publisher_id: str, now: datetime) -> SuspendedNow:
    """All that are in force, for the matching of everybody."""
    found = connection.execute(_SUSPENDED, {"publisher": publisher_id, "now": now}).all()
    people = frozenset(row.contact_id for row in found if row.contact_id is not None)
    return SuspendedNow(people, frozenset(row.outlet_key for row in found if row.outlet_key))


_SUSPENDED = select(_s.contact_id, _s.outlet_key).where(
    _s.publisher_id == bindparam("publisher"),
    _s.ended_at.is_(None),
    _s.until > bindparam("now", type_=_s.until.type),
)


def tier_now(connection: Connection, *, contact_id: int, now: datetime) -> str | None:
    """The tier whose embargoed text she may have at this instant; None: she may not."""
    tier: str | None = connection.scalar(
        select(_a.tier).where(
            _a.contact_id == contact_id, holds(now), ~suspended(now, contact_id=_a.contact_id)
        )
    )
    return tier


# what there is


def record(connection: Connection, whose: Whose) -> AccessRecord:
    """All of a person, with what concerns her outlet; or all of an outlet."""
    return AccessRecord(
        now=_now(connection, whose),
        before=_before(connection, whose),
        suspensions=_suspensions(connection, whose),
        strikes=_strikes(connection, whose),
    )


def _now(connection: Connection, whose: Whose) -> Granted | None:
    row = connection.execute(select(rows.access).where(_a.contact_id == whose.contact_id)).first()
    return _granted(row) if row else None


def _before(connection: Connection, whose: Whose) -> tuple[Granted, ...]:
    asked = select(rows.access_past).where(_p.contact_id == whose.contact_id).order_by(_p.id)
    return tuple(_granted(row) for row in connection.execute(asked))


def _granted(row: Row[Any]) -> Granted:
    return Granted(
        tier=row.tier,
        criterion=row.criterion,
        by=row.granted_by,
        at=row.granted_at,
        terms=row.terms,
        accepted=row.accepted,
        until=row.until,
        **{name: getattr(row, name) for name in _ENDED},
    )


def _suspensions(connection: Connection, whose: Whose) -> tuple[Suspension, ...]:
    asked = select(rows.suspension).where(_concerns(_s, whose)).order_by(_s.id)
    facts = ("outlet", "reason", "by", "at", "until", *_ENDED)
    return tuple(
        Suspension(**{name: getattr(row, name) for name in facts}) for row in connection.execute(asked)
    )


def _strikes(connection: Connection, whose: Whose) -> tuple[Strike, ...]:
    asked = (
        select(rows.strike, rows.release.c.reference)
        .join(rows.release, rows.release.c.id == _k.release_id)
        .where(_concerns(_k, whose))
        .order_by(_k.id)
    )
    facts = ("outlet", "reference", "reason", "by", "at", "expires_at", "reply", "reply_at")
    return tuple(Strike(**{name: getattr(row, name) for name in facts}) for row in connection.execute(asked))


def _concerns(columns: Any, whose: Whose) -> ColumnElement[bool]:
    of_outlet = and_(columns.outlet_key != "", columns.outlet_key == whose.outlet_key)
    return and_(
        columns.publisher_id == whose.publisher_id, or_(columns.contact_id == whose.contact_id, of_outlet)
    )


def outlets(connection: Connection, *, publisher_id: str) -> dict[str, str]:
    """The outlets of contacts, as one of them is written, by folded name."""
    asked = select(_c.outlet_key, _c.outlet).where(_c.publisher_id == publisher_id, _c.outlet_key != "")
    found: dict[str, str] = {}
    for row in connection.execute(asked.distinct().order_by(_c.outlet)):
        found.setdefault(row.outlet_key, " ".join(row.outlet.split()))
    return found


def staff(connection: Connection, whose: Whose) -> int:
    """How many contacts an outlet has."""
    where = (_c.publisher_id == whose.publisher_id, _c.outlet_key == whose.outlet_key)
    return len(connection.execute(select(_c.id).where(*where)).all())


def under_way(connection: Connection, whose: Whose) -> int:
    """How many advance copies to her, or to anybody of the outlet, are with a worker now."""
    d, m = rows.delivery.c, rows.mailout.c
    hers = _c.id == whose.contact_id if whose.contact_id is not None else _c.outlet_key == whose.outlet_key
    concerned = select(_c.id).where(_c.publisher_id == whose.publisher_id, hers)
    advance = select(m.id).where(
        m.publisher_id == whose.publisher_id, m.kind == "advance", m.state == MailoutState.SENDING.value
    )
    handing = (d.state == DeliveryState.SENDING.value, d.mailout_id.in_(advance))
    found = select(func.count()).select_from(rows.delivery).where(*handing, d.contact_id.in_(concerned))
    return int(connection.execute(found).scalar_one())


# changes


def grant(connection: Connection, *, contact_id: int, granted: Granted) -> None:
    """She has this access, instead of what she had."""
    put_by(connection, contact_ids=[contact_id], now=granted.at, by=granted.by, reason="granted anew")
    connection.execute(delete(rows.access).where(_a.contact_id == contact_id))
    values = {name: getattr(granted, name) for name in ("tier", "criterion", "terms", "accepted", "until")}
    told = {"contact_id": contact_id, "granted_by": granted.by, "granted_at": granted.at} | values
    connection.execute(insert(rows.access).values(**told, ended_at=None, ended_by=None, ended_reason=""))


def revoke(connection: Connection, *, contact_id: int, now: datetime, by: str, reason: str) -> bool:
    """Her access is taken back; False when she has none. No list file gives it again."""
    ended = connection.execute(
        update(rows.access)
        .where(_a.contact_id == contact_id, _a.ended_at.is_(None))
        .values(ended_at=now, ended_by=by, ended_reason=reason)
    )
    return bool(ended.rowcount)


def put_by(
    connection: Connection, *, contact_ids: Sequence[int], now: datetime, by: str, reason: str
) -> None:
    """Keep what they had for the record, before something else takes its place."""
    for start in range(0, len(contact_ids), _CHUNK):
        hers = rows.access.select().where(_a.contact_id.in_(contact_ids[start : start + _CHUNK]))
        found = connection.execute(hers).all()
        ended = {"ended_at": now, "ended_by": by, "ended_reason": reason}
        past = [
            {name: getattr(row, name) for name in ("contact_id", *_GRANT)}
            | ({name: getattr(row, name) for name in _ENDED} if row.ended_at else ended)
            for row in found
        ]
        if past:
            connection.execute(insert(rows.access_past), past)


def suspend(
    connection: Connection, *, whose: Whose, now: datetime, until: datetime, by: str, reason: str
) -> None:
    """No advance copies until then, whatever grant there is or comes."""
    connection.execute(
        insert(rows.suspension).values(
            **_values(whose), reason=reason, by=by, at=now, until=until, ended_at=None, ended_reason=""
        )
    )


def reinstate(connection: Connection, *, whose: Whose, now: datetime, by: str, reason: str) -> int:
    """End the suspensions of this person, or of this outlet; how many there were."""
    mine = _s.contact_id == whose.contact_id if whose.contact_id else _s.outlet_key == whose.outlet_key
    ended = connection.execute(
        update(rows.suspension)
        .where(_s.publisher_id == whose.publisher_id, mine, _s.ended_at.is_(None), _s.until > now)
        .values(ended_at=now, ended_by=by, ended_reason=reason)
    )
    return ended.rowcount


def strike(
    connection: Connection,
    *,
    whose: Whose,
    release_id: int,
    now: datetime,
    expires_at: datetime,
    by: str,
    reason: str,
) -> None:
    """It counts against them that they broke this release's embargo."""
    connection.execute(
        insert(rows.strike).values(
            **_values(whose),
            release_id=release_id,
            reason=reason,
            by=by,
            at=now,
            expires_at=expires_at,
            reply="",
            reply_at=None,
        )
    )


def note_reply(connection: Connection, *, whose: Whose, release_id: int, now: datetime, reply: str) -> bool:
    """What they say to the strike; False when there is none for this release."""
    mine = _k.contact_id == whose.contact_id if whose.contact_id else _k.outlet_key == whose.outlet_key
    noted = connection.execute(
        update(rows.strike)
        .where(_k.publisher_id == whose.publisher_id, mine, _k.release_id == release_id)
        .values(reply=reply, reply_at=now)
    )
    return bool(noted.rowcount)


def _values(whose: Whose) -> dict[str, Any]:
    names: Collection[str] = ("publisher_id", "contact_id", "outlet", "outlet_key")
    return {name: getattr(whose, name) for name in names}
