"""How long whoever failed to sign in has to wait, and which passwords will do.

A wait grows with each failure and is never a lock: it ends by itself, at most five minutes later. It concerns
one name from one network; a browser in which the officer has signed in before is counted by itself, so nobody
elsewhere can make her wait there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

FORGOTTEN = timedelta(hours=1)
SESSION = timedelta(hours=12)  # a long day; nothing on a page prolongs it
DEVICE = timedelta(days=90)
INVITATION = timedelta(hours=24)

SHORTEST, LONGEST = 12, 256  # characters of a password
_LONGEST_WAIT = 300
_FREE = 5  # failures before anybody waits
_FREE_NETWORK = 50  # of one network, whatever names it tries


@dataclass(frozen=True, slots=True)
class Knocks:
    """Failures with one key, and when the last one was."""

    failures: int
    last_at: datetime


def wait(counted: Knocks | None, *, now: datetime, network: bool = False) -> int:
    """Seconds until the next attempt is looked at; 0: now. Doubles with each failure beyond the free ones."""
    free = _FREE_NETWORK if network else _FREE
    if counted is None or counted.failures < free:
        return 0
    seconds = min(_LONGEST_WAIT, 2 ** min(counted.failures - free, 20))
    return max(0, ceil((counted.last_at + timedelta(seconds=seconds) - now).total_seconds()))


def network(address: str) -> str:
    """What one household has: an IPv4 address, or the /64 of an IPv6 one; "" when it is neither."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


def weakness(password: str, *, names: Iterable[str]) -> str | None:
    """Why this password will not do, in words that complete “it …”; None when it will.

    Length is what counts (NIST SP 800-63B §5.1.1.2); kinds of characters are not asked for.
    """
    if len(password) < SHORTEST:
        return f"is too short: at least {SHORTEST} characters, a few words for instance"
    if len(password) > LONGEST:
        return f"is too long: at most {LONGEST} characters"
    if len(set(password.casefold())) < 5:
        return "repeats itself: use a few words"
    if any(len(name) > 3 and name.casefold() in password.casefold() for name in names):
        return "holds your name: use a few words that nobody would guess"
    return None
