"""The errors people see.

Each is one line that says what is wrong, where, and what to do about it. Faces print them; nothing
below the faces prints. Anything that is not a `DistributorError` is a bug.
"""


class DistributorError(Exception):
    """A refusal: what is wrong, where it is, and the cure.

    `str(error)` is the one line shown to a person: "WHERE: WHAT. CURE".
    """

    def __init__(self, what: str, *, where: str = "", cure: str = "") -> None:
        self.what, self.where, self.cure = what, where, cure
        text = f"{where}: {what}" if where else what
        end = "" if text.endswith(("?", "!")) else "."
        super().__init__(f"{text.rstrip('.')}{end} {cure}" if cure else text)


class ConfigError(DistributorError):
    """config.toml or its environment is wrong."""


class DocumentError(DistributorError):
    """A press-release document cannot be read."""


class EmbargoError(DistributorError):
    """An embargo time is missing its zone, does not exist, is ambiguous, or has passed."""


class TemplateError(DistributorError):
    """A mail template is broken."""


class HeaderError(DistributorError):
    """A value must not reach a mail header."""


class AddressError(DistributorError):
    """An e-mail address is none."""


class NotFound(DistributorError):
    """What was named does not exist."""


class Refused(DistributorError):
    """What was asked is not allowed in the present state."""


class Busy(DistributorError):
    """The database, a relay or another process does not let us go on now."""
