"""An office with years behind it, by SQL alone: releases that went out, one an hour, each to everybody.

Rows as the stages leave them, older than what is there. One delivery of the oldest release was rejected.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, literal, select, update

from distributor.store import rows
from distributor.store.database import Store
from tests.bench.crowd import analyze, select_into

_HEADLINE = "Harbour of Quillhaven opens to every vessel"
_TEXT = "The harbour of Quillhaven takes every vessel from today, said the press office. " * 20

_NONE = ("lists", "exclude", "also", "people", "advance", "warnings", "embargo_traces")


def fill(store: Store, *, releases: int, publisher_id: str, now: datetime) -> None:
    """Of contacts that are there; `now`: before the first release that is no part of it."""
    with store.write() as connection:
        _releases(connection, releases, publisher_id=publisher_id, now=now)
        _texts(connection)
        _mailouts(connection)
        _deliveries(connection)
        _log(connection)
    analyze(store)


def _releases(connection: Connection, count: int, *, publisher_id: str, now: datetime) -> None:
    same = {"publisher_id": publisher_id, "type": "release", "state": "published", "created_by": "ada"}
    made = [now - timedelta(hours=count - number) for number in range(count)]
    connection.execute(
        insert(rows.release),
        [
            {
                "reference": f"past-{number}",
                "created_at": at,
                "published_at": at,
                "until_lifted": False,
                "search_text": f"past-{number}\n{_HEADLINE}".casefold(),
                **same,
            }
            for number, at in enumerate(made)
        ],
    )


def _texts(connection: Connection) -> None:
    r, v = rows.release.c, rows.revision.c
    said = {"release_id": r.id, "number": 1, "state": "approved", "type": "release", "topics": ["trade"]}
    said |= {"until_lifted": False, "sha256": "0" * 64, "approved_hash": "0" * 64, "audience_size": 100}
    said |= {name: [] for name in _NONE}
    said |= {"created_at": r.created_at, "created_by": "ada"}
    said |= {"approved_at": r.created_at, "approved_by": "ada", "wave_sizes": {}}
    select_into(connection, rows.revision, said, select().select_from(rows.release).order_by(r.id))
    block = {"kind": "paragraph", "text": _TEXT, "speaker": None, "role": None}
    content = {"language": "en", "headline": _HEADLINE, "blocks": [block]}
    text = {"revision_id": v.id, "language": "en", "position": 0, "content": content}
    select_into(connection, rows.version, text, select().select_from(rows.revision).order_by(v.id))


def _mailouts(connection: Connection) -> None:
    r, v = rows.release.c, rows.revision.c
    out = {"publisher_id": r.publisher_id, "release_id": r.id, "revision_id": v.id, "kind": "release"}
    out |= {"wave": "", "state": "finished", "priority": 0, "seed": 1, "late_accepted": False}
    out |= {"renderings": {}, "note": "", "extra": False, "replaced": False}
    out |= dict.fromkeys(("due", "expires_at", "created_at", "opened_at", "finished_at"), r.created_at)
    joined = select().select_from(rows.release).join(rows.revision, v.release_id == r.id).order_by(r.id)
    select_into(connection, rows.mailout, out, joined)


def _deliveries(connection: Connection) -> None:
    c, m, d = rows.contact.c, rows.mailout.c, rows.delivery.c
    to = {"mailout_id": m.id, "publisher_id": m.publisher_id, "contact_id": c.id, "address": c.address}
    to |= {"address_key": c.address_key, "name": c.name, "language": "en", "position": c.id, "state": "sent"}
    to |= {"reasons": [{"list": "trade", "topic": "trade", "covers": "trade"}], "reason": "you follow Trade"}
    to |= {"attempts": 1, "failures": 0, "changed_at": m.due}
    everybody = select().select_from(rows.mailout).join(rows.contact, c.publisher_id == m.publisher_id)
    select_into(connection, rows.delivery, to, everybody.order_by(m.id, c.id))
    first = select(func.min(d.id)).scalar_subquery()
    connection.execute(update(rows.delivery).where(d.id == first).values(state="rejected"))


def _log(connection: Connection) -> None:
    """An intent and an answer for each, and who approved; the hashes are nobody's."""
    d, r = rows.delivery.c, rows.release.c
    row = {
        "chain": "run:0",
        "actor": "run 0",
        "at": d.changed_at,
        "delivery_id": d.id,
        "mailout_id": d.mailout_id,
    }
    row |= {"attempt": 1, "relay": "sink", "hash": "0" * 64, "bytes_sha256": "0" * 64}
    intent = row | {"seq": d.id * 2, "kind": "intent", "detail": ""}
    answer = row | {
        "seq": d.id * 2 + 1,
        "kind": "answer",
        "detail": "accept",
        "code": 250,
        "enhanced": "2.0.0",
    }
    for said in (intent, answer | {"text": "2.0.0 Ok: queued as 4ABCDEF"}):
        select_into(connection, rows.log, said, select().select_from(rows.delivery).order_by(d.id))
    done = {"chain": "office", "seq": literal(10**6) + r.id, "kind": "approved", "at": r.created_at}
    done |= {"actor": "ada", "release_id": r.id, "detail": "revision 1", "hash": "0" * 64}
    select_into(connection, rows.log, done, select().select_from(rows.release).order_by(r.id))
