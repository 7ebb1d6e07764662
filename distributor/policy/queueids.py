"""Under which queue id a relay says that it keeps a message: for looking it up in the relay's own log."""

import re

_SAID = re.compile(
    r"\bqueued as\s+([\w.-]{4,64})"  # Postfix, and servers that answer like it
    r"|\bid=([\w-]{6,64})"  # Exim
    r"|^(?:\d\.\d\.\d\s+)?([\w-]{8,64}) Message accepted for delivery",  # sendmail
    re.IGNORECASE | re.ASCII,
)


def queue_id(words: str | None) -> str | None:
    """The id in a relay's answer, or None."""
    found = _SAID.search(words or "")
    return next((id for id in found.groups() if id), None) if found else None
