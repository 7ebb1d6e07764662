"""THE guard: the one statement that lets a delivery be handed over (laws 1 to 5), and what it leaves.

It changes rows by `policy.lifecycle` alone and writes no log: its caller does, in the same transaction.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from distributor.model.notice import NOTICES, TEXTS
from distributor.policy.lifecycle import DELIVERY, DeliveryState, MailoutState
from distributor.policy.plan import ADVANCE, RELEASE
from distributor.store import access, rows
from distributor.store.columns import UTC
from distributor.store.live import sending_live
from distributor.store.prepared import Prepared, among, each, given, one_of_few
from distributor.store.transitions import allowed, statement

#: A copy in one of these stands for another that was planned: had, or refused for good.
COVERED = (DeliveryState.SENT, DeliveryState.BOUNCED, DeliveryState.REJECTED)

d, m, r, c = rows.delivery.c, rows.mailout.c, rows.release.c, rows.contact.c


def intend(connection: Connection, *, ids: Sequence[int], run_id: int, now: datetime) -> set[int]:
    """THE guard: only the returned deliveries may be handed over, and only by this run.

    The batch is leased by this living run, the mailout is open, its instant has come, nothing is held,
    the release is live, the contact is not silent (a notice goes to the paused too), the address not
    suppressed, the contact of an advance copy still has access, and no other copy of the text is with the
    address of a planned one or on its way there. On PostgreSQL a verb that stops the release waits for this
    transaction, or this one for it: what it does not see under way cannot begin.
    """
    _share(connection, ids)
    return {id for (id,) in _INTEND.run(connection, ids=list(ids), run=run_id, now=now).fetchall()}


def renew(connection: Connection, *, ids: Sequence[int], run_id: int, now: datetime) -> set[int]:
    """Ask again for deliveries that this run has under way and whose intent grew old: which still may go.

    The same conditions; nothing is changed. The others must not be begun: they are handed back.
    """
    _share(connection, ids)
    return {id for (id,) in _RENEW.run(connection, ids=list(ids), run=run_id, now=now).fetchall()}


def _share(connection: Connection, ids: Sequence[int]) -> None:
    if connection.dialect.name != "sqlite":  # which has one writer
        _LOCK.run(connection, ids=list(ids))


def _intend(dialect: str) -> ReturningUpdate[tuple[int]]:
    return statement(
        rows.delivery,
        DELIVERY,
        "intend",
        each(d.id, "ids", dialect),
        *_may_go(dialect),
        run_id=given("run"),
        attempts=d.attempts + 1,
        changed_at=given("now", UTC()),
    ).returning(d.id)


def _renew(dialect: str) -> Select[tuple[int]]:
    mine = (d.state == DeliveryState.SENDING.value, d.run_id == given("run"))
    return select(d.id).where(among(d.id, "ids", dialect), *mine, *_may_go(dialect))


def _may_go(dialect: str) -> tuple[ColumnElement[bool], ...]:
    batch, run, now = rows.batch.c, rows.run.c, given("now", UTC())
    leased = select(batch.id).where(batch.run_id == given("run"), batch.state == "leased")
    living = exists().where(run.id == given("run"), run.ended_at.is_(None))
    open_now = (
        select(m.id)
        .join(rows.release, r.id == m.release_id)
        .where(m.due <= now, now < m.expires_at, sending_live())
    )
    return (
        living,
        one_of_few(d.batch_id, leased, dialect),
        one_of_few(d.mailout_id, open_now, dialect),
        ~_silent(),
        ~_without_access(now),
        ~_covered(*COVERED, DeliveryState.SENDING),
    )


def _lock_releases(dialect: str) -> Select[tuple[int]]:
    """Share the releases' rows with other intents, not with `releases.lock`."""
    mailouts = select(d.mailout_id).where(among(d.id, "ids", dialect))
    of_these = select(m.release_id).where(m.id.in_(mailouts))
    return select(r.id).where(r.id.in_(of_these)).order_by(r.id).with_for_update(read=True)


_INTEND, _RENEW, _LOCK = Prepared(_intend), Prepared(_renew), Prepared(_lock_releases)


def refuse(connection: Connection, *, ids: Sequence[int], now: datetime) -> dict[str, list[int]]:
    """Sort out candidates that the guard left: {event: ids}, after moving them.

    Silent ones are suppressed; those that had another copy, or lost their access before an advance one, are
    cancelled; the others (held, cancelled or expired mailout, another copy under way) are handed back to be
    looked at again: key "hand_back". None expires by a worker's clock, which nobody has judged.
    """
    return {
        event: [id for (id,) in refused.run(connection, ids=list(ids), now=now)]
        for event, refused in _REFUSED.items()
    }


def _refused(event: str, condition: Callable[[BindParameter[Any]], ColumnElement[bool]]) -> Prepared:
    now = given("now", UTC())
    return Prepared(
        lambda dialect: statement(
            rows.delivery, DELIVERY, event, _left(dialect), condition(now), changed_at=now, batch_id=None
        ).returning(d.id)
    )


def _left(dialect: str) -> ColumnElement[bool]:
    return and_(among(d.id, "ids", dialect), allowed(rows.delivery, DELIVERY, "intend"))


def _handed_back(dialect: str) -> ReturningUpdate[tuple[int]]:
    return update(rows.delivery).where(_left(dialect)).values(batch_id=None).returning(d.id)


def _silent() -> ColumnElement[bool]:
    notices = select(m.id).where(m.state == MailoutState.SENDING.value, m.kind.in_(NOTICES))
    waits = and_(c.standing == "paused", (d.mailout_id + 0).in_(notices))
    silent = exists().where(
        c.publisher_id == d.publisher_id, c.address_key == d.address_key, c.standing != "active", ~waits
    )
    s = rows.suppression.c
    suppressed = exists().where(s.publisher_id == d.publisher_id, s.address_key == d.address_key)
    return or_(silent, suppressed)


def _without_access(now: datetime | BindParameter[Any]) -> ColumnElement[bool]:
    """An advance copy for somebody whose embargo access is not, or no longer, that of its wave.

    Ended, past its end, or suspended: hers alone or that of her whole outlet.
    """
    a = rows.access.c
    advance = select(m.id).where(m.state == MailoutState.SENDING.value, m.kind == ADVANCE)
    granted = exists().where(
        a.contact_id == d.contact_id, m.id == d.mailout_id, a.tier == m.wave, access.holds(now)
    )
    stopped = or_(~granted, access.suspended(now, contact_id=d.contact_id))
    return and_((d.mailout_id + 0).in_(advance), stopped)


def _covered(*states: DeliveryState) -> ColumnElement[bool]:
    """Of a planned copy of the text: another one to the same address is in one of `states`.

    An advance copy is not sent again while nobody knows whether the first arrived.
    """
    planned_mailout = rows.mailout.alias("planned_mailout").c
    other_mailout = rows.mailout.alias("other_mailout").c
    other = rows.delivery.alias("other").c
    return exists().where(
        planned_mailout.id == d.mailout_id + 0,
        planned_mailout.kind.in_([ADVANCE, RELEASE]),
        ~planned_mailout.extra,
        other_mailout.release_id == planned_mailout.release_id,
        other_mailout.id != planned_mailout.id,
        other_mailout.kind.in_(TEXTS),
        other.mailout_id == other_mailout.id,
        other.address_key == d.address_key,
        or_(
            other.state.in_([state.value for state in states]),
            and_(planned_mailout.kind == ADVANCE, other.state == DeliveryState.DOUBTFUL.value),
        ),
    )


def cancel_covered(connection: Connection, *, mailout_id: int, now: datetime) -> list[Row[Any]]:
    """Of a release mailout: cancel those who had another copy (or refused it for good).

    Returns what the log needs of each.
    """
    return list(connection.execute(_CANCEL_COVERED, {"mailout": mailout_id, "now": now}))


_CANCEL_COVERED = statement(
    rows.delivery,
    DELIVERY,
    "cancel",
    d.mailout_id == given("mailout"),
    _covered(*COVERED),
    changed_at=given("now", UTC()),
).returning(d.id, d.mailout_id, d.address, d.address_key)

_REFUSED = {  # in this order: what one has moved the next does not find
    "suppress": _refused("suppress", lambda _: _silent()),
    "cancel": _refused("cancel", lambda now: or_(_covered(*COVERED), _without_access(now))),
    "hand_back": Prepared(_handed_back),
}
