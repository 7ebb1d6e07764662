"""Who agreed to what of a release and when, and what waits for a second pair of eyes. Reads only."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from distributor.model.release import Release
from distributor.policy import eyes, rights
from distributor.policy.eyes import Word
from distributor.store import officers, rows

a, r = rows.approval.c, rows.release.c

APPROVE = "release approve"


def of_release(connection: Connection, release: Release, *, hash: str | None) -> list[dict[str, Any]]:
    """Every yes to the release, oldest first. `counts`: it was done with it, or would be with this `hash`."""
    numbers = {revision.id: revision.number for revision in release.revisions}
    found = connection.execute(_OF_RELEASE, {"release": release.id})
    return [
        {
            "by": row.by,
            "at": row.at,
            "verb": row.verb,
            "revision": numbers[row.revision_id],
            "hash": row.hash,
            "done": row.counted,
            "counts": row.counted or (row.ended_at is None and _stands(row, release, hash)),
        }
        for row in found
    ]


_OF_RELEASE = select(rows.approval).where(a.release_id == bindparam("release")).order_by(a.id)


def _stands(row: Any, release: Release, hash: str | None) -> bool:
    return bool(row.verb != APPROVE or (row.revision_id == release.latest.id and row.hash == hash))


def waiting(connection: Connection, *, publisher_id: str, now: datetime) -> list[dict[str, Any]]:
    """What one officer agreed to and another has to: {reference, verb, revision_id, by, at, repeat}.

    Whether the bytes are still the same shows when the second one looks.
    """
    found = connection.execute(_WAITING, {"publisher": publisher_id}).all()
    known = officers.everybody(connection, publisher_id=publisher_id) if found else []
    newest = {(row.reference, row.verb): row for row in found}
    return [
        {name: getattr(row, name) for name in ("reference", "verb", "revision_id", "by", "at", "repeat")}
        for row in newest.values()
        if _good(row, now=now, trusted=[one.name for one in known if rights.may(one.roles, row.verb)])
    ]


_WAITING = (
    select(rows.approval, r.reference)
    .join(rows.release, r.id == a.release_id)
    .where(r.publisher_id == bindparam("publisher"), r.state != "withdrawn", a.ended_at.is_(None))
    .order_by(a.id)
)


def _good(row: Any, *, now: datetime, trusted: Collection[str]) -> bool:
    word = Word(row.by, row.at, row.hash)
    return bool(eyes.standing([word], verb=row.verb, hash=row.hash, now=now, trusted=trusted))
