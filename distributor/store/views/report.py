"""A release for whoever answers for it: how many had it, where, how fast, why not; the notices. Reads only.

Counts only: no address and no name of a person. The headline is in it once the release is out, and not
before (law 1); nothing else of the text ever is.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, select

from distributor.model.notice import NOTICES
from distributor.model.release import Release
from distributor.policy import outcomes
from distributor.policy.lifecycle import DeliveryState, MailoutState, ReleaseState
from distributor.policy.plan import ADVANCE, RELEASE
from distributor.store import log, mailouts, rows
from distributor.store.mailouts import Mailout
from distributor.store.views import reach, spread
from distributor.store.views.releases import held, state, written
from distributor.store.views.unreached import PHONED, phoned

d = rows.delivery.c

_TOLD = {
    "accepted": (DeliveryState.SENT,),
    "returned": (DeliveryState.BOUNCED,),
    "may_have_it": (DeliveryState.DOUBTFUL, DeliveryState.SENDING),
    "trying": (DeliveryState.QUEUED, DeliveryState.DEFERRED),
    "to_phone": (DeliveryState.REJECTED, DeliveryState.EXPIRED, DeliveryState.SUPPRESSED),
    "phoned": (PHONED,),
    "overtaken": (DeliveryState.CANCELLED,),
}


def document(connection: Connection, release: Release, *, now: datetime) -> dict[str, Any]:
    """The report as it is at `now`."""
    stored = mailouts.of_release(connection, release_id=release.id)
    groups = reach.groups(connection, release_id=release.id)
    return {
        **_release(release, now=now),
        "made": now,
        "people": sum(groups.values()),
        "planned": release.latest.audience_size,
        "groups": groups,
        "not_sent": reach.why_not(
            connection, release_id=release.id, withdrawn=release.state == ReleaseState.WITHDRAWN
        ),
        "by": reach.by_what_is_known(connection, release_id=release.id),
        "waves": _waves(connection, release, stored),
        "notices": [_notice(connection, one) for one in stored if one.kind in NOTICES],
        "head": log.last(connection, name=log.OFFICE).hash or None,
    }


def _release(release: Release, *, now: datetime) -> dict[str, Any]:
    revision = release.in_force or release.latest
    public = is_out(release, now=now)
    return {
        "reference": release.reference,
        "type": revision.type,
        "headline": revision.versions[0].headline if public else None,
        "languages": list(revision.languages),
        "state": state(release=release.state, revision=release.latest.state),
        "revision": revision.number,
        "embargo": written(release.embargo or revision.sending.embargo),
        "expected": release.embargo.expected,
        "published": release.published_at,
        "held": held(release.held),
    }


def is_out(release: Release, *, now: datetime) -> bool:
    """True when its text was let out: it has gone to everybody, and no embargo is in force."""
    return release.published_at is not None and not release.embargo.in_force(now)


def _waves(connection: Connection, release: Release, stored: list[Mailout]) -> list[dict[str, Any]]:
    """`again`: one that was planned anew, for those who still waited."""
    counted = reach.by_mailout(connection, release_id=release.id)
    texts = [one for one in stored if one.kind in (ADVANCE, RELEASE) and (one.id in counted or _stands(one))]
    waves = [_wave(connection, one, counted) for one in texts]
    names = [(one.kind, one.wave, one.extra) for one in texts]
    return [
        {**wave, "again": name in names[:n]} for n, (wave, name) in enumerate(zip(waves, names, strict=True))
    ]


def _stands(mailout: Mailout) -> bool:
    """What was planned anew before anything of it had gone tells nothing."""
    return not mailout.replaced and mailout.state != MailoutState.CANCELLED


def _wave(
    connection: Connection, mailout: Mailout, counted: dict[int, tuple[reach.Counts, int]]
) -> dict[str, Any]:
    groups, elsewhere = counted.get(mailout.id, (dict.fromkeys(outcomes.GROUPS, 0), 0))
    return {
        **_mailout(mailout),
        "wave": mailout.wave,
        "extra": mailout.extra,
        "replaced": mailout.replaced,
        "people": sum(groups.values()),
        "groups": groups,
        "had_it_before": elsewhere,
        "spread": spread.of_mailout(connection, id=mailout.id, due=mailout.due),
    }


def _notice(connection: Connection, mailout: Mailout) -> dict[str, Any]:
    numbers = _ended(connection, mailout)
    told = {name: sum(numbers[one] for one in states) for name, states in _TOLD.items()}
    return {
        **_mailout(mailout),
        "people": sum(told.values()),
        "groups": told,
        "spread": spread.of_mailout(connection, id=mailout.id, due=mailout.due),
    }


def _ended(connection: Connection, mailout: Mailout) -> Counter[str]:
    """How many deliveries are in each state; those told by phone apart."""
    ended = case((phoned(), PHONED), else_=d.state).label("ended")
    ends = select(ended).where(d.mailout_id == mailout.id).subquery()
    query = select(ends.c.ended, func.count()).group_by(ends.c.ended)
    return Counter({row.ended: row[1] for row in connection.execute(query)})


def _mailout(mailout: Mailout) -> dict[str, Any]:
    return {
        "mailout": mailout.id,
        "kind": mailout.kind,
        "due": mailout.due,
        "state": mailout.state,
        "held": held(mailout.held),
    }
