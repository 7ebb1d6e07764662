"""Turns what went wrong into one line on stderr and an exit code.

A refusal says what, where and the cure. A bug says that it is one, and leaves its traceback in a file of
the state folder (or raises it again with DISTRIBUTOR_DEBUG=1).
"""

import errno
import io
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import typer

from distributor.cli.terminal import Terminal, writes_utf8
from distributor.errors import DistributorError

FAILED = 1
INTERRUPTED = 130
UNREAD = 141  # as the shell says of “cat”: 128 and SIGPIPE


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


@dataclass
class Outcome:
    code: int = 0


def open_streams() -> None:
    """Where output was closed by whoever started us (“>&-”), what we say goes nowhere; what its encoding
    has no character for becomes “?”, and stops nothing.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  (for as long as we live)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper) and not writes_utf8():
        sys.stdout.reconfigure(errors="replace")


@contextmanager
def reported(terminal: Terminal) -> Iterator[Outcome]:
    """Run the block; whatever it raises becomes a line and `Outcome.code`."""
    outcome = Outcome()
    try:
        yield outcome
    except DistributorError as error:
        outcome.code = say(str(error))
    except typer.Abort:
        outcome.code = say("no answer was given, so nothing more was done")
    except KeyboardInterrupt:
        outcome.code = INTERRUPTED
    except BrokenPipeError:
        terminal.nobody_reads(sys.stdout)
    except OSError as error:
        outcome.code = _of_the_machine(error, terminal)
    except Exception as error:
        outcome.code = _bug(error, terminal)
    finally:
        terminal.close()
    if terminal.unread and not outcome.code:
        outcome.code = UNREAD


def say(line: str) -> int:
    """One line on stderr; returns the exit code of a refusal."""
    from distributor.cli.moments import clean  # late: most commands refuse nothing

    with suppress(BrokenPipeError):
        print("distributor: " + clean(" ".join(line.split())), file=sys.stderr, flush=True)
    return FAILED


def _of_the_machine(error: OSError, terminal: Terminal) -> int:
    if error.filename:
        said = f"{error.filename}: {error.strerror or error}"
        return say(f"{said}. Check the path, its rights and the space on the disk.")
    if error.errno in _NO_ROOM:
        terminal.nobody_reads(sys.stdout)
        return say(f"the output cannot be written: {error.strerror}. Make room, then look again.")
    return _bug(error, terminal)


def _bug(error: Exception, terminal: Terminal) -> int:
    if os.environ.get("DISTRIBUTOR_DEBUG"):
        raise error
    file = _kept(error, terminal)
    return say(f"this is a bug ({type(error).__name__}); please report it with {file}")


def _kept(error: Exception, terminal: Terminal) -> Path:
    """The traceback in a file that only this user may read: it can hold addresses."""
    handle, name = tempfile.mkstemp(prefix="bug-", suffix=".txt", dir=_folder(terminal))
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        traceback.print_exception(error, file=file)
    return Path(name)


def _folder(terminal: Terminal) -> Path | None:
    try:
        folder = terminal.config.path(terminal.config.paths.state)
        folder.mkdir(parents=True, exist_ok=True)
    except (DistributorError, OSError):
        return None
    return folder
