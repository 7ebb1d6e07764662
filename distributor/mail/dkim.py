"""DKIM signatures of messages: relaxed/relaxed, one for each key (RFC 6376, RFC 8463).

The same message and keys give the same bytes: no time stands in a signature (law 6). White space of a
template's constants is made canonical once, not per message.
"""

import base64
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256

from distributor.mail.signingkey import Key

#: Signed with one more than there are, so that nobody can add another (RFC 6376 §8.15).
_ONCE = (
    *("from", "to", "subject", "date", "message-id", "reply-to", "in-reply-to", "references"),
    *("mime-version", "content-type"),
)
#: Signed where they are; a mailing list may have its own. One-click needs the first two (RFC 8058 §4).
_ALSO = ("list-unsubscribe", "list-unsubscribe-post", "list-id", "x-embargo-until")
_SIGNED = [(name.encode("ascii"), name in _ONCE) for name in (*_ONCE, *_ALSO)]

_LINE = 72
_LONG = 256  # shorter pieces cost less to make canonical than to look up


class Signer:
    """Signs with each of its keys; without any it leaves messages as they are."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self.keys = tuple(keys)

    def signed(self, pieces: Sequence[bytes]) -> Sequence[bytes]:
        """A message with its signatures in front, all in pieces.

        CRLF only; no folded header line is blank; no white space of the body spans two pieces. About
        70 µs for 25 kB with Ed25519. May be called in any thread; the signing itself releases the GIL.
        """
        if not self.keys:
            return pieces
        head = b"".join(pieces).partition(b"\r\n\r\n")[0]
        body = b"".join(map(_relaxed, pieces)).partition(b"\r\n\r\n")[2].rstrip(b"\r\n")
        body_hash = base64.b64encode(sha256(body + b"\r\n" if body else b"").digest())
        names, lines = _signed(head)
        return [*(_signature(key, names, lines, body_hash) for key in self.keys), *pieces]


UNSIGNED = Signer()


def _signature(key: Key, names: bytes, lines: bytes, body_hash: bytes) -> bytes:
    """One DKIM-Signature header line (RFC 6376 §3.5)."""
    owner = f"v=1; a={key.algorithm}; c=relaxed/relaxed;\r\n d={key.domain}; s={key.selector};\r\n"
    value = b"".join([owner.encode("ascii"), b" h=", names, b";\r\n bh=", body_hash, b";\r\n b="])
    proof = base64.b64encode(key.sign(lines + b"dkim-signature:" + value.replace(b"\r\n", b"")))
    rows = [proof[start : start + _LINE] for start in range(0, len(proof), _LINE)]
    return b"".join([b"DKIM-Signature: ", value, b"\r\n ".join(rows), b"\r\n"])


def _signed(head: bytes) -> tuple[bytes, bytes]:
    """The names for h=, folded, and the canonical header lines that they stand for, the last ones first."""
    found: dict[bytes, list[bytes]] = {}
    for line in _collapsed(head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")).split(b"\r\n"):
        name, _, value = line.partition(b":")
        found.setdefault(name.rstrip().lower(), []).append(value.strip())
    names: list[bytes] = []
    lines: list[bytes] = []
    for name, once in _SIGNED:
        values = found.get(name)
        if values:
            names += [name] * (len(values) + once)
            lines += [b"%s:%s\r\n" % (name, value) for value in reversed(values)]
    return _folded(tuple(names)), b"".join(lines)


@lru_cache(maxsize=64)
def _folded(names: Sequence[bytes]) -> bytes:
    rows = [names[0]]
    for name in names[1:]:
        fits = len(rows[-1]) + len(name) < _LINE
        rows[-1:] = [b"%s:%s" % (rows[-1], name)] if fits else [rows[-1] + b":", name]
    return b"\r\n ".join(rows)


def _relaxed(piece: bytes) -> bytes:
    """A piece's white space made canonical (RFC 6376 §3.4.4)."""
    return _kept(piece) if len(piece) > _LONG else _collapsed(piece)


def _collapsed(piece: bytes) -> bytes:
    piece = piece.replace(b"\t", b" ")
    while b"  " in piece:
        piece = piece.replace(b"  ", b" ")
    return piece.replace(b" \r\n", b"\r\n")


_kept = lru_cache(maxsize=256)(_collapsed)  # the constants are the same objects in message after message
