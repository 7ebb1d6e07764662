"""A small SMTP server on this machine that keeps what it gets as `.eml`: the demo's inboxes."""

import asyncio
import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP


@dataclass(frozen=True, slots=True)
class Caught:
    """One message, as it arrived. `received_at` is when its final dot came."""

    received_at: datetime
    sender: str
    recipient: str
    message_id: str
    path: Path
    content: bytes


class Catcher:
    """Listens on a free port of 127.0.0.1 inside a `with` block and keeps messages in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._caught: list[Caught] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="catcher", daemon=True)
        self.port = 0

    def __enter__(self) -> "Catcher":
        self._folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port = int(server.sockets[0].getsockname()[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(
            lambda: SMTP(self, hostname="catcher.test", loop=self._loop), "127.0.0.1", 0
        )

    @property
    def messages(self) -> list[Caught]:
        """All that came so far, in order."""
        with self._lock:
            return list(self._caught)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        received = datetime.now(UTC)
        headers = BytesHeaderParser(policy=default).parsebytes(envelope.original_content)
        with self._lock:
            for recipient in envelope.rcpt_tos:
                path = self._folder / f"{len(self._caught) + 1:05d}-{_safe(recipient)}.eml"
                path.write_bytes(envelope.original_content)
                self._caught.append(
                    Caught(
                        received_at=received,
                        sender=envelope.mail_from,
                        recipient=recipient,
                        message_id=str(headers["Message-ID"] or ""),
                        path=path,
                        content=envelope.original_content,
                    )
                )
        return "250 2.0.0 kept"


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.@_-]", "_", text)[:80]
