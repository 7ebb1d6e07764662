"""A small SMTP server on this machine that keeps what it gets as `.eml`: the demo's inboxes.

It takes everything, for every recipient, and passes nothing on.
"""

import asyncio
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.policy import compat32
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from distributor.wire.outbox import file_name


@dataclass(frozen=True, slots=True)
class Caught:
    """One message, as it arrived for one recipient. `received_at` (UTC) is when its final dot came."""

    received_at: datetime
    sender: str
    recipient: str
    message_id: str
    path: Path
    content: bytes


class Catcher:
    """Listens on a free port of 127.0.0.1 inside a `with` block and keeps messages in `folder`.

    The names of the files sort by arrival and contain the recipient.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._caught: list[Caught] = []
        self._server = _AnyPort(self, hostname="127.0.0.1", port=0, server_hostname="catcher.test")

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.port)

    @property
    def messages(self) -> list[Caught]:
        """All that came so far, in order; from any thread."""
        with self._lock:
            return list(self._caught)

    def __enter__(self) -> "Catcher":
        self._folder.mkdir(parents=True, exist_ok=True)
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """What aiosmtpd calls when the final dot came."""
        received = datetime.now(UTC)
        try:
            for recipient in envelope.rcpt_tos:
                self._keep(envelope.mail_from, recipient, envelope.content, received)
        except OSError as error:
            return f"452 4.3.1 cannot keep it: {error.strerror}"
        return "250 2.0.0 kept"

    def _keep(self, sender: str, recipient: str, content: bytes, received: datetime) -> None:
        headers = BytesHeaderParser(policy=compat32).parsebytes(content)
        with self._lock:
            number = len(self._caught) + 1
            path = self._folder / f"{received:%Y%m%dT%H%M%S.%fZ}-{number:06d}-{file_name(recipient)}.eml"
            path.write_bytes(content)
            message_id = str(headers.get("Message-ID", "")).strip()
            self._caught.append(Caught(received, sender, recipient, message_id, path, content))


class _AnyPort(Controller):
    """A controller that learns which port it was given."""

    def _trigger_server(self) -> None:
        self.port = cast(asyncio.Server, self.server).sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]

    def factory(self) -> SMTP:
        return SMTP(self.handler, data_size_limit=0, **self.SMTP_kwargs)
