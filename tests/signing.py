"""DKIM keys for tests and benchmarks, and another program's judgement of what they signed (dkimpy)."""

from collections.abc import Sequence
from pathlib import Path

import dkim
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from distributor.mail.signingkey import Key

KINDS = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa1024": lambda: rsa.generate_private_key(65537, 1024),
    "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
}


def new_key(path: Path, *, kind: str, mode: int = 0o600, passphrase: str = "") -> Path:
    """A new private key in a PEM file."""
    protection = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    path.write_bytes(KINDS[kind]().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))
    path.chmod(mode)
    return path


def judged(content: bytes, keys: Sequence[Key]) -> list[bool]:
    """Whether each signature of the message holds, first to last, when these keys are published."""
    published = {f"{key.name}.".encode(): key.record.encode() for key in keys}
    message = dkim.DKIM(content)
    count = content.partition(b"\r\n\r\n")[0].lower().count(b"dkim-signature:")
    return [_holds(message, number, published) for number in range(count)]


def _holds(message: dkim.DKIM, number: int, published: dict[bytes, bytes]) -> bool:
    try:
        return bool(message.verify(number, dnsfunc=lambda name, timeout: published.get(name, b"")))
    except dkim.DKIMException:
        return False
