"""Stage: some time before its instant, a planned mailout gets its audience as deliveries, in batches.

The snapshot: from now on people only drop out. Who exceeds the pace of a domain is put into later batches.
Everybody is a stream: read, sorted on disk, written a batch to a transaction, so that a million cost time and
no memory, and nobody waits long for SQLite's writer. Run again after a crash, it adds whoever is missing,
and nothing when nobody is.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from distributor.mail.reasons import wording
from distributor.model.audience import Recipient
from distributor.model.pacing import Pace
from distributor.model.publisher import Publisher
from distributor.model.release import Held
from distributor.model.rules import Rules
from distributor.policy import order, plan, recipients
from distributor.policy.lifecycle import MailoutState
from distributor.policy.numbers import count
from distributor.policy.pacing import portions
from distributor.store import (
    agenda,
    batches,
    deliveries,
    holders,
    holds,
    lists,
    log,
    mailouts,
    queueing,
    releases,
    sorting,
    topics,
)
from distributor.store.database import Connection, Store
from distributor.store.mailouts import Mailout
from distributor.store.views.revision import recipients_of

ACTOR = "clockwork"
Placed = tuple[int, Recipient]


def run(store: Store, *, now: datetime, rules: Rules, publisher: Publisher) -> int:
    """Prepare the publisher's that are due within `prepare_ahead`; returns how many became so."""
    with store.read() as connection:
        found = agenda.to_prepare(connection, before=now + rules.prepare_ahead)
    soon = [mailout for mailout in found if mailout.publisher_id == publisher.id]
    return sum(_prepare(store, mailout, now=now, rules=rules, publisher=publisher) for mailout in soon)


def _prepare(store: Store, mailout: Mailout, *, now: datetime, rules: Rules, publisher: Publisher) -> bool:
    with store.read() as connection:
        known = deliveries.count(connection, mailout_id=mailout.id)
        everybody = _snapshot(connection, mailout, now=now, rules=rules, publisher=publisher)
        if known:  # somebody died in the middle of this
            everybody = queueing.missing(connection, everybody, mailout_id=mailout.id)
        people = order.fair(everybody, seed=mailout.seed, in_order=sorting.in_order)
        titles = lists.titles(connection, publisher_id=mailout.publisher_id)
        reason = wording(lists=titles, tree=topics.tree(connection))
    size = known
    places = enumerate(people, start=known)
    with store.explained():  # sorting, too, may find a full disk
        for pace, portion in portions(places, domain=_domain, paces=rules.paces, size=batches.SIZE):
            _queue(store, mailout, people=portion, pace=pace, reason=reason, now=now)
            size += len(portion)
    return _finish(store, mailout, size=size, now=now, rules=rules)


def _snapshot(
    connection: Connection, mailout: Mailout, *, now: datetime, rules: Rules, publisher: Publisher
) -> Iterator[Recipient]:
    """Who gets it; embargo access is that of its instant."""
    release = releases.by_id(connection, id=mailout.release_id)
    revision = next(r for r in release.revisions if r.id == mailout.revision_id)
    at = max(now, mailout.due)
    everybody = recipients_of(connection, publisher=publisher, revision=revision, now=at)
    inside = recipients.inside(everybody, patterns=rules.allow_recipients)
    people = recipients.of_mailout(inside, kind=mailout.kind, wave=mailout.wave)
    if mailout.kind != plan.ADVANCE:
        return people
    had = holders.served(connection, release_id=release.id)
    # planned anew: who has it, or refused it, gets no second one; the guard waits for what is under way
    return (person for person in people if person.address_key not in had)


def _domain(placed: Placed) -> str:
    return placed[1].address_key.rpartition("@")[2]


def _queue(
    store: Store,
    mailout: Mailout,
    *,
    people: Sequence[Placed],
    pace: Pace | None,
    reason: Callable[[Recipient], str],
    now: datetime,
) -> None:
    with store.write() as connection:
        if mailouts.state(connection, id=mailout.id) != MailoutState.PLANNED:
            return  # another has prepared it, or it is cancelled
        batch_id = batches.add(
            connection,
            mailout_id=mailout.id,
            priority=mailout.priority,
            not_before=batches.free_step(connection, pace=pace, start=mailout.due) if pace else mailout.due,
            size=len(people),
            domain=pace.domain if pace else "",
        )
        added = queueing.add(
            connection,
            mailout_id=mailout.id,
            publisher_id=mailout.publisher_id,
            batch_id=batch_id,
            recipients=people,
            reason=reason,
            now=now,
        )
        if not added:  # another queued them first
            batches.remove(connection, id=batch_id)


def _finish(store: Store, mailout: Mailout, *, size: int, now: datetime, rules: Rules) -> bool:
    with store.write() as connection:
        if not mailouts.prepared(connection, id=mailout.id):
            return False
        reason = plan.outside_tolerance(expected=mailout.expected_size, actual=size, rules=rules)
        events = [_event("prepared", mailout, count(size, "recipient"), now=now)]
        if reason and holds.hold(connection, id=mailout.id, held=Held(reason, ACTOR, now)):
            events.append(_event("held", mailout, reason, now=now))
        log.record(connection, *events)
        return True


def _event(kind: str, mailout: Mailout, detail: str, *, now: datetime) -> log.Event:
    return log.Event(kind, now, ACTOR, release_id=mailout.release_id, mailout_id=mailout.id, detail=detail)
