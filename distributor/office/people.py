"""Verb: add somebody to a release's audience, or leave somebody out, for this release alone.

An audience is bound by approval, so it is a new draft revision with the same words, to be approved like any
other. Once its text has begun to go out `office.copies` sends it to more, and nobody is taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from distributor.errors import Refused
from distributor.model.address import Address
from distributor.model.notice import TEXTS
from distributor.model.publisher import Publisher
from distributor.model.release import Choice, Release
from distributor.store import log, mailouts, releases, revisions
from distributor.store.database import Connection, Store

_BEGUN = ("sending", "finished")


@dataclass(frozen=True, slots=True)
class Chosen:
    """`revision`: the draft that says so; it waits for approval."""

    reference: str
    revision: int


def choose(
    store: Store,
    *,
    actor: str,
    now: datetime,
    publisher: Publisher,
    reference: str,
    add: Sequence[Address] = (),
    leave_out: Sequence[Address] = (),
) -> Chosen:
    """The last word on each counts. Silence wins over it (`policy.audience`).

    Raises NotFound, Refused: nobody named, nothing new, withdrawn, or it has begun to go out.
    """
    wanted = [(address, True) for address in add] + [(address, False) for address in leave_out]
    said = {address.key: Choice(address.text, actor, gets) for address, gets in wanted}
    with store.write() as connection:
        release = releases.get(connection, publisher_id=publisher.id, reference=reference)
        releases.lock(connection, release_id=release.id)
        _changeable(connection, release)
        before = release.waiting or release.in_force or release.latest
        kept = {Address.parse(one.address).key: one for one in before.sending.people}
        fresh = {key: one for key, one in said.items() if key not in kept or kept[key].gets != one.gets}
        if not fresh:
            raise Refused("that is said of all of them already, or nobody is named", where=reference)
        number = revisions.add(
            connection,
            release_id=release.id,
            type=before.type,
            sending=replace(before.sending, people=tuple((kept | fresh).values())),
            versions=before.versions,
            sha256=before.sha256,
            warnings=before.warnings,
            embargo_traces=before.embargo_traces,
            now=now,
            actor=actor,
        )
        log.record(
            connection, log.Event("drafted", now, actor, release_id=release.id, detail=_told(number, fresh))
        )
    return Chosen(reference, number)


def _changeable(connection: Connection, release: Release) -> None:
    if release.state == "withdrawn":
        raise Refused("it was withdrawn", where=release.reference)
    planned = mailouts.of_release(connection, release_id=release.id)
    if any(one.kind in TEXTS and one.state in _BEGUN for one in planned):
        raise Refused(
            "its text has begun to go out",
            where=release.reference,
            cure=f"To send it to more people: distributor release copy {release.reference} ADDRESS",
        )


def _told(number: int, fresh: dict[str, Choice]) -> str:
    added = sum(one.gets for one in fresh.values())
    return f"revision {number}: {added} added, {len(fresh) - added} left out"
