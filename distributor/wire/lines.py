"""Reads SMTP replies out of the bytes of a connection, within bounds (RFC 5321 §4.2).

No I/O. What is no reply, or grows without end, raises `Garbled`; then the connection is of no use.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

MOST_LINE = 8192  # octets; RFC 5321 §4.5.3.1.5 says 512, real relays write more
MOST_REPLY = 32768  # octets of all lines of one reply
MOST_TEXT = 500  # characters kept

_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class Garbled(Exception):
    """What came is no SMTP reply."""


class SmtpReply(NamedTuple):
    """One whole reply. `text`: its lines without their status, joined by a space, one printable line."""

    code: int
    enhanced: str | None
    text: str

    @property
    def kind(self) -> int:
        """The first digit (RFC 5321 §4.2.1)."""
        return self.code // 100

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.code), self.enhanced or "", self.text) if part)


class Reading:
    """The bytes so far of one connection."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[tuple[int, str]] = []
        self._size = 0

    @property
    def empty(self) -> bool:
        """Whether no reply has begun."""
        return not self._rest and not self._lines

    def feed(self, data: bytes) -> Iterator[SmtpReply]:
        """The replies that `data` completes, one by one. Raises Garbled after those before the nonsense."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            answer = None if self._lines else _single(line)
            if answer is None:
                answer = self._take(line.removesuffix(b"\r"))
            if answer is not None:
                yield answer
        if len(self._rest) > MOST_LINE:
            raise Garbled("sent a line without end")

    def _take(self, line: bytes) -> SmtpReply | None:
        self._size += len(line)
        if len(line) > MOST_LINE or self._size > MOST_REPLY:
            raise Garbled("sent a reply without end")
        found = _LINE.fullmatch(line)
        if found is None or (self._lines and int(found[1]) != self._lines[0][0]):
            raise Garbled(f"sent what is no SMTP reply: {printable(line[:100])}")
        self._lines.append((int(found[1]), printable(found[3] or b"")))
        if found[2] == b"-":
            return None
        answer = joined(self._lines)
        self._lines, self._size = [], 0
        return answer


@lru_cache(maxsize=512)
def _single(line: bytes) -> SmtpReply | None:
    """A reply of one line; relays say the same ones all day. None for any other line."""
    found = _LINE.fullmatch(line.removesuffix(b"\r"))
    if found is None or found[2] == b"-" or len(line) > MOST_LINE:
        return None
    return joined([(int(found[1]), printable(found[3] or b""))])


def joined(lines: list[tuple[int, str]]) -> SmtpReply:
    """One answer out of (code, text) lines. The status is the first line's (RFC 2034 §4)."""
    first = _STATUS.match(lines[0][1])
    words = (_STATUS.sub("", text, count=1) if _STATUS.match(text) else text for _, text in lines)
    text = " ".join(word for word in words if word)[:MOST_TEXT]
    return SmtpReply(code=lines[0][0], enhanced=first[1] if first else None, text=text)


def printable(data: bytes) -> str:
    """Bytes of a stranger as text without line breaks and control characters."""
    return _CONTROL.sub(" ", data.decode("utf-8", "replace")).strip()
