"""An e-mail address, checked, and the key under which it is one and the same address."""

import re
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from distributor.errors import AddressError

_ENCODED_WORD = re.compile(r"=\?.*\?=")  # RFC 2047: mail programs would decode it, line breaks too


@dataclass(frozen=True, slots=True)
class Address:
    """`text` is what we write to (domain as A-label); `key` the same, casefolded: UNIQUE is built on it."""

    text: str
    key: str

    @property
    def domain(self) -> str:
        return self.key.rpartition("@")[2]

    @classmethod
    def parse(cls, text: str, *, where: str = "") -> "Address":
        """Check an address (RFC 5321, RFC 6531; no DNS), also for use in a header. Raises AddressError."""
        try:
            valid = validate_email(
                text.strip(), check_deliverability=False, allow_smtputf8=True, test_environment=True
            )
        except EmailNotValidError as error:
            raise AddressError(
                f"“{text.strip()[:100]}” is not an e-mail address ({str(error).rstrip('.')})",
                where=where,
                cure="Write it as name@domain.",
            ) from None
        if _ENCODED_WORD.search(valid.local_part):
            raise AddressError(
                f"“{text.strip()[:100]}” is not an e-mail address (it holds an encoded word)",
                where=where,
                cure="Write it as name@domain.",
            )
        whole = f"{valid.local_part}@{valid.ascii_domain}"
        return cls(text=whole, key=whole.casefold())
