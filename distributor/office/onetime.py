"""Random tokens that are given out once and kept as their hash: cookies and links.

They carry 256 bits, so a plain hash will do; passwords need another one (`office.passwords`).
"""

import secrets
from hashlib import sha256


def fresh() -> str:
    """43 characters that fit into a cookie and a link."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is kept of it."""
    return sha256(token.encode()).hexdigest()
