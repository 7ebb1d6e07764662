"""Verb: withdraw a release. Nothing of its text goes out any more; those who hold it are told to kill it."""

from dataclasses import dataclass
from datetime import datetime
from time import sleep

from distributor.model import notice as kinds
from distributor.model.embargo import Embargo
from distributor.model.notice import Notice
from distributor.office import notices, rest
from distributor.office.notices import House, Told
from distributor.office.settling import Pause
from distributor.policy import changes
from distributor.policy.numbers import count
from distributor.store import approvals, endings, log, mailouts, releases
from distributor.store.database import Connection, Store


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """`under_way`: past their dot when the verb returned; they count as holders, and are told."""

    reference: str
    told: Told
    under_way: int
    warnings: tuple[str, ...]


def withdraw(
    store: Store,
    *,
    actor: str,
    now: datetime,
    reference: str,
    house: House,
    note: str = "",
    pause: Pause = sleep,
) -> Withdrawn:
    """Withdraw it, for good. Raises NotFound, Refused when it was withdrawn before."""
    with rest.at_rest(
        store,
        actor=actor,
        now=now,
        publisher_id=house.publisher.id,
        reference=reference,
        change="its withdrawal",
        check=changes.check_withdraw,
        pause=pause,
    ) as still:
        notice = Notice(kinds.WITHDRAWAL, note=note)
        drawn = notices.draw(store, still.release, notice, embargo=Embargo(), house=house)
        with store.write() as connection:
            still.lock(connection)
            told = _apply(connection, still, drawn, actor=actor, now=now, house=house)
    endings.end(
        store,
        event="cancel",
        actor=actor,
        now=now,
        pseudonym=house.pseudonym,
        release_id=still.release.id,
    )
    return Withdrawn(reference, told, still.under_way, drawn.warnings)


def _apply(
    connection: Connection, still: rest.Rest, drawn: notices.Drawn, *, actor: str, now: datetime, house: House
) -> Told:
    release = still.release
    stored = mailouts.of_release(connection, release_id=release.id)
    releases.withdraw(connection, release_id=release.id)
    releases.resume(connection, release_id=release.id)
    approvals.end(connection, release_id=release.id, now=now)
    mailouts.cancel(connection, ids=[m.id for m in stored if not m.over], now=now)
    told, events = notices.queue(connection, release, drawn, actor=actor, now=now, house=house)
    detail = count(told.told + len(told.unreached), "holds it", "hold it")
    done = log.Event("withdrawn", now, actor, release_id=release.id, detail=detail)
    log.record(connection, done, *events)
    return told
