"""Revisions of releases, with their versions and what was rendered of them: drafted, approved, read."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from distributor.model.draft import Version
from distributor.model.draft_json import version_from_json, version_to_json
from distributor.model.release import Approved, Release, Revision, Sending
from distributor.policy.lifecycle import REVISION, RevisionState
from distributor.store import rows
from distributor.store.sending import sending_columns, sending_of
from distributor.store.transitions import move_one, statement

v = rows.revision.c


def of_release(connection: Connection, *, release_id: int) -> tuple[Revision, ...]:
    """All of them, in order of their numbers."""
    found = connection.execute(_REVISIONS, {"release": release_id}).all()
    versions: dict[int, list[Version]] = {row.id: [] for row in found}
    for row in connection.execute(_VERSIONS, {"release": release_id}):
        versions[row.revision_id].append(version_from_json(row.content))
    return tuple(_revision(row, tuple(versions[row.id])) for row in found)


_REVISIONS = select(rows.revision).where(v.release_id == bindparam("release")).order_by(v.number)
_VERSIONS = (
    select(rows.version)
    .join(rows.revision, v.id == rows.version.c.revision_id)
    .where(v.release_id == bindparam("release"))
    .order_by(rows.version.c.position)
)


def _revision(row: Row[Any], versions: tuple[Version, ...]) -> Revision:
    approved = Approved(row.approved_by, row.approved_at, row.approved_hash) if row.approved_at else None
    return Revision(
        id=row.id,
        number=row.number,
        state=row.state,
        type=row.type,
        sending=sending_of(row),
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


def add(
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
    values = values | facts | created | sending_columns(sending)
    id = int(connection.execute(_ADD, values).scalar_one())
    contents = [
        {"revision_id": id, "language": one.language, "position": position, "content": version_to_json(one)}
        for position, one in enumerate(versions)
    ]
    connection.execute(_ADD_VERSIONS, contents)
    connection.execute(_FIND_BY, of_this | {"headline": versions[0].headline.casefold()})
    return number + 1


_SUPERSEDE = statement(
    rows.revision, REVISION, "supersede", v.release_id == bindparam("release"), v.state == bindparam("old")
)
_LAST_NUMBER = select(func.max(v.number)).where(v.release_id == bindparam("release"))
_ADD = insert(rows.revision).returning(v.id)
_ADD_VERSIONS = insert(rows.version)
_FIND_BY = (
    update(rows.release)
    .where(rows.release.c.id == bindparam("release"))
    .values(search_text=func.lower(rows.release.c.reference) + "\n" + bindparam("headline"))
)


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
    mine = update(rows.revision).where(v.id == revision_id, v.state == "draft")
    connection.execute(mine.values(**sending_columns(sending)))
