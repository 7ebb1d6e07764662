"""A mail server that delivers into a Maildir for each recipient, as a reader's own server does."""

import mailbox
from email.message import Message
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HEADERS = (
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "X-Release-Reference",
    "X-Release-Notice",
    "X-Embargo-Until",
)


class _AnyPort(Controller):
    """A controller that learns which port it was given."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Maildirs:
    """Listens on a free port of 127.0.0.1 in a `with` block; `folder` holds a Maildir for each address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._server = _AnyPort(
            self, hostname="127.0.0.1", port=0, server_hostname="mx.test", ready_timeout=60
        )

    @property
    def port(self) -> int:
        return int(self._server.port)

    def __enter__(self) -> "Maildirs":
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """In the loop's own thread: a mail is there before its sender hears so."""
        for recipient in envelope.rcpt_tos:
            place = mailbox.Maildir(self._folder / recipient)
            place.add(bytes(envelope.content or b""))
        return "250 2.0.0 delivered"

    def of(self, address: str) -> list[Message]:
        """Her mails, oldest first by their Date, then as they came."""
        place = self._folder / address
        if not place.exists():
            return []
        kept = mailbox.Maildir(place, create=False)
        return [kept[key] for key in sorted(kept.keys(), key=_arrival)]


def _arrival(key: str) -> tuple[int, int, int]:
    """ "1767000000.M123P456Q7.host": a Maildir's own names tell the order."""
    seconds, unique, *_ = key.split(".", 2)
    return int(seconds), int(unique[1:].partition("P")[0]), int(unique.rpartition("Q")[2])


def shown(mail: Message) -> str:
    """The headers that matter to a reader of embargoed text, as they stand in the mail."""
    lines = [f"{name}: {' '.join(str(mail[name]).split())}" for name in HEADERS if mail[name]]
    return "\n".join(lines)
