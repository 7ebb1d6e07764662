"""What we sign: unsubscribe tokens, Message-IDs, envelope senders, pseudonyms, forms of the console.

Keyed BLAKE2b (RFC 7693), for pseudonyms and forms HMAC-SHA256, under keys derived from the installation's
secret, one for each purpose, so that a token of one kind is worth nothing as another. It stores nothing:
tokens carry the delivery's id.
"""

import hmac
import re
from hashlib import blake2b, sha256
from typing import Literal

from distributor.errors import AddressError

_TOKEN = re.compile(r"(0|[1-9][0-9]{0,18})\.([0-9a-f]{32})")
_LONGEST_LOCAL_PART = 64  # RFC 5321 §4.5.3.1.1
_BLOCK = 64  # octets that SHA-256 takes in at once
_SIZES = {"unsubscribe": 16, "message-id": 20, "envelope": 10}  # octets of a signature

EnvelopeMode = Literal["verp", "plus", "fixed"]


class Tokens:
    """Makes and reads tokens. `secret` is the installation's, at least 16 bytes."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 16:
            raise ValueError("the secret needs at least 16 bytes")
        self._keys = {
            purpose: hmac.digest(secret, f"distributor {purpose} 1".encode(), "sha256")
            for purpose in (*_SIZES, "pseudonym", "installation", "form", "seal")
        }
        self._keyed = {
            purpose: blake2b(digest_size=size, key=self._keys[purpose]) for purpose, size in _SIZES.items()
        }
        key = self._keys["pseudonym"].ljust(_BLOCK, b"\0")
        self._inner, self._outer = (sha256(bytes(byte ^ pad for byte in key)) for pad in (0x36, 0x5C))

    def unsubscribe(self, delivery_id: int) -> str:
        """The token of one delivery: "1234.c0ff…", digits, one dot and hexadecimal digits."""
        return f"{delivery_id}.{self._signature('unsubscribe', str(delivery_id))}"

    def read_unsubscribe(self, token: str) -> int | None:
        """The delivery that a token stands for; None for anything we did not make."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            return None
        expected = self._signature("unsubscribe", found[1])
        return int(found[1]) if hmac.compare_digest(expected, found[2]) else None

    def message_id(self, *, mailout_id: int, address_key: str, domain: str) -> str:
        """ "<…@domain>", the same for every attempt at one delivery (RFC 5322 §3.6.4)."""
        return f"<{self._signature('message-id', f'{mailout_id} {address_key}')}@{domain}>"

    def envelope_sender(self, *, delivery_id: int, address: str, domain: str, mode: EnvelopeMode) -> str:
        """The return path of one delivery; a bounce to it names the delivery.

        "verp": bounce+ID.SIG@`domain` (the publisher's own when ""); "plus": the local part of
        `address` with +ID.SIG; "fixed": `address` itself. Lower case, for relays that fold it.
        """
        if mode == "fixed":
            return address
        local, _, own_domain = address.rpartition("@")
        tag = f"{delivery_id}.{self._signature('envelope', str(delivery_id))}"
        if mode == "verp":
            return f"bounce+{tag}@{domain or own_domain}"
        if len(f"{local}+{tag}".encode()) > _LONGEST_LOCAL_PART:
            raise AddressError(
                f"“{local}+{tag}” is too long for an envelope sender",
                where=address,
                cure='Set envelope = "verp" or "fixed" for the relay.',
            )
        return f"{local}+{tag}@{own_domain}"

    def pseudonym(self, address_key: str) -> str:
        """What stands for an address in the log: 64 hexadecimal digits."""
        inner, outer = self._inner.copy(), self._outer.copy()  # RFC 2104 §2; `hmac` starts anew each time
        inner.update(address_key.encode())
        outer.update(inner.digest())
        return outer.hexdigest()

    def form(self, cookie: str) -> str:
        """What a form of the browser with this cookie must carry: 64 hexadecimal digits."""
        return hmac.digest(self._keys["form"], cookie.encode(), "sha256").hex()

    @property
    def sealing(self) -> bytes:
        """The key, 32 bytes, under which what must be read again is kept in the database."""
        return self._keys["seal"]

    @property
    def mark(self) -> str:
        """By which the secret is known again, and nothing of it told."""
        return hmac.digest(self._keys["installation"], b"mark", "sha256").hex()

    def _signature(self, purpose: str, text: str) -> str:
        signature = self._keyed[purpose].copy()  # the key is taken in once
        signature.update(text.encode())
        return signature.hexdigest()
