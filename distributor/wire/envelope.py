"""The commands that carry a message's envelope, and why a message cannot have one. No I/O."""

import re
from collections.abc import Set

from distributor.model.message import Message, Phase
from distributor.wire.lines import SmtpReply

DATA = b"DATA\r\n"
DOT = b".\r\n"

# Line breaks, other controls, spaces and angle brackets would end the command or begin another one.
_UNSAFE = re.compile("[\x00-\x20\x7f-\xa0<>\u2028\u2029\ud800-\udfff]")


def unfit(message: Message) -> tuple[Phase, SmtpReply] | None:
    """The refusal that we give ourselves: no relay can be asked. None when one may be."""
    if not _UNSAFE.search(message.sender + message.recipient):
        return None
    phase, name = (Phase.MAIL, "sender") if _UNSAFE.search(message.sender) else (Phase.RCPT, "recipient")
    return phase, SmtpReply(501, "5.1.3", f"the {name}’s address cannot be written in SMTP; not sent")


def beyond(message: Message, *, offered: Set[str]) -> tuple[Phase, SmtpReply] | None:
    """The refusal when this relay cannot be asked, or None when it may be.

    `offered`: its EHLO keywords in lower case. Another may be asked: non-ASCII addresses need SMTPUTF8
    (RFC 6531 §3.2).
    """
    if (message.sender.isascii() and message.recipient.isascii()) or "smtputf8" in offered:
        return None
    phase, name = (Phase.RCPT, "recipient") if message.sender.isascii() else (Phase.MAIL, "sender")
    text = f"the {name}’s address is not ASCII and the relay does not offer SMTPUTF8; not sent"
    return phase, SmtpReply(553, "5.6.7", text)


def mail(message: Message, *, offered: Set[str]) -> bytes:
    """MAIL FROM with SIZE (RFC 1870), SMTPUTF8 (RFC 6531), BODY (RFC 6152) as far as offered and needed."""
    utf8 = not (message.sender.isascii() and message.recipient.isascii())  # else its content is ASCII too
    size = f" SIZE={message.size}" if "size" in offered else ""
    smtputf8 = " SMTPUTF8" if utf8 else ""
    body = " BODY=8BITMIME" if utf8 and "8bitmime" in offered else ""
    return f"MAIL FROM:<{message.sender}>{size}{smtputf8}{body}\r\n".encode()


def commands(message: Message, *, offered: Set[str]) -> tuple[bytes, bytes, bytes]:
    """MAIL, RCPT and DATA."""
    return mail(message, offered=offered), f"RCPT TO:<{message.recipient}>\r\n".encode(), DATA
