"""The commands that carry a message's envelope, and why a message cannot have one. No I/O."""

import re
from collections.abc import Set

from distributor.model.message import Message, Phase
from distributor.wire.lines import Answer

DATA = b"DATA\r\n"
DOT = b".\r\n"

# Line breaks, other controls, spaces and angle brackets would end the command or begin another one.
_UNSAFE = re.compile("[\x00-\x20\x7f-\xa0<>\u2028\u2029\ud800-\udfff]")


def unfit(message: Message, *, offered: Set[str]) -> tuple[Phase, Answer] | None:
    """The refusal that we give ourselves, or None when the relay may be asked.

    `offered`: the relay's EHLO keywords in lower case. Non-ASCII addresses need SMTPUTF8 (RFC 6531 §3.2).
    """
    for phase, name, address in (
        (Phase.MAIL, "sender", message.sender),
        (Phase.RCPT, "recipient", message.recipient),
    ):
        if _UNSAFE.search(address):
            return phase, Answer(501, "5.1.3", f"the {name}’s address cannot be written in SMTP; not sent")
        if not address.isascii() and "smtputf8" not in offered:
            text = f"the {name}’s address is not ASCII and the relay does not offer SMTPUTF8; not sent"
            return phase, Answer(553, "5.6.7", text)
    return None


def mail(message: Message, *, offered: Set[str]) -> bytes:
    """MAIL FROM with SIZE (RFC 1870), SMTPUTF8 (RFC 6531), BODY (RFC 6152) as far as offered and needed."""
    utf8 = not (message.sender.isascii() and message.recipient.isascii())
    parameters = [
        f" SIZE={len(message.content)}" if "size" in offered else "",
        " SMTPUTF8" if utf8 else "",
        " BODY=8BITMIME" if "8bitmime" in offered and (utf8 or not message.content.isascii()) else "",
    ]
    return f"MAIL FROM:<{message.sender}>{''.join(parameters)}\r\n".encode()


def rcpt(message: Message) -> bytes:
    """RCPT TO."""
    return f"RCPT TO:<{message.recipient}>\r\n".encode()
