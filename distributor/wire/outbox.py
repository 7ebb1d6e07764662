"""Where mail goes when no relay is configured: one `.eml` file a message, in a folder (law 8).

The file's name is the Message-ID, so that a repeated message replaces itself. A file is there whole or
not at all.
"""

import asyncio
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from distributor.model.message import Load, Message, Phase, Reply
from distributor.wire.ration import Ration
from distributor.wire.timeouts import utc

NAME = "outbox"
_LONGEST = 200  # characters of a file name; most file systems allow 255 bytes


class Outbox:
    """Keeps messages in `folder`, which is made when it is needed.

    `unavailable_reason`: why nothing can be kept now, or None; as it was when last tried.
    """

    refusals = 0  # a folder refuses nobody
    rations: ClassVar[list[Ration]] = []  # and has no limits
    unused: ClassVar[list[Ration]] = []
    room = None

    def __init__(self, folder: Path, *, now: Callable[[], datetime] = utc) -> None:
        self._folder, self._now = folder, now
        self._needed = 1  # bytes: what did not fit is what the next try must find room for
        self.unavailable_reason: str | None = None
        self._tried = False

    @property
    def health(self) -> dict[str, str | None]:
        """Why nothing can be kept, or None, once it was tried."""
        return {NAME: self.unavailable_reason} if self._tried else {}

    async def mend(self) -> None:
        """Try again when nothing can be kept."""
        if self.unavailable_reason:
            await self.warm()

    async def warm(self) -> int:
        """1 when files can be kept, else 0. It tries: a file is written and taken away again."""
        self._tried = True
        try:
            await asyncio.to_thread(self._try)
        except OSError as error:
            self.unavailable_reason = self._reason(error)
            return 0
        self.unavailable_reason, self._needed = None, 1
        return 1

    async def close(self) -> None:
        """Nothing is open."""

    def drop(self) -> None:
        """Nothing waits for an answer."""

    async def carry(self, load: Load) -> None:
        """Keep what `load` gives until it gives no more."""
        while (message := load.take()) is not None:
            may_write = partial(load.may_write, message)
            load.done(message, await self.hand_over(message, may_write=may_write))

    async def hand_over(self, message: Message, *, may_write: Callable[[], bool]) -> Reply:
        """Keep one message. It is accepted when it is on the disk; never in doubt."""
        started = self._now()
        if not may_write():
            return self._reply(started, text="the message was taken back", phase=Phase.DATA, written=False)
        try:
            name = await asyncio.to_thread(self._keep, message)
        except OSError as error:
            self.unavailable_reason, self._needed = self._reason(error), message.size
            return self._reply(started, text=self.unavailable_reason, phase=Phase.CONNECT)
        return self._reply(started, code=250, enhanced="2.0.0", text=f"kept as {name}", phase=Phase.DOT)

    def _reason(self, error: OSError) -> str:
        wrong = isinstance(error, FileExistsError | NotADirectoryError)
        return f"outbox {self._folder}: {'not a folder' if wrong else error.strerror}"

    def _try(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(prefix=".part-", dir=self._folder) as file:
            file.write(bytes(self._needed))
            file.flush()
            os.fsync(file.fileno())

    def _keep(self, message: Message) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{file_name(message.message_id)}.eml"
        handle, part = tempfile.mkstemp(prefix=".part-", dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(message.content)
                file.flush()
                os.fsync(file.fileno())
            Path(part).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(part).unlink()
            raise
        _sync(self._folder)
        return path.name

    def _reply(
        self,
        started: datetime,
        *,
        text: str,
        phase: Phase,
        code: int = 0,
        enhanced: str | None = None,
        written: bool = True,
    ) -> Reply:
        return Reply(
            code=code,
            enhanced=enhanced,
            text=text[:500],
            relay=NAME,
            phase=phase,
            started=started,
            finished=self._now(),
            written=written,
        )


def file_name(text: str) -> str:
    """`text` as a safe name: no separators, no leading dot, not too long; different texts stay different."""
    name = quote(text.strip().removeprefix("<").removesuffix(">"), safe="@+=,")
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name) > _LONGEST:
        name = f"{name[: _LONGEST - 33]}-{sha256(text.encode('utf-8', 'replace')).hexdigest()[:32]}"
    return name or "nameless"


def _sync(folder: Path) -> None:
    """The name of the new file reaches the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
