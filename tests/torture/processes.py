"""Processes of a torture, and what ends them: nothing of it outlives an interruption."""

import multiprocessing
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from types import FrameType

_ENDS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupts() -> Iterator[None]:
    """Ctrl-C and SIGTERM leave the block by its exits; the next ones do not disturb what these clean up."""

    def leave(number: int, _: FrameType | None) -> None:
        for one in _ENDS:
            signal.signal(one, signal.SIG_IGN)
        sys.exit(128 + number)

    before = {one: signal.signal(one, leave) for one in _ENDS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def pool(number: int) -> Iterator[ProcessPoolExecutor]:
    """So many processes for the length of the block; killed where it does not end well."""
    mine = set(multiprocessing.active_children())
    processes = ProcessPoolExecutor(
        number, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_it_to_the_parent
    )
    try:
        yield processes
    except BaseException:
        for child in set(multiprocessing.active_children()) - mine:
            with suppress(ProcessLookupError):
                child.kill()
        raise
    finally:
        processes.shutdown(cancel_futures=True)


class Programs:
    """Programs that threads wait for; `end` asks all of them to end, and waits until they have cleaned up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: list[subprocess.Popen[str]] = []
        self._ended = False

    def run(self, command: Sequence[str]) -> str:
        """What it says on stdout, at its end."""
        with self._lock:
            if self._ended:
                raise InterruptedError
            program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            self._running.append(program)
        return program.communicate()[0]

    def end(self) -> None:
        with self._lock:
            self._ended = True
        for program in self._running:
            program.terminate()
        for program in self._running:
            program.wait()


def _leave_it_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
