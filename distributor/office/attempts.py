"""Attempts with a secret, counted before they are looked at, so that many at once count as many.

What is counted is whose secret is tried from where, as a hash; how long to wait is `policy.signin`.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from distributor.errors import Refused
from distributor.policy import signin as policy
from distributor.policy.numbers import count as counted
from distributor.store import knocks
from distributor.store.database import Connection


class TooSoon(Refused):
    """Too many attempts; `seconds` until the next one is looked at."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__("there were too many attempts", cure=f"Please wait {counted(seconds, 'second')}.")


def key(*parts: str) -> str:
    """By which attempts are counted together."""
    return sha256("\n".join(parts).encode()).hexdigest()


#: What has nothing to guess is counted by.
NOBODYS = key("nobody")


def count(connection: Connection, own: str, *, network: str = "", now: datetime) -> None:
    """One more by `own` and, if any, by its `network`. Raises TooSoon, and then it is not counted."""
    keys = [own, *filter(None, [network])]
    seconds = _wait(connection, keys, now=now)
    if seconds:
        raise TooSoon(seconds)
    knocks.count(connection, keys=keys, now=now)


def let(connection: Connection, own: str, *, now: datetime) -> bool:
    """The same without a word: whether this attempt is looked at. It takes as long either way."""
    waits = _wait(connection, [own], now=now) > 0
    knocks.count(connection, keys=[NOBODYS if waits else own], now=now)
    return not waits


def _wait(connection: Connection, keys: Sequence[str], *, now: datetime) -> int:
    before = knocks.so_far(connection, keys=keys, now=now)
    return max(policy.wait(before.get(key), now=now, network=number == 1) for number, key in enumerate(keys))
