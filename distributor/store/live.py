"""The conditions under which a mailout may move on: every stage, lease and intent asks them."""

from sqlalchemy import ColumnElement, and_, exists, or_

from distributor.model.notice import SHORT
from distributor.policy.lifecycle import DeliveryState, MailoutState, ReleaseState
from distributor.store import rows
from distributor.store.installation import original

m, r, d = rows.mailout.c, rows.release.c, rows.delivery.c


def live() -> ColumnElement[bool]:
    """Nothing is held, withdrawn, or in an unconfirmed copy of the database (join mailout and release).

    A notice without text goes out of a release that is held or withdrawn: it says just that.
    """
    goes = and_(r.held_at.is_(None), r.state != ReleaseState.WITHDRAWN.value)
    return and_(m.held_at.is_(None), or_(goes, m.kind.in_(SHORT)), original())


def something_left() -> ColumnElement[bool]:
    """The mailout has deliveries that are still to be handed over, or are being."""
    left = [state.value for state in (DeliveryState.QUEUED, DeliveryState.DEFERRED, DeliveryState.SENDING)]
    return exists().where(d.mailout_id == m.id, d.state.in_(left))


def sending_live() -> ColumnElement[bool]:
    """`live()`, and the mailout is open."""
    return and_(m.state == MailoutState.SENDING.value, live())
