"""Codes of an authenticator (TOTP, RFC 6238): their keys sealed in the database, and which code fits when.

Six digits of 30 seconds; one period before and after counts too, each once only.
"""

import base64
import hmac
import re
import secrets
from datetime import datetime

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_PERIOD = 30
_NOBODYS = "A" * 32


def fresh() -> str:
    """A new key, in base32."""
    return pyotp.random_base32()


def address(key: str, *, officer: str, issuer: str) -> str:
    """What an authenticator reads from the square: otpauth://…"""
    return pyotp.TOTP(key).provisioning_uri(name=officer, issuer_name=issuer)


def sealed(key: str, *, sealing: bytes, officer_id: int) -> str:
    """The key as it is kept; for this officer only."""
    nonce = secrets.token_bytes(12)
    box = AESGCM(sealing).encrypt(nonce, key.encode(), str(officer_id).encode())
    return base64.b64encode(nonce + box).decode()


def unsealed(kept: str, *, sealing: bytes, officer_id: int) -> str | None:
    """The key again; None when it was sealed under another secret or for somebody else."""
    box = base64.b64decode(kept)
    try:
        return AESGCM(sealing).decrypt(box[:12], box[12:], str(officer_id).encode()).decode()
    except InvalidTag:
        return None


def period(code: str, key: str | None, *, now: datetime) -> int | None:
    """The number of the period whose code this is; None when it fits none. Without a key it takes as long."""
    said = re.sub(r"[\s-]", "", code)[:6]
    generator = pyotp.TOTP(key or _NOBODYS)
    current = int(now.timestamp()) // _PERIOD
    fitting = [n for n in (current - 1, current, current + 1) if _same(generator.generate_otp(n), said)]
    return fitting[-1] if fitting and key is not None else None


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
