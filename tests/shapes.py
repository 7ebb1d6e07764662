"""The promised shapes of JSON documents, and `fits`, which says where a document breaks its promise.

Keys may be added; none may be missing, renamed, or of another kind. A shape is a kind (str, int, …), a tuple
of alternatives, `[shape]` for a list of any length, `{str: shape}` for free keys, or a dict of keys. `WHEN`
is an instant in ISO 8601 with offset.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

WHEN = "an instant with offset"
_TEXT = (str, None)
_BLOCK = {"kind": str, "text": str, "speaker": _TEXT, "role": _TEXT}
_PERSON = {"name": _TEXT, "role": _TEXT, "phone": _TEXT, "email": _TEXT}
_VERSION = {
    "language": str,
    "site_line": _TEXT,
    "headline": str,
    "subhead": _TEXT,
    "dateline": ({"place": _TEXT, "date": _TEXT}, None),
    "lead": _TEXT,
    "blocks": [_BLOCK],
    "notes_to_editors": [str],
    "contacts": [_PERSON],
    "boilerplate": [str],
}
RELEASE = {
    "reference": str,
    "publisher": str,
    "type": str,
    "state": str,
    "revision": int,
    "embargo": (WHEN, "until lifted", None),
    "expected": (WHEN, None),
    "advance": [{"tier": str, "at": (WHEN, None)}],
    "topics": [str],
    "lists": [str],
    "approved": ({"by": str, "at": WHEN, "hash": str}, None),
    "held": ({"reason": str, "by": str, "at": WHEN}, None),
    "versions": [_VERSION],
    "warnings": [str],
}
_REASON = {"list": _TEXT, "topic": _TEXT, "covers": _TEXT}
_RECIPIENT = {
    "address": str,
    "name": str,
    "language": str,
    "mailout": str,
    "wave": str,
    "reasons": [_REASON],
}
AUDIENCE = {
    "reference": str,
    "recipients": [_RECIPIENT],
    "excluded": [{"address": str, "reason": str}],
}
_MAILOUT = {
    "id": int,
    "kind": str,
    "wave": str,
    "due": WHEN,
    "opened": (WHEN, None),
    "finished": (WHEN, None),
    "state": str,
    "held": ({"reason": str, "by": str, "at": WHEN}, None),
    "counts": {str: int},
    "first_ms": (int, None),
    "last_ms": (int, None),
}
_ATTEMPT = {
    "number": int,
    "started": WHEN,
    "finished": (WHEN, None),
    "relay": _TEXT,
    "code": (int, None),
    "enhanced": _TEXT,
    "text": _TEXT,
}
_DELIVERY = {
    "address": str,
    "mailout": int,
    "state": str,
    "message_id": str,
    "bytes_sha256": _TEXT,
    "attempts": [_ATTEMPT],
}
LOG = {"reference": str, "mailouts": [_MAILOUT], "deliveries": [_DELIVERY]}
DEMO = {"release": RELEASE, "audience": AUDIENCE, "log": LOG, "early": int, "folder": str}
SEND_DUE = {"opened": int, "sent": int, "deferred": int, "rejected": int, "doubtful": int, "left": int}
SYNC = {
    "added": int,
    "changed": int,
    "gone": int,
    "unchanged": int,
    "kept_silent": int,
    "refused": [{"file": str, "line": int, "value": str, "reason": str}],
}
DOUBT = [{"address": str, "reference": str, "mailout": int, "message_id": str, "since": WHEN}]
CHECK = [{"name": str, "status": str, "detail": str, "cure": _TEXT}]
TODO = [{"what": str, "reference": _TEXT, "since": (WHEN, None), "answer": str}]


def fits(document: Any, shape: Any) -> list[str]:
    """Where `document` breaks the promise; empty when it keeps it."""
    return list(_faults(document, shape, "$"))


def _faults(value: Any, shape: Any, at: str) -> Iterator[str]:
    if isinstance(shape, tuple):
        tried = [list(_faults(value, one, at)) for one in shape]
        if all(tried):
            yield from min(tried, key=len)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{at} is no list"
            return
        for number, one in enumerate(value):
            yield from _faults(one, shape[0], f"{at}[{number}]")
    elif isinstance(shape, dict):
        yield from _keys(value, shape, at)
    elif not _is(value, shape):
        yield f"{at} is {value!r}, not {shape}"


def _keys(value: Any, shape: dict[Any, Any], at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at} is no object"
        return
    wanted = dict.fromkeys(value, shape[str]) if str in shape else shape
    for key, one in wanted.items():
        if key in value:
            yield from _faults(value[key], one, f"{at}.{key}")
        else:
            yield f"{at}.{key} is missing"


def _is(value: Any, kind: Any) -> bool:
    if kind == WHEN:
        return isinstance(value, str) and _has_offset(value)
    if kind is int:
        return type(value) is int
    return isinstance(value, kind) if isinstance(kind, type) else value == kind


def _has_offset(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
