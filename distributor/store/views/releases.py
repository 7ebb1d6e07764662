"""A release as one document, and the list of all releases. Reads only; hashes of proofs are given to it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, ScalarSelect, Select, bindparam, func, select

from distributor.model.draft_json import version_to_json
from distributor.model.embargo import Embargo
from distributor.model.release import Held, Release, Revision
from distributor.policy.revisions import diff
from distributor.store import rows
from distributor.store.mailouts import of_release
from distributor.store.views import approvals

r, v, t, m = rows.release.c, rows.revision.c, rows.version.c, rows.mailout.c


def shown(
    connection: Connection, release: Release, *, zone: str, hash: str | None, warnings: Sequence[str] = ()
) -> dict[str, Any]:
    """The latest revision with everything around it. `hash` is what `approve --seen` asks for.

    What changed is told with times in `zone`.
    """
    revision = release.latest
    embargo = release.embargo if revision.state == "approved" else revision.sending.embargo
    mailouts = [_mailout(one, one.held) for one in of_release(connection, release_id=release.id)]
    return {
        "reference": release.reference,
        "publisher": release.publisher_id,
        "type": revision.type,
        "state": state(release=release.state, revision=revision.state),
        "revision": revision.number,
        "in_force": release.in_force.number if release.in_force else None,
        "embargo": written(embargo),
        "expected": embargo.expected,
        "send_at": revision.sending.send_at,
        "advance": [{"tier": w.tier, "at": w.instant(embargo)} for w in revision.sending.waves],
        **{name: list(getattr(revision.sending, name)) for name in ("topics", "lists", "exclude", "also")},
        "people": [choice._asdict() for choice in revision.sending.people],
        "approved": approval(revision),
        "approvals": approvals.of_release(connection, release, hash=hash),
        "held": held(release.held) or _asked(mailouts),
        "mailouts": mailouts,
        "versions": [version_to_json(version) for version in revision.versions],
        "warnings": [*revision.warnings, *warnings],
        "hash": hash,
        "diff": list(changes(release, zone=zone)),
    }


def state(*, release: str, revision: str) -> str:
    """One word for where a release stands: the revision's state until its text is out or withdrawn."""
    return revision if release == "open" or (revision == "draft" and release != "withdrawn") else release


def written(embargo: Embargo) -> Any:
    """The instant, "until lifted", or None."""
    return "until lifted" if embargo.until_lifted else embargo.instant


def approval(revision: Revision) -> dict[str, Any] | None:
    approved = revision.approved
    return {"by": approved.by, "at": approved.at, "hash": approved.hash} if approved else None


def held(fact: Held | None) -> dict[str, Any] | None:
    return {"reason": fact.reason, "by": fact.by, "at": fact.at} if fact else None


def changes(release: Release, *, zone: str) -> tuple[str, ...]:
    """What the latest revision changes against the one before it."""
    return diff(*release.revisions[-2:], zone=zone) if len(release.revisions) > 1 else ()


def _asked(mailouts: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    return next((one["held"] for one in mailouts if one["held"] and one["state"] not in _OVER), None)


_OVER = ("finished", "cancelled")


def _mailout(one: Any, fact: Held | None) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "wave": one.wave,
        "due": one.due,
        "state": one.state,
        "held": held(fact),
    }


def _fact(row: Row[Any]) -> Held | None:
    return Held(row.held_reason or "", row.held_by or "", row.held_at) if row.held_at else None


def listing(
    connection: Connection, *, publisher_id: str, limit: int | None, offset: int = 0, find: str = ""
) -> list[dict[str, Any]]:
    """The newest releases, each by its latest revision, without their texts.

    `find`: only those with this in their reference or headline.
    """
    shown = select(r.id).where(r.publisher_id == publisher_id).order_by(*_NEWEST).limit(limit).offset(offset)
    if find:
        shown = shown.where(r.search_text.contains(find.casefold(), autoescape=True))
    found = connection.execute(_LINES, {"ids": connection.scalars(shown).all()}).all()
    languages = _languages(connection, [row.revision_id for row in found])
    mailouts = _mailouts(connection, [row.id for row in found])
    return [_line(row, languages.get(row.revision_id, []), mailouts[row.id]) for row in found]


_HEADLINE = t.content["headline"].as_string().label("headline")
_NEWEST = (r.created_at.desc(), r.id.desc())


def _texts(query: Select[Any]) -> Select[Any]:
    """Releases with their latest revisions, each with its original."""
    return (
        query.select_from(rows.release)
        .join(rows.revision, (v.release_id == r.id) & (v.number == _number()))
        .join(rows.version, (t.revision_id == v.id) & (t.position == 0))
    )


def _number(**facts: str) -> ScalarSelect[Any]:
    """The highest number among a release's revisions with these facts."""
    other = rows.revision.alias().c
    where = [other[name] == value for name, value in facts.items()]
    query = select(func.max(other.number)).where(other.release_id == r.id, *where)
    return query.correlate(rows.release).scalar_subquery()


_SAID = (
    v.id.label("revision_id"),
    v.number,
    v.state.label("revision_state"),
    v.embargo.label("said_embargo"),
    v.until_lifted.label("said_until_lifted"),
    v.send_at,
)


def _languages(connection: Connection, revisions: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in connection.execute(_LANGUAGES, {"ids": revisions}):
        found.setdefault(row.revision_id, []).append(row.language)
    return found


def _mailouts(connection: Connection, releases: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {id: [] for id in releases}
    for row in connection.execute(_MAILOUTS, {"ids": releases}):
        found[row.release_id].append(_mailout(row, _fact(row)))
    return found


_IDS: Any = bindparam("ids", expanding=True)
_LINES = (
    _texts(
        select(
            *(r.id, r.reference, r.type, r.state, r.embargo, r.until_lifted, r.created_at),
            *(r.held_at, r.held_by, r.held_reason),
            *(*_SAID, _HEADLINE, _number(state="approved").label("in_force")),
        )
    )
    .where(r.id.in_(_IDS))
    .order_by(*_NEWEST)
)
_LANGUAGES = select(t.revision_id, t.language).where(t.revision_id.in_(_IDS)).order_by(t.position)
_MAILOUTS: Select[Any] = (
    select(
        *(m.id, m.release_id, m.kind, m.wave, m.due, m.state),
        *(m.held_at, m.held_by, m.held_reason),
    )
    .where(m.release_id.in_(_IDS))
    .order_by(m.due, m.id)
)


def _line(row: Row[Any], languages: list[str], mailouts: list[dict[str, Any]]) -> dict[str, Any]:
    in_force = row.revision_state == "approved"
    embargo = (
        Embargo(row.embargo, row.until_lifted)
        if in_force
        else Embargo(row.said_embargo, row.said_until_lifted)
    )
    return {
        "reference": row.reference,
        "headline": row.headline,
        "type": row.type,
        "state": state(release=row.state, revision=row.revision_state),
        "revision": row.number,
        "in_force": row.in_force,
        "languages": languages,
        "embargo": written(embargo),
        "send_at": row.send_at,
        "held": held(_fact(row)) or _asked(mailouts),
        "mailouts": mailouts,
        "created": row.created_at,
    }
