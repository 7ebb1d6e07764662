"""Where mail goes when no relay is configured: one `.eml` file a message, in a folder (law 8)."""

import asyncio
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from distributor.model.message import Message, Phase, Reply

NAME = "outbox"


class Outbox:
    """Keeps messages in `folder`. The same Message-ID again replaces the file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def unavailable_reason(self) -> str | None:
        """Why nothing can be kept now, or None."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return f"{self._folder}: {error.strerror}"
        return None if os.access(self._folder, os.W_OK) else f"{self._folder}: not writable"

    async def warm(self) -> int:
        return 0 if self.unavailable_reason else 1

    async def close(self) -> None:
        """Nothing to close."""

    async def hand_over(self, message: Message, *, may_write: Callable[[], bool]) -> Reply:
        """Keep the message; accepted when it is on the disk."""
        started = datetime.now(UTC)
        if not may_write():
            return _reply(started, code=0, text="taken back", phase=Phase.DATA, written=False)
        try:
            path = await asyncio.to_thread(self._keep, message)
        except OSError as error:
            return _reply(started, code=0, text=f"{self._folder}: {error.strerror}", phase=Phase.CONNECT)
        return _reply(started, code=250, text=f"kept as {path.name}", phase=Phase.DOT)

    def _keep(self, message: Message) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{_file_name(message.message_id)}.eml"
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(message.content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        return path


def _file_name(message_id: str) -> str:
    return re.sub(r"[^A-Za-z0-9.@_-]", "_", message_id.strip("<>"))[:200]


def _reply(started: datetime, *, code: int, text: str, phase: Phase, written: bool = True) -> Reply:
    return Reply(
        code=code,
        enhanced="2.0.0" if code else None,
        text=text,
        relay=NAME,
        phase=phase,
        started=started,
        finished=datetime.now(UTC),
        written=written,
    )
