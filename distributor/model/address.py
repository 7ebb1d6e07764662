"""An e-mail address, checked, and the key under which it is one and the same address."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from distributor.errors import AddressError
from distributor.model.headertext import trouble_of_address, visible

_LONGEST_LOCAL = 64  # bytes, RFC 5321 §4.5.3.1.1


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
        text = text.strip()
        wrong = trouble_of_address(text)
        if wrong:
            raise _refusal(text, f"it holds {wrong}", where=where)
        try:
            valid = validate_email(
                text, check_deliverability=False, allow_smtputf8=True, test_environment=True
            )
        except EmailNotValidError as error:
            raise _refusal(text, str(error).rstrip("."), where=where) from None
        if len(valid.local_part.encode()) > _LONGEST_LOCAL:
            long = f"its part before the @ is longer than {_LONGEST_LOCAL} bytes"
            raise _refusal(text, long, where=where)
        whole = f"{valid.local_part}@{valid.ascii_domain}"
        return cls(text=whole, key=whole.casefold())


def _refusal(text: str, why: str, *, where: str) -> AddressError:
    return AddressError(
        f"“{visible(text)}” is not an e-mail address ({why})", where=where, cure="Write it as name@domain."
    )
