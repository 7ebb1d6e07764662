"""Passwords: argon2id hashes (RFC 9106) with the parameters OWASP names for small machines.

Checking takes the same time whether there is a hash or not, and at most two are checked at once: each takes
19 MiB.
"""

import unicodedata
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_TURN = BoundedSemaphore(2)


def hashed(password: str) -> str:
    """What is kept of it."""
    with _TURN:
        return _HASHER.hash(_normal(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether `kept` is of this password; with None it takes as long, and is False."""
    with _TURN:
        nobodys = _nobodys()
        try:
            return _HASHER.verify(kept or nobodys, _normal(password)) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(kept: str) -> bool:
    """True when today's parameters are others."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _HASHER.hash("a password that nobody has")


def _normal(password: str) -> str:
    """The same characters whichever keyboard wrote them."""
    return unicodedata.normalize("NFKC", password)
