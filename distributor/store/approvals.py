"""Officers' yes to what needs an approver: to which hash, and when. Kept for good.

Open until the act is done with it (then it counted) or something else was done with the release.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from distributor.policy.eyes import Word
from distributor.store import rows

_a = rows.approval.c


def add(
    connection: Connection,
    *,
    release_id: int,
    revision_id: int,
    verb: str,
    word: Word,
    repeat: str = "",
) -> None:
    """An officer agrees. `repeat`: what the second one writes after “distributor”."""
    values = {"release_id": release_id, "revision_id": revision_id, "verb": verb, "repeat": repeat}
    said = {"by": word.by, "at": word.at, "hash": word.hash}
    connection.execute(insert(rows.approval).values(**values, **said, ended_at=None, counted=False))


def waiting(connection: Connection, *, release_id: int, revision_id: int, verb: str) -> list[Word]:
    """What officers agreed to and is not done yet, oldest first."""
    found = connection.execute(
        select(_a.by, _a.at, _a.hash)
        .where(_a.release_id == release_id, _a.revision_id == revision_id)
        .where(_a.verb == verb, _a.ended_at.is_(None))
        .order_by(_a.id)
    )
    return [Word(row.by, row.at, row.hash) for row in found]


def end(
    connection: Connection,
    *,
    release_id: int,
    now: datetime,
    verb: str = "",
    hash: str = "",
    by: Collection[str] = (),
) -> None:
    """All that is open for this release ends; what `by` said to `verb` and `hash` counted: it is done now."""
    open_ones = update(rows.approval).where(_a.release_id == release_id, _a.ended_at.is_(None))
    these = open_ones.where(_a.verb == verb, _a.hash == hash, _a.by.in_(by))
    connection.execute(these.values(ended_at=now, counted=True))
    connection.execute(open_ones.values(ended_at=now))
