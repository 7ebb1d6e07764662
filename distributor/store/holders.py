"""Who holds the text of a release, or may hold it: whoever must hear of a change (laws 4 and 5).

A copy that a relay took, one whose end is not known, and one that was sent again because its first hand-over
may have gone out unseen, whatever became of the second. Reads only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, and_, bindparam, func, or_, select, union

from distributor.model.notice import TEXTS
from distributor.policy.lifecycle import DeliveryState
from distributor.store import rows

d, m, r, e = rows.delivery.c, rows.mailout.c, rows.release.c, rows.log.c
c, s = rows.contact.c, rows.suppression.c

_HELD = (DeliveryState.SENT, DeliveryState.DOUBTFUL, DeliveryState.SENDING)
#: A copy that ended so after its first hand-over was doubtful proves nothing about that first one.
_PROVES_NOTHING = (
    DeliveryState.QUEUED,
    DeliveryState.DEFERRED,
    DeliveryState.CANCELLED,
    DeliveryState.EXPIRED,
    DeliveryState.SUPPRESSED,
    DeliveryState.REJECTED,
)
_SILENT = ("unsubscribed", "suppressed", "erased")


@dataclass(frozen=True, slots=True)
class Holder:
    """`mailout_id`: by which she had it first; `language`: the version she had last.

    `silence`: why she cannot be told by mail, or "". A pause is no silence here.
    """

    address: str
    address_key: str
    contact_id: int | None
    name: str
    outlet: str
    phone: str
    language: str
    mailout_id: int
    silence: str


def of_release(connection: Connection, *, release_id: int) -> list[Holder]:
    """Every address once, in the order of their copies. As it is within this transaction."""
    return list(_each(connection.execute(_HOLDERS, {"release": release_id})))


def silent(connection: Connection, *, release_id: int) -> list[Holder]:
    """Those of them who cannot be told by mail."""
    return list(_each(connection.execute(_SILENT_ONES, {"release": release_id})))


def number(connection: Connection, *, release_id: int) -> int:
    """How many they are."""
    return int(connection.execute(_NUMBER, {"release": release_id}).scalar_one())


def anybody(connection: Connection, *, release_id: int) -> bool:
    """Whether somebody holds it: quick, however many do."""
    return connection.execute(_ANYBODY, {"release": release_id}).first() is not None


def keys(connection: Connection, *, release_id: int, refused: bool = False) -> frozenset[str]:
    """Their address keys; with `refused` also of those who could not have it, for good."""
    holding = set(connection.scalars(_KEYS, {"release": release_id}))
    if refused:
        holding |= set(connection.scalars(_REFUSED, {"release": release_id}))
    return frozenset(holding)


def served(connection: Connection, *, release_id: int) -> frozenset[str]:
    """Who needs no other copy: the same, with `refused`, but for those to whom one is only under way."""
    return frozenset(connection.scalars(_SERVED, {"release": release_id}))


def sent_again(release_id: int | BindParameter[int]) -> Any:
    """Deliveries that were doubtful and queued again although nothing proved that they had not arrived."""
    unproven = e.detail.like("resend%") & ~e.detail.like("resend, by the relay's log%")
    return select(e.delivery_id).where(e.release_id == release_id, e.kind == "settled", unproven)


_RELEASE = bindparam("release", type_=m.release_id.type)
_MAY = and_(d.state.in_([state.value for state in _PROVES_NOTHING]), d.id.in_(sent_again(_RELEASE)))
_COPIES = (m.release_id == _RELEASE, m.kind.in_(TEXTS))
_HOLDING = (*_COPIES, or_(d.state.in_([state.value for state in _HELD]), _MAY))
_LOST = (*_COPIES, d.state.in_(["rejected", "bounced"]))
_HAD = (*_COPIES, or_(d.state.in_(["sent", "doubtful", "rejected", "bounced"]), _MAY))

_OURS = select(d.address_key).join(rows.mailout, m.id == d.mailout_id)
_KEYS, _REFUSED, _SERVED = (_OURS.where(*where) for where in (_HOLDING, _LOST, _HAD))
_ANYBODY = select(d.id).join(rows.mailout, m.id == d.mailout_id).where(*_HOLDING).limit(1)
_HOLDERS = (
    select(
        *(d.address, d.address_key, d.contact_id, d.name, d.language, d.mailout_id, d.state),
        *(c.outlet, c.phone, c.standing, s.reason.label("suppression")),
    )
    .join(rows.mailout, m.id == d.mailout_id)
    .outerjoin(rows.contact, and_(c.publisher_id == d.publisher_id, c.address_key == d.address_key))
    .outerjoin(rows.suppression, and_(s.publisher_id == d.publisher_id, s.address_key == d.address_key))
    .where(*_HOLDING)
    .order_by(d.id)
)
_WHOSE = select(r.publisher_id).where(r.id == _RELEASE).scalar_subquery()
_SILENT_ONES = _HOLDERS.where(  # from their side: they are few
    d.address_key.in_(
        union(
            select(c.address_key).where(c.publisher_id == _WHOSE, c.standing.in_(_SILENT)),
            select(s.address_key).where(s.publisher_id == _WHOSE),
        )
    )
)
#: PostgreSQL sorts what it counts as distinct itself, and hashes what comes distinct.
_NUMBER = select(func.count()).select_from(_KEYS.distinct().subquery())


def _each(found: Iterable[Row[Any]]) -> Iterable[Holder]:
    copies: dict[str, list[Row[Any]]] = {}
    for row in found:
        copies.setdefault(row.address_key, []).append(row)
    for key, mine in copies.items():
        first = next((row for row in mine if row.state == DeliveryState.SENT), mine[0])
        yield Holder(
            address=first.address,
            address_key=key,
            contact_id=first.contact_id,
            name=first.name,
            outlet=first.outlet or "",
            phone=first.phone or "",
            language=mine[-1].language,
            mailout_id=first.mailout_id,
            silence=_silence(first),
        )


def _silence(row: Row[Any]) -> str:
    if row.suppression is not None:
        return f"suppressed: {row.suppression}" if row.suppression else "suppressed"
    return row.standing if row.standing in _SILENT else ""
