"""Releases, their revisions and versions: read whole, written by draft, approval, hold and publication."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from distributor.errors import NotFound
from distributor.model.draft import Version
from distributor.model.draft_json import version_from_json, version_to_json
from distributor.model.embargo import Embargo, Wave
from distributor.model.release import Approved, Choice, Held, Release, Revision, Sending
from distributor.policy.lifecycle import RELEASE, REVISION, RevisionState
from distributor.store import rows
from distributor.store.transitions import move_one, statement

_NEAR = 500  # among how many of the newest a mistyped reference is looked for


def find(connection: Connection, *, publisher_id: str, reference: str) -> Release | None:
    """The release with this reference, or None."""
    row = connection.execute(_FIND, {"publisher": publisher_id, "named": reference}).first()
    return _release(connection, row) if row else None


_FIND = select(rows.release).where(
    rows.release.c.publisher_id == bindparam("publisher"), rows.release.c.reference == bindparam("named")
)
_BY_ID = select(rows.release).where(rows.release.c.id == bindparam("id"))


def get(connection: Connection, *, publisher_id: str, reference: str) -> Release:
    """The release with this reference. Raises NotFound with the likely one."""
    release = find(connection, publisher_id=publisher_id, reference=reference)
    if release is None:
        known = references(connection, publisher_id=publisher_id)[:_NEAR]
        close = difflib.get_close_matches(reference, known, n=1)
        cure = f"Did you mean “{close[0]}”?" if close else "“distributor release list” shows all."
        raise NotFound(f"no release has the reference “{reference[:80]}”", cure=cure)
    return release


def by_id(connection: Connection, *, id: int) -> Release:
    """The release with this key."""
    row = connection.execute(_BY_ID, {"id": id}).one()
    return _release(connection, row)


def references(connection: Connection, *, publisher_id: str) -> list[str]:
    """All references, newest first."""
    c = rows.release.c
    return list(
        connection.scalars(
            select(c.reference)
            .where(c.publisher_id == publisher_id)
            .order_by(c.created_at.desc(), c.id.desc())
        )
    )


def reference_of(connection: Connection, *, publisher_id: str, sha256: str) -> str | None:
    """The reference of the newest release that was made from just these documents."""
    c, v = rows.release.c, rows.revision.c
    found: str | None = connection.execute(
        select(c.reference)
        .join(rows.revision, v.release_id == c.id)
        .where(c.publisher_id == publisher_id, v.sha256 == sha256)
        .order_by(v.id.desc())
        .limit(1)
    ).scalar()
    return found


def free_reference(connection: Connection, *, publisher_id: str, year: int) -> str:
    """The next of this year's series: 2026-0001, 2026-0002 …"""
    c = rows.release.c
    taken = connection.scalars(
        select(c.reference).where(c.publisher_id == publisher_id, c.reference.like(f"{year}-%"))
    )
    tails = [reference[5:] for reference in taken]
    numbers = [int(tail) for tail in tails if tail.isascii() and tail.isdecimal()]
    return f"{year}-{max(numbers, default=0) + 1:04d}"


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


def add_revision(
    connection: Connection,
    *,
    release_id: int,
    type: str,
    sending: Sending,
    versions: Sequence[Version],
    sha256: str,
    warnings: Sequence[str],
    embargo_traces: Sequence[str] = (),
    now: datetime,
    actor: str,
) -> int:
    """A new draft revision; an older draft is superseded. Returns its number."""
    of_this = {"release": release_id}
    connection.execute(_SUPERSEDE, of_this | {"old": RevisionState.DRAFT.value})
    number = connection.execute(_LAST_NUMBER, of_this).scalar() or 0
    values = {"release_id": release_id, "number": number + 1, "state": REVISION.start.value, "type": type}
    facts = {"warnings": list(warnings), "embargo_traces": list(embargo_traces), "sha256": sha256}
    created = {"created_at": now, "created_by": actor}
    values = values | facts | created | _sending_columns(sending)
    id = int(connection.execute(_ADD_REVISION, values).scalar_one())
    contents = [
        {"revision_id": id, "language": v.language, "position": position, "content": version_to_json(v)}
        for position, v in enumerate(versions)
    ]
    connection.execute(_ADD_VERSIONS, contents)
    return number + 1


v = rows.revision.c
_SUPERSEDE = statement(
    rows.revision, REVISION, "supersede", v.release_id == bindparam("release"), v.state == bindparam("old")
)
_LAST_NUMBER = select(func.max(v.number)).where(v.release_id == bindparam("release"))
_ADD_REVISION = insert(rows.revision).returning(v.id)
_ADD_VERSIONS = insert(rows.version)


def approve(
    connection: Connection,
    *,
    release: Release,
    revision: Revision,
    approval: Approved,
    audience_size: int,
    wave_sizes: Mapping[str, int],
    renderings: dict[tuple[str, str], str],
) -> None:
    """The revision comes into force with these renderings {(form, language): sha256}."""
    connection.execute(_SUPERSEDE, {"release": release.id, "old": RevisionState.APPROVED.value})
    facts = {"approved_at": approval.at, "approved_by": approval.by, "approved_hash": approval.hash}
    move_one(
        connection,
        rows.revision,
        REVISION,
        "approve",
        id=revision.id,
        audience_size=audience_size,
        wave_sizes=dict(wave_sizes),
        **facts,
    )
    embargo = revision.sending.embargo
    connection.execute(
        update(rows.release)
        .where(rows.release.c.id == release.id)
        .values(
            type=revision.type,
            embargo=embargo.instant,
            until_lifted=embargo.until_lifted,
            expected=embargo.expected,
        )
    )
    connection.execute(
        insert(rows.rendering),
        [
            {"revision_id": revision.id, "form": form, "language": language, "sha256": sha256}
            for (form, language), sha256 in sorted(renderings.items())
        ],
    )


def renderings(connection: Connection, *, revision_id: int, form: str) -> dict[str, str]:
    """{language: sha256 of the merge template} as approved."""
    found = connection.execute(_RENDERINGS, {"revision": revision_id, "form": form})
    return {row.language: row.sha256 for row in found}


_RENDERINGS = select(rows.rendering.c.language, rows.rendering.c.sha256).where(
    rows.rendering.c.revision_id == bindparam("revision"), rows.rendering.c.form == bindparam("form")
)


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


def render_again(
    connection: Connection, *, revision_id: int, renderings: Mapping[tuple[str, str], str]
) -> None:
    """These {(form, language): sha256} take the place of those that were approved."""
    c = rows.rendering.c
    for (form, language), sha256 in renderings.items():
        mine = (c.revision_id == revision_id, c.form == form, c.language == language)
        connection.execute(update(rows.rendering).where(*mine).values(sha256=sha256))


def send_as(connection: Connection, *, revision_id: int, sending: Sending) -> None:
    """A draft is to be sent so, whatever its documents say."""
    mine = update(rows.revision).where(rows.revision.c.id == revision_id, rows.revision.c.state == "draft")
    connection.execute(mine.values(**_sending_columns(sending)))


def withdraw(connection: Connection, *, release_id: int) -> None:
    """Nothing of its text goes out any more. Raises Refused when it was withdrawn before."""
    move_one(connection, rows.release, RELEASE, "withdraw", id=release_id)


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
        revisions=_revisions(connection, row.id),
    )


def _revisions(connection: Connection, release_id: int) -> tuple[Revision, ...]:
    found = connection.execute(_REVISIONS, {"release": release_id}).all()
    versions: dict[int, list[Version]] = {row.id: [] for row in found}
    for row in connection.execute(_VERSIONS, {"release": release_id}):
        versions[row.revision_id].append(version_from_json(row.content))
    return tuple(_revision(row, tuple(versions[row.id])) for row in found)


_REVISIONS = (
    select(rows.revision)
    .where(rows.revision.c.release_id == bindparam("release"))
    .order_by(rows.revision.c.number)
)
_VERSIONS = (
    select(rows.version)
    .join(rows.revision, rows.revision.c.id == rows.version.c.revision_id)
    .where(rows.revision.c.release_id == bindparam("release"))
    .order_by(rows.version.c.position)
)


def _revision(row: Row[Any], versions: tuple[Version, ...]) -> Revision:
    approved = Approved(row.approved_by, row.approved_at, row.approved_hash) if row.approved_at else None
    return Revision(
        id=row.id,
        number=row.number,
        state=row.state,
        type=row.type,
        sending=_sending(row),
        versions=versions,
        sha256=row.sha256,
        created_at=row.created_at,
        created_by=row.created_by,
        warnings=tuple(row.warnings),
        embargo_traces=tuple(row.embargo_traces),
        approved=approved,
        audience_size=row.audience_size,
        wave_sizes=row.wave_sizes,
    )


def _sending_columns(sending: Sending) -> dict[str, Any]:
    waves = [
        {
            "tier": wave.tier,
            "at": wave.at.isoformat() if wave.at else None,
            "before_seconds": wave.before.total_seconds() if wave.before is not None else None,
        }
        for wave in sending.waves
    ]
    names: dict[str, list[Any]] = {
        name: list(getattr(sending, name)) for name in ("topics", "lists", "exclude", "also")
    }
    names["people"] = [choice._asdict() for choice in sending.people]
    embargo = asdict(sending.embargo)
    embargo["embargo"] = embargo.pop("instant")
    return {**names, **embargo, "send_at": sending.send_at, "advance": waves}


def _sending(row: Row[Any]) -> Sending:
    waves = tuple(
        Wave(
            tier=wave["tier"],
            at=datetime.fromisoformat(wave["at"]) if wave["at"] else None,
            before=timedelta(seconds=wave["before_seconds"]) if wave["before_seconds"] is not None else None,
        )
        for wave in row.advance
    )
    return Sending(
        topics=tuple(row.topics),
        lists=tuple(row.lists),
        exclude=tuple(row.exclude),
        also=tuple(row.also),
        people=tuple(Choice(**choice) for choice in row.people),
        embargo=Embargo(row.embargo, row.until_lifted, row.expected),
        send_at=row.send_at,
        waves=waves,
    )
