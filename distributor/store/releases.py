"""Releases: read whole, made, held, published, withdrawn. What they say at one time is `revisions`."""

import difflib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from distributor.errors import NotFound
from distributor.model.embargo import Embargo
from distributor.model.release import Held, Release
from distributor.policy.lifecycle import RELEASE
from distributor.store import references, revisions, rows
from distributor.store.transitions import move_one, statement

_NEAR = 500  # among how many of the newest a mistyped reference is looked for


def find(connection: Connection, *, publisher_id: str, reference: str) -> Release | None:
    """The release with this reference, or None."""
    row = connection.execute(_FIND, {"publisher": publisher_id, "named": reference}).first()
    return _release(connection, row) if row else None


def get(connection: Connection, *, publisher_id: str, reference: str) -> Release:
    """The release with this reference. Raises NotFound with the likely one."""
    release = find(connection, publisher_id=publisher_id, reference=reference)
    if release is None:
        known = references.known(connection, publisher_id=publisher_id)[:_NEAR]
        close = difflib.get_close_matches(reference, known, n=1)
        cure = f"Did you mean “{close[0]}”?" if close else "“distributor release list” shows all."
        raise NotFound(f"no release has the reference “{reference[:80]}”", cure=cure)
    return release


def by_id(connection: Connection, *, id: int) -> Release:
    """The release with this key."""
    row = connection.execute(_BY_ID, {"id": id}).one()
    return _release(connection, row)


_FIND = select(rows.release).where(
    rows.release.c.publisher_id == bindparam("publisher"), rows.release.c.reference == bindparam("named")
)
_BY_ID = select(rows.release).where(rows.release.c.id == bindparam("id"))


def _release(connection: Connection, row: Row[Any]) -> Release:
    held = Held(row.held_reason or "", row.held_by or "", row.held_at) if row.held_at else None
    return Release(
        id=row.id,
        publisher_id=row.publisher_id,
        reference=row.reference,
        type=row.type,
        state=row.state,
        embargo=Embargo(row.embargo, row.until_lifted, row.expected),
        created_at=row.created_at,
        published_at=row.published_at,
        held=held,
        revisions=revisions.of_release(connection, release_id=row.id),
    )


def add(
    connection: Connection, *, publisher_id: str, reference: str, type: str, now: datetime, actor: str
) -> int:
    """A new release; returns its key."""
    values = {
        "publisher_id": publisher_id,
        "reference": reference,
        "type": type,
        "state": RELEASE.start.value,
    }
    created = {"created_at": now, "created_by": actor, "until_lifted": False}
    return int(connection.execute(_ADD, values | created).scalar_one())


_ADD = insert(rows.release).returning(rows.release.c.id)


def lock(connection: Connection, *, release_id: int) -> None:
    """From now to the end of this transaction no intent for the release is written (SQLite: nor any)."""
    connection.execute(_LOCK, {"id": release_id})


_LOCK = select(rows.release.c.id).where(rows.release.c.id == bindparam("id")).with_for_update(key_share=True)


def hold(connection: Connection, *, release_id: int, held: Held) -> bool:
    """Nothing of the release is handed over until `resume`. False when it is held already."""
    c = rows.release.c
    changed = connection.execute(
        update(rows.release)
        .where(c.id == release_id, c.held_at.is_(None))
        .values(held_at=held.at, held_by=held.by, held_reason=held.reason)
    )
    return bool(changed.rowcount)


def resume(connection: Connection, *, release_id: int) -> bool:
    """Take the release's own hold back; False when there was none."""
    changed = connection.execute(
        update(rows.release)
        .where(rows.release.c.id == release_id, rows.release.c.held_at.is_not(None))
        .values(held_at=None, held_by=None, held_reason=None)
    )
    return bool(changed.rowcount)


def set_embargo(connection: Connection, *, release: Release, embargo: Embargo, hash: str) -> None:
    """The embargo in force is another one; what was approved is bound by `hash` from now on."""
    columns = {"embargo": embargo.instant, "until_lifted": embargo.until_lifted, "expected": embargo.expected}
    connection.execute(update(rows.release).where(rows.release.c.id == release.id).values(**columns))
    v = rows.revision.c
    bound = update(rows.revision).where(v.release_id == release.id, v.state == "approved")
    connection.execute(bound.values(approved_hash=hash))


def publish(connection: Connection, *, release_id: int, now: datetime) -> None:
    """The embargo is over: an open release becomes published; a published one stays so."""
    connection.execute(_PUBLISH, {"release": release_id, "now": now})


_PUBLISH = statement(
    rows.release,
    RELEASE,
    "publish",
    rows.release.c.id == bindparam("release"),
    published_at=bindparam("now", type_=rows.release.c.published_at.type),
)


def withdraw(connection: Connection, *, release_id: int) -> None:
    """Nothing of its text goes out any more. Raises Refused when it was withdrawn before."""
    move_one(connection, rows.release, RELEASE, "withdraw", id=release_id)
