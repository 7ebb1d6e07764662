"""What of a release is still to be sent is planned anew after its embargo or its text has changed.

The mailouts before are cancelled: whatever was composed for them, with the old time or the old text in it,
cannot go out any more, wherever it waits. Waves that had begun go on at once with those who have nothing yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from distributor.model.embargo import Embargo
from distributor.model.release import Release, Revision
from distributor.model.rules import Rules
from distributor.office.notices import draw_seed
from distributor.policy import plan
from distributor.policy.lifecycle import MailoutState
from distributor.policy.plan import ADVANCE, RELEASE, Planned
from distributor.store import deliveries, log, mailouts
from distributor.store.database import Connection
from distributor.store.mailouts import Mailout

#: A copy under way may still come back: its sender stood still, and handed it back after the change.
_UNSENT = ("queued", "deferred", "sending")


@dataclass(frozen=True, slots=True)
class Replanned:
    """`skipped` says in words which wave is left out and why; `events` are for the caller to record."""

    mailouts: tuple[Planned, ...]
    skipped: tuple[str, ...]
    events: list[log.Event]


def again(
    connection: Connection,
    release: Release,
    revision: Revision,
    *,
    before: Embargo,
    actor: str,
    now: datetime,
    rules: Rules,
) -> Replanned:
    """Cancel what is planned or under way of the text, and plan the rest by `revision`, as it is from now on.

    `before`: the embargo until now. Within the transaction of the change, after the drain.
    """
    stored = [
        m for m in mailouts.of_release(connection, release_id=release.id) if m.kind in (ADVANCE, RELEASE)
    ]
    open_ones = [m for m in stored if not m.over]
    if not stored and not before.until_lifted:  # the stage has not planned it yet, and will
        return Replanned((), (), [])
    decided = plan.decide(revision.sending, approved_at=now, rules=rules)
    rest = {m.id: _left(connection, m) for m in open_ones}
    mailouts.cancel(connection, ids=[m.id for m in open_ones if not rest[m.id]], now=now)
    mailouts.replace(connection, ids=[m.id for m in open_ones if rest[m.id]], now=now)
    wanted = [_wanted(p, stored, rest, before=before, now=now, rules=rules) for p in decided.mailouts]
    planned = [one for one in wanted if one is not None and not mailouts.were_cancelled(stored)]
    events = [_event("cancelled", release, m.id, actor, now, "planned anew") for m in open_ones]
    for one in planned:
        events += _add(connection, release, revision, one, actor=actor, now=now)
    waves = {m.wave for m in open_ones if m.kind == ADVANCE}
    skipped = tuple(words for words in decided.skipped if words.partition(":")[0] in waves)
    return Replanned(tuple(planned), skipped, events)


def _left(connection: Connection, mailout: Mailout) -> bool:
    """Whether somebody of a mailout may have nothing of it yet; everybody, before it has begun."""
    if mailout.state != MailoutState.SENDING:
        return True
    counts = deliveries.counts(connection, mailout_id=mailout.id)
    return any(counts.get(state) for state in _UNSENT)


def _wanted(
    planned: Planned,
    stored: Sequence[Mailout],
    rest: dict[int, bool],
    *,
    before: Embargo,
    now: datetime,
    rules: Rules,
) -> Planned | None:
    """This mailout again, if nobody has cancelled it and it is not over; one that had begun, at once."""
    mine = [m for m in stored if (m.kind, m.wave) == (planned.kind, planned.wave)]
    mine = [m for m in mine if not (m.extra or m.replaced)]
    if not mine:  # never planned: until lifted, or skipped for its time, which may do now
        return planned if planned.kind == ADVANCE or before.until_lifted else None
    last = max(mine, key=lambda m: m.id)
    if not rest.get(last.id):
        return None
    if planned.due > now and last.state != MailoutState.SENDING:
        return planned
    ends = now + rules.expire_release if planned.kind == RELEASE else planned.expires_at
    return replace(planned, due=now, expires_at=ends)


def _add(
    connection: Connection,
    release: Release,
    revision: Revision,
    planned: Planned,
    *,
    actor: str,
    now: datetime,
) -> list[log.Event]:
    begun = planned.kind == ADVANCE and planned.due <= now
    id = mailouts.add(
        connection,
        publisher_id=release.publisher_id,
        release_id=release.id,
        revision_id=revision.id,
        planned=planned,
        seed=draw_seed(),
        expected_size=None if begun else revision.expected(planned.wave),
        now=now,
    )
    if id is None:
        return []
    return [_event("planned", release, id, actor, now, planned.shown)]


def _event(kind: str, release: Release, id: int, actor: str, now: datetime, detail: str) -> log.Event:
    return log.Event(kind, now, actor, release_id=release.id, mailout_id=id, detail=detail)
