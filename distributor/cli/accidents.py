"""Turns what went wrong into one line on stderr and an exit code.

A refusal says what, where and the cure. A bug says that it is one, and leaves its traceback in a file of
the state folder (or raises it again with DISTRIBUTOR_DEBUG=1).
"""

import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from distributor.cli.terminal import Terminal
from distributor.errors import DistributorError

FAILED = 1
INTERRUPTED = 130


@dataclass
class Outcome:
    code: int = 0


@contextmanager
def reported(terminal: Terminal) -> Iterator[Outcome]:
    """Run the block; whatever it raises becomes a line and `Outcome.code`."""
    outcome = Outcome()
    try:
        yield outcome
    except DistributorError as error:
        outcome.code = _say(str(error))
    except KeyboardInterrupt:
        outcome.code = INTERRUPTED
    except BrokenPipeError:
        outcome.code = _nobody_reads()
    except OSError as error:
        outcome.code = _say(_of_the_machine(error)) if error.filename else _bug(error, terminal)
    except Exception as error:
        outcome.code = _bug(error, terminal)
    finally:
        terminal.close()


def _say(line: str) -> int:
    print("distributor: " + " ".join(line.split()), file=sys.stderr)
    return FAILED


def _nobody_reads() -> int:
    """The reader of our output has gone (as with “| head”): say nothing, also not at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _of_the_machine(error: OSError) -> str:
    return (
        f"{error.filename}: {error.strerror or error}. Check the path, its rights and the space on the disk."
    )


def _bug(error: Exception, terminal: Terminal) -> int:
    if os.environ.get("DISTRIBUTOR_DEBUG"):
        raise error
    file = _kept(error, terminal)
    return _say(f"this is a bug ({type(error).__name__}); please report it with {file}")


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
