"""The merge template of a message, and one message from it, by splicing bytes only.

A template holds the whole message, encoded, with named holes:
`MAGIC NUL constant NUL field:context NUL constant …`; it has no other NUL. It describes itself, so that
what was approved can be sent by later software. Each hole is filled by the encoder of its name; a body
hole stands between soft line breaks, so that its value begins at the first column.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from html import escape

from distributor.errors import HeaderError, TemplateError
from distributor.mail import headers, quoted
from distributor.model.letter import Fields

_MAGIC = b"distributor merge template 1"
_TOKEN = re.compile(r"[A-Za-z0-9._~-]+")


@dataclass(frozen=True, slots=True)
class Hole:
    """Where a field goes: its name and what it is escaped for, "header", "text" or "html"."""

    field: str
    context: str

    @property
    def name(self) -> str:
        return f"{self.field}:{self.context}"


class MergeTemplate:
    """A loaded template. `build` is the hot path: some microseconds."""

    def __init__(self, *, constants: Sequence[bytes], holes: Sequence[str]) -> None:
        self._parts = [b""] * (len(constants) + len(holes))
        self._parts[::2] = constants
        positions: dict[Callable[[Fields], bytes], list[int]] = {}
        for index, name in enumerate(holes):
            positions.setdefault(_ENCODERS[name], []).append(2 * index + 1)
        self._holes = list(positions.items())  # what is written alike is encoded once

    def build(self, fields: Fields) -> bytes:
        """The message as it goes over the wire. Raises HeaderError for a value that must not.

        CRLF only, ends with CRLF, no line starts with a dot, no body line is over 76, and 7-bit (but for
        an internationalised address in To).
        """
        return b"".join(self.pieces(fields))

    def pieces(self, fields: Fields) -> list[bytes]:
        """The same in pieces, constants and values in turns; the constants are the same objects each time."""
        parts = self._parts.copy()
        for encode, places in self._holes:
            encoded = encode(fields)
            for place in places:
                parts[place] = encoded
        return parts


def write(parts: Iterable[bytes | Hole]) -> bytes:
    """The template's bytes from its constants and holes, in order."""
    pieces = [_MAGIC, b""]
    for part in parts:
        if isinstance(part, bytes):
            pieces[-1] += part
        else:
            pieces += [part.name.encode("ascii"), b""]
    return b"\0".join(pieces)


def load(template: bytes) -> MergeTemplate:
    """Read a template's bytes. Raises TemplateError for bytes that are none."""
    magic, *pieces = template.split(b"\0")
    holes = [name.decode("ascii", "replace") for name in pieces[1::2]]
    if magic != _MAGIC or len(pieces) % 2 == 0 or not _ENCODERS.keys() >= set(holes):
        raise TemplateError(
            "these bytes are no merge template that this version of distributor can read",
            cure="Approve the release again.",
        )
    return MergeTemplate(constants=pieces[::2], holes=holes)


def body(text: str, *, sentinels: re.Pattern[str], context: str) -> list[bytes | Hole]:
    """A rendered part as constants and holes; group 1 of `sentinels` is the field's name."""
    pieces = sentinels.split(text)
    parts: list[bytes | Hole] = []
    for index, piece in enumerate(pieces):
        if index % 2:
            parts += [Hole(field=piece, context=context), b"=\r\n"]
        elif piece:
            parts.append(quoted.encode(piece))
            if index < len(pieces) - 1 and not piece.endswith("\n"):
                parts.append(b"=\r\n")
    return parts


def sample(field: str, context: str, fields: Fields) -> str:
    """A field's value as it will read in a body, for previews."""
    shown = getattr(fields, field)
    return escape(shown) if context == "html" else str(shown)


def _to(fields: Fields) -> bytes:
    return headers.mailbox(fields.name, fields.address, name="To")


def _date(fields: Fields) -> bytes:
    return _rfc5322(fields.date)


@lru_cache(maxsize=64)
def _rfc5322(instant: datetime) -> bytes:
    return format_datetime(instant.astimezone(UTC)).encode("ascii")


def _message_id(fields: Fields) -> bytes:
    return headers.checked_message_id(fields.message_id, name="Message-ID").encode("ascii")


def _threading(fields: Fields) -> bytes:
    """In-Reply-To and References, whole lines; nothing without earlier messages (RFC 5322 §3.6.4)."""
    known = fields.references.split()
    if not known:
        return b""
    for one in known:
        headers.checked_message_id(one, name="References")
    return f"In-Reply-To: {known[-1]}\r\nReferences: {f'{chr(13)}{chr(10)} '.join(known)}\r\n".encode("ascii")


def _token(fields: Fields) -> bytes:
    if not _TOKEN.fullmatch(fields.token) or len(fields.token) > 64 or fields.token.startswith("."):
        raise HeaderError("the unsubscribe token is malformed", where="List-Unsubscribe")
    return fields.token.encode("ascii")


def _as_text(field: str) -> Callable[[Fields], bytes]:
    return lambda fields: quoted.value(headers.checked(getattr(fields, field), name=field))


def _as_html(field: str) -> Callable[[Fields], bytes]:
    return lambda fields: quoted.value(escape(headers.checked(getattr(fields, field), name=field)))


@lru_cache(maxsize=1024)  # many share a reason, and it is long
def _reason_text(reason: str) -> bytes:
    return quoted.value(headers.checked(reason, name="reason"))


@lru_cache(maxsize=1024)
def _reason_html(reason: str) -> bytes:
    return quoted.value(escape(headers.checked(reason, name="reason")))


_ENCODERS: Mapping[str, Callable[[Fields], bytes]] = {
    "to:header": _to,
    "date:header": _date,
    "message_id:header": _message_id,
    "threading:header": _threading,
    "token:header": _token,
    "token:text": _token,
    "token:html": _token,
    "reason:text": lambda fields: _reason_text(fields.reason),
    "reason:html": lambda fields: _reason_html(fields.reason),
    **{f"{field}:text": _as_text(field) for field in ("name", "address")},
    **{f"{field}:html": _as_html(field) for field in ("name", "address")},
}
