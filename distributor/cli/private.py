"""Files for their owner alone: what is written may hold text under embargo, or addresses (law 1)."""

import os
from pathlib import Path
from typing import TextIO

from distributor.errors import Refused


def keep(file: Path, data: bytes) -> None:
    """Write it, or over it."""
    with os.fdopen(_handle(file), "wb") as opened:
        opened.write(data)


def text(file: Path, *, encoding: str = "utf-8") -> TextIO:
    """Open it for text, lines as they are given. Raises Refused when it cannot be written."""
    return os.fdopen(_handle(file), "w", encoding=encoding, newline="")


def _handle(file: Path) -> int:
    """A file that was there before belongs to its owner alone from now on."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise Refused(
            f"cannot be written ({error.strerror})", where=str(file), cure="Name another file."
        ) from None
    os.fchmod(handle, 0o600)
    return handle
