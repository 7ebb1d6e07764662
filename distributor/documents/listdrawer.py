"""Where a change of list files lies until somebody says yes, and the last one that was made, to be undone.

A drawer is a folder of the office's own state, for its owner alone: it holds addresses. Files of lists are
put in place whole: a reader sees the old one or the new one.
"""

import fcntl
import json
import os
import secrets
import tempfile
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from distributor.errors import DocumentError
from distributor.model.contact import BadRow

Files = Mapping[str, bytes | None]
_LAST = "last"
_KEPT = 24 * 3600  # seconds


@dataclass(frozen=True, slots=True)
class Change:
    """Files by name, as they were and as they are to be; None: not there. `refused`: rows left out of it."""

    what: str
    by: str
    at: str
    before: Files
    after: Files
    refused: tuple[BadRow, ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Drawer:
    """`folder` holds the changes, `lists` the list files. Raises DocumentError where a file cannot be had."""

    folder: Path
    lists: Path

    def put(self, change: Change) -> str:
        """Keep it; returns its name. Changes that nobody said yes to for a day go."""
        with _told(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._tidy()
            id = secrets.token_hex(8)
            self._write(id, change)
        return id

    def get(self, id: str) -> Change | None:
        """The change of this name, or None."""
        named = len(id) == 16 and not set(id) - set("0123456789abcdef")
        return self._read(id) if named else None

    def last(self) -> Change | None:
        """The last change that was made here, or None."""
        return self._read(_LAST)

    def made(self, change: Change) -> None:
        """It is the last one now, and waits no more."""
        with _told(self.folder):
            self._write(_LAST, change)
            (self.folder / f"{change.id}.json").unlink(missing_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One change at a time."""
        with _told(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def now(self, names: Mapping[str, object]) -> dict[str, bytes | None]:
        """These list files as they are."""
        with _told(self.lists):
            return {name: self._bytes(name) for name in names}

    def place(self, files: Files) -> None:
        """Put these list files where they belong; None takes one away."""
        with _told(self.lists):
            self.lists.mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                if data is None:
                    (self.lists / name).unlink(missing_ok=True)
                else:
                    _replace(self.lists / name, data)

    def _bytes(self, name: str) -> bytes | None:
        try:
            return (self.lists / name).read_bytes()
        except FileNotFoundError:
            return None

    def _read(self, name: str) -> Change | None:
        try:
            told = json.loads((self.folder / f"{name}.json").read_bytes())
        except FileNotFoundError:
            return None
        return Change(
            **{key: told[key] for key in ("what", "by", "at", "id")},
            before=_bytes(told["before"]),
            after=_bytes(told["after"]),
            refused=tuple(BadRow(**row) for row in told["refused"]),
        )

    def _write(self, name: str, change: Change) -> None:
        told: dict[str, Any] = asdict(change) | {"id": change.id or name}
        told |= {"before": _text(change.before), "after": _text(change.after)}
        _replace(self.folder / f"{name}.json", json.dumps(told).encode())

    def _tidy(self) -> None:
        for file in self.folder.glob("*.json"):
            with suppress(FileNotFoundError):
                if file.stem != _LAST and time.time() - file.stat().st_mtime > _KEPT:
                    file.unlink()


def _text(files: Files) -> dict[str, str | None]:
    return {name: None if data is None else b64encode(data).decode() for name, data in files.items()}


def _bytes(told: Mapping[str, str | None]) -> dict[str, bytes | None]:
    return {name: None if data is None else b64decode(data) for name, data in told.items()}


def _replace(file: Path, data: bytes) -> None:
    """A file keeps its mode; a new one is its owner's alone."""
    handle, name = tempfile.mkstemp(prefix=".", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(data)
            new.flush()
            os.fsync(new.fileno())
        if file.exists():
            os.chmod(name, file.stat().st_mode & 0o777)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)  # it may have taken the file's place already
        raise


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        cure = "See that distributor's user may read and write there."
        raise DocumentError(f"cannot be used ({error.strerror})", where=str(folder), cure=cure) from None
