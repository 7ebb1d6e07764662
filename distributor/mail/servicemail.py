"""The bytes of a service mail: plain text to one person, with nothing to be tracked or unsubscribed by.

Same input, same bytes: a mail that goes a second time replaces the first. Auto-Submitted keeps automatic
replies away (RFC 3834 §5).
"""

from datetime import datetime
from email.utils import format_datetime

from distributor.mail import headers, quoted
from distributor.model.publisher import Publisher


def compose(
    *, publisher: Publisher, address: str, subject: str, text: str, message_id: str, date: datetime
) -> bytes:
    """The message with CRLF line ends (RFC 5322). Raises HeaderError."""
    sender = headers.mailbox(publisher.name, publisher.address, name="From")
    return b"".join(
        [
            b"From: " + sender + b"\r\n",
            b"To: " + headers.mailbox("", address, name="To") + b"\r\n",
            headers.line("Subject", subject),
            headers.line("Date", format_datetime(date)),
            b"Message-ID: " + headers.checked_message_id(message_id, name="Message-ID").encode() + b"\r\n",
            b"Auto-Submitted: auto-generated\r\n",
            b"MIME-Version: 1.0\r\n",
            b"Content-Type: text/plain; charset=utf-8\r\n",
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\n",
            quoted.encode(text.rstrip("\n") + "\n"),
        ]
    )
