"""A DKIM key: read from its PEM file, what it signs for, and what must be published of it.

RSA (RFC 6376) and Ed25519 (RFC 8463). It signs bytes; what is signed of a message is `dkim`'s to know, and
whether the record is published `wire.lookup` can tell.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from distributor.errors import ConfigError

_SHORTEST_RSA, _GOOD_RSA = 1024, 2048  # RFC 8301 §3.2


@dataclass(frozen=True, slots=True)
class Key:
    """A private key. `record` is what to publish; `remarks` what is not as it should be."""

    selector: str
    domain: str
    algorithm: str
    record: str
    remarks: tuple[str, ...]
    sign: Callable[[bytes], bytes]

    @property
    def name(self) -> str:
        """Where the record is published."""
        return f"{self.selector}._domainkey.{self.domain}"

    def signs_for(self, domain: str) -> bool:
        """Whether it may sign for senders at `domain`: its own or one below, as DMARC aligns them."""
        return f".{domain.lower()}".endswith(f".{self.domain.lower()}")


def read(path: Path, *, selector: str, domain: str) -> Key:
    """The key in a PEM file. Raises ConfigError for a file, a kind or a length that will not do."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    where = f"[dkim.{selector}] key_file {path}"
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise _refusal(where, f"cannot be read ({error.strerror})") from None
    except TypeError:
        raise _refusal(where, "is protected by a passphrase") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _refusal(where, "holds no private key in PEM that can be read") from None
    algorithm, public, remarks, sign = _kind(private, where=where)
    if path.stat().st_mode & 0o077:
        remarks = (*remarks, f"others on this machine can read it: chmod 600 {path}")
    kind = algorithm.partition("-")[0]
    record = f"v=DKIM1; k={kind}; p={base64.b64encode(public).decode('ascii')}"
    return Key(selector, domain, algorithm, record, remarks, sign)


def _kind(private: Any, *, where: str) -> tuple[str, bytes, tuple[str, ...], Callable[[bytes], bytes]]:
    """Algorithm, public key as published, remarks, and the function that signs."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if isinstance(private, ed25519.Ed25519PrivateKey):
        raw = private.public_key().public_bytes_raw()
        return "ed25519-sha256", raw, (), lambda data: private.sign(sha256(data).digest())
    if not isinstance(private, rsa.RSAPrivateKey):
        raise _refusal(where, "holds neither an Ed25519 nor an RSA key")
    if private.key_size < _SHORTEST_RSA:
        raise _refusal(where, f"holds an RSA key of {private.key_size} bits, which nobody accepts")
    short = f"the RSA key has {private.key_size} bits, {_GOOD_RSA} are expected today"
    remarks = () if private.key_size >= _GOOD_RSA else (short,)
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "rsa-sha256", der, remarks, lambda data: private.sign(data, padding.PKCS1v15(), hashes.SHA256())


def _refusal(where: str, what: str) -> ConfigError:
    return ConfigError(what, where=where, cure="Make one: openssl genpkey -algorithm ed25519 -out FILE")
