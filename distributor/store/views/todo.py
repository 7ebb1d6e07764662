"""What needs a person, each with the command that answers it. Reads only; no text of a release is in it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, and_, bindparam, exists, or_, select

from distributor.model.notice import TEXTS
from distributor.model.rules import Rules
from distributor.policy import doubt
from distributor.policy.clockface import about, moment
from distributor.policy.numbers import count
from distributor.policy.plan import ADVANCE
from distributor.store import doubts, installation, jumps, rows, runs, servicemail
from distributor.store.views import approvals, stuck, unreached

r, v, m = rows.release.c, rows.revision.c, rows.mailout.c

_NEWS = timedelta(days=3)
_OPEN = ("planned", "prepared", "sending")
_BEGUN = ("sending", "finished")
_OF_DRAFTS = (approvals.APPROVE, "release correct")
_PUBLISHER: BindParameter[str] = bindparam("publisher")
_AT = bindparam("at", type_=m.due.type)


def document(
    connection: Connection, *, publisher_id: str, rules: Rules, now: datetime
) -> list[dict[str, Any]]:
    """Oldest first: {"kind", "what", "reference", "since", "answer"}."""
    found = [
        *_copied(connection, now=now),
        *_clock(connection),
        *_relays(connection),
        *_unwritten(connection, now=now),
        *_drafts(connection, publisher_id=publisher_id, rules=rules, now=now),
        *_held_releases(connection, publisher_id=publisher_id),
        *_held_mailouts(connection, publisher_id=publisher_id),
        *_doubtful(connection, publisher_id=publisher_id, rules=rules, now=now),
        *_not_opened(connection, publisher_id=publisher_id, now=now),
        *_unserved(connection, publisher_id=publisher_id, now=now),
        *_nobody_reached(connection, publisher_id=publisher_id, now=now),
        *_expected(connection, publisher_id=publisher_id, rules=rules, now=now),
        *_unreached(connection, publisher_id=publisher_id, now=now),
        *_untold(connection, publisher_id=publisher_id, now=now),
    ]
    return sorted(found, key=lambda one: (one["since"], one["reference"] or ""))


def waiting(connection: Connection, *, publisher_id: str, now: datetime) -> list[dict[str, Any]]:
    """Why what is due does not go: a copy, the relays, what holds it. The entries of `document`."""
    due = set(connection.scalars(_DUE, {"publisher": publisher_id, "at": now}))
    held = [
        *_held_releases(connection, publisher_id=publisher_id),
        *_held_mailouts(connection, publisher_id=publisher_id),
    ]
    copied = _copied(connection, now=now) if due else []
    return [*copied, *_relays(connection), *(one for one in held if one["reference"] in due)]


_DUE = (
    select(r.reference)
    .join(rows.mailout, r.id == m.release_id)
    .where(m.publisher_id == _PUBLISHER, m.due <= _AT, m.state.in_(_OPEN))
)


def approvals_wanted(
    connection: Connection, *, publisher_id: str, rules: Rules, now: datetime
) -> list[dict[str, Any]]:
    """What waits for an approver, and for nothing else first. The entries of `document`."""
    asked = _drafts(connection, publisher_id=publisher_id, rules=rules, now=now)
    return [one for one in asked if not one["answer"].startswith("distributor release add")]


def by_itself(
    connection: Connection, *, publisher_id: str, rules: Rules, now: datetime
) -> list[dict[str, Any]]:
    """What looks like trouble and needs nobody: doubt that the rule settles, by release. As `document`."""
    found: dict[str, list[Row[Any]]] = {}
    for row in doubts.doubtful(connection):
        if row.publisher_id == publisher_id and doubt.resend_by_rule(row, now=now, rules=rules):
            found.setdefault(row.reference, []).append(row)
    again = "sent again, with the same Message-ID, by “distributor run” or the next “send-due”"
    return [
        _entry(
            "doubt",
            f"{_unseen(mine)}: {'it is' if len(mine) == 1 else 'they are'} {again}",
            reference,
            mine[0].changed_at,
            "doubt list",
        )
        for reference, mine in found.items()
    ]


def _unseen(found: Sequence[Row[Any]]) -> str:
    return f"{count(len(found), 'delivery', 'deliveries')} may have gone out unseen"


def _entry(kind: str, what: str, reference: str | None, since: datetime, answer: str) -> dict[str, Any]:
    answer = f"distributor {answer}"
    return {"kind": kind, "what": what, "reference": reference, "since": since, "answer": answer}


def _copied(connection: Connection, *, now: datetime) -> list[dict[str, Any]]:
    reason = installation.copied(connection)
    if reason is None:
        return []
    return [_entry("copy", f"nothing is sent: {reason}", None, now, "check --confirm-copy")]


def _clock(connection: Connection) -> list[dict[str, Any]]:
    jump = jumps.unconfirmed(connection)
    if jump is None:
        return []
    what = f"the clock went ahead by {about(jump.ahead)}: what has an embargo asks before it opens"
    return [_entry("clock", what, None, jump.at, "check --confirm-clock")]


def _relays(connection: Connection) -> list[dict[str, Any]]:
    trouble = runs.trouble(connection)
    if trouble is None:
        return []
    return [_entry("relay", f"nothing can be handed over: {trouble.reason}", None, trouble.since, "check")]


def _unwritten(connection: Connection, *, now: datetime) -> list[dict[str, Any]]:
    since = stuck.unwritten(connection, now=now)
    if since is None:
        return []
    what = "a sender cannot write to the database: is it full, locked or read-only?"
    return [_entry("database", what, None, since, "check")]


def _drafts(
    connection: Connection, *, publisher_id: str, rules: Rules, now: datetime
) -> list[dict[str, Any]]:
    found = connection.execute(_DRAFTS, {"publisher": publisher_id, "at": now - _NEWS}).all()
    agreed = approvals.waiting(connection, publisher_id=publisher_id, now=now) if rules.four_eyes else []
    first = {one["revision_id"]: one for one in agreed if one["verb"] in _OF_DRAFTS}
    shown = {row.id for row in found}
    others = [
        _second(one) for one in agreed if one["verb"] not in _OF_DRAFTS or one["revision_id"] not in shown
    ]
    return [*(_draft(row, first=first.get(row.id), now=now) for row in found), *others]


_BEGAN = exists().where(m.release_id == r.id, m.kind.in_(TEXTS), m.state.in_(_BEGUN))
_DRAFTS: Select[Any] = (
    select(
        *(v.id, v.number, v.topics, v.lists, v.also, v.people, v.embargo, v.send_at, v.created_at),
        *(r.reference, _BEGAN.label("begun")),
    )
    .join(rows.release, r.id == v.release_id)
    .where(r.publisher_id == _PUBLISHER, v.state == "draft")
    .where(or_(r.state == "open", and_(r.state == "published", v.created_at > _AT)))
)


def _draft(row: Row[Any], *, first: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    again = f"release add FILE --reference {row.reference}"
    past = row.embargo or row.send_at
    if row.begun:
        if first is not None:
            return _second(first, what=f"revision {row.number}")
        what, answer = "waits to correct what has begun to go out", f"release correct {row.reference}"
    elif not (row.topics or row.lists or row.also or any(one["gets"] for one in row.people)):
        what, answer = "has neither topics nor lists", f"{again} --topics TOPIC"
    elif past is not None and past <= now:
        what, answer = "needs a time that is still to come", f"{again} --embargo TIME"
    elif first is not None:
        return _second(first, what=f"revision {row.number}")
    else:
        what, answer = "waits for approval", f"release approve {row.reference}"
    return _entry("approval", f"revision {row.number} {what}", row.reference, row.created_at, answer)


def _second(agreed: dict[str, Any], *, what: str = "") -> dict[str, Any]:
    """One officer has agreed, with four eyes another has to."""
    what = f"{what or agreed['verb']} waits for a second pair of eyes: {agreed['by']} agreed"
    answer = f"{agreed['repeat']} --as OFFICER"
    return _entry("approval", what, agreed["reference"], agreed["at"], answer)


def _held_releases(connection: Connection, *, publisher_id: str) -> list[dict[str, Any]]:
    return [
        _entry(
            "held",
            f"held by {row.held_by}: {row.held_reason}",
            row.reference,
            row.held_at,
            f"release resume {row.reference}",
        )
        for row in connection.execute(_HELD_RELEASES, {"publisher": publisher_id})
    ]


_HELD_RELEASES = select(r.reference, r.held_at, r.held_by, r.held_reason).where(
    r.publisher_id == _PUBLISHER, r.held_at.is_not(None)
)


def _held_mailouts(connection: Connection, *, publisher_id: str) -> list[dict[str, Any]]:
    return [
        _entry(
            "late" if (row.held_reason or "").startswith("late") else "held",
            f"{_name(row)} held: {row.held_reason}",
            row.reference,
            row.held_at,
            f"release resume {row.reference}",
        )
        for row in connection.execute(_HELD_MAILOUTS, {"publisher": publisher_id})
    ]


_HELD_MAILOUTS: Select[Any] = (
    select(m.kind, m.wave, m.held_at, m.held_reason, r.reference)
    .join(rows.release, r.id == m.release_id)
    .where(m.publisher_id == _PUBLISHER, m.held_at.is_not(None), m.state.in_(_OPEN))
)


def _name(row: Row[Any]) -> str:
    return f"{row.kind} {row.wave}".strip()


def _doubtful(
    connection: Connection, *, publisher_id: str, rules: Rules, now: datetime
) -> list[dict[str, Any]]:
    """One entry for the release and the advance mailouts of each release; not what the rule settles."""
    asked: dict[tuple[str, bool], list[Row[Any]]] = {}
    for row in doubts.doubtful(connection):
        if row.publisher_id == publisher_id and not doubt.resend_by_rule(row, now=now, rules=rules):
            asked.setdefault((row.reference, _over(row, now=now)), []).append(row)
    return [
        _entry(
            "doubt",
            _unseen(found),
            reference,
            found[0].changed_at,
            f"doubt {f'settle {reference} --cancelled' if over else f'resend {reference}'}",
        )
        for (reference, over), found in asked.items()
    ]


def _over(row: Row[Any], *, now: datetime) -> bool:
    """Sending it again is no use: its mailout is over, or the release copy has taken its place."""
    lifted = row.embargo is not None and row.embargo <= now
    return row.mailout_state != "sending" or (row.kind == ADVANCE and lifted)


def _not_opened(connection: Connection, *, publisher_id: str, now: datetime) -> list[dict[str, Any]]:
    """Due, not held and still not open: nothing looks after it."""
    what = "is due and not open: is “distributor run” running?"
    return [
        _entry("late", what, row.reference, row.due, "send-due")
        for row in stuck.not_opened(connection, now=now)
        if row.publisher_id == publisher_id
    ]


def _unserved(connection: Connection, *, publisher_id: str, now: datetime) -> list[dict[str, Any]]:
    what = "is going out, and no sender is at work: is “distributor run” running?"
    return [
        _entry("late", f"{_name(row)} {what}", row.reference, row.opened_at, "send-due")
        for row in stuck.unserved(connection, now=now)
        if row.publisher_id == publisher_id
    ]


def _nobody_reached(connection: Connection, *, publisher_id: str, now: datetime) -> list[dict[str, Any]]:
    return [
        _entry(
            "rejected",
            f"{_name(row)} reached nobody: {stuck.ends(connection, mailout_id=row.id)}",
            row.reference,
            row.finished_at,
            f"log {row.reference}",
        )
        for row in stuck.nobody_reached(connection, now=now)
        if row.publisher_id == publisher_id
    ]


def _expected(
    connection: Connection, *, publisher_id: str, rules: Rules, now: datetime
) -> list[dict[str, Any]]:
    """The time at which it was expected to be lifted has come, and nobody has lifted it."""
    found = connection.execute(_EXPECTED, {"publisher": publisher_id, "at": now})
    return [
        _entry(
            "lift",
            f"embargoed until lifted, expected {moment(row.expected, rules.timezone)}: not lifted yet",
            row.reference,
            row.expected,
            f"release lift {row.reference}",
        )
        for row in found
    ]


_APPROVED = exists().where(v.release_id == r.id, v.state == "approved")
_EXPECTED = select(r.reference, r.expected).where(
    r.publisher_id == _PUBLISHER, r.until_lifted, r.expected <= _AT, r.state == "open", _APPROVED
)


def _unreached(connection: Connection, *, publisher_id: str, now: datetime) -> list[dict[str, Any]]:
    """Who must be phoned: for three days, as long as anybody would still ask."""
    return [
        _entry(
            "phone",
            f"{_people(row.number)} not reached by mail in advance, or with a notice: phone them",
            row.reference,
            row.at,
            f"release unreached {row.reference}",
        )
        for row in unreached.lately(connection, publisher_id=publisher_id, since=now - _NEWS)
    ]


def _untold(connection: Connection, *, publisher_id: str, now: datetime) -> list[dict[str, Any]]:
    """Alerts that were given up."""
    said = {
        servicemail.MAIL: "an alert could not be mailed",
        servicemail.WEBHOOK: "the webhook took no alert for a day, it was given up",
    }
    return [
        _entry("alert", f"{said[one.way]}{f': {one.reason}' if one.reason else ''}", None, one.since, "check")
        for one in servicemail.trouble(connection, publisher_id=publisher_id, since=now - _NEWS)
        if one.given_up
    ]


def _people(number: int) -> str:
    return f"{count(number, 'person', 'people')} {'was' if number == 1 else 'were'}"
