"""Who writes next: writers on SQLite stand in a line, in the kernel, instead of asking again and again.

SQLite lets one write and has the others sleep a while and try again, longer each time: with many of them
some try for seconds while the lock changes hands unseen. Here each waits for a `flock` on a file beside the
database. The lock goes with its process, whatever ends that.

It promises order, not safety: SQLite's own lock stays the one that counts. Where `flock` does not work, or
the line does not move, a writer gets no turn and asks SQLite as if there were no line. Readers never stand in
it.
"""

import fcntl
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PATIENCE = 2.5  # seconds in the line; after it SQLite's own begin
_MOST = 8  # threads of this process in the line, those included that are not waited for any more


class Turn:
    """What a writer holds for the length of its transaction; of no effect when there is no line."""

    def __init__(self, handle: int | None = None) -> None:
        self._handle = handle

    def lock(self, how: int) -> None:
        """Wait for its file, or with LOCK_NB raise BlockingIOError."""
        if self._handle is not None:
            fcntl.flock(self._handle, fcntl.LOCK_EX | how)

    def close(self) -> None:
        """The next one writes. Unlocked first: a child that was forked meanwhile has the file open too."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_UN)
            os.close(handle)


class Turns:
    """The line of one database. `folder` is made when it is needed.

    Whoever is first in the line holds `next` while it waits for `turn`. So who has just written cannot take
    the turn again before those who wait already.
    """

    def __init__(self, folder: Path) -> None:
        self._next, self._turn = folder / "next.lock", folder / "turn.lock"
        self._waiting = threading.Semaphore(_MOST)

    def at_once(self) -> Turn | None:
        """A turn when nobody is in the line; None: `take` waits for it."""
        with suppress(BlockingIOError):
            return self._taken(fcntl.LOCK_NB)
        return None

    def take(self) -> Turn:
        """A turn, as soon as it comes; after PATIENCE without one."""
        return self.at_once() or self._waited()

    def _waited(self) -> Turn:
        if not self._waiting.acquire(blocking=False):
            return Turn()
        waiter = _Waiter(self._in_line)
        threading.Thread(target=waiter.wait, name="turn", daemon=True).start()
        return waiter.turn()

    def _in_line(self) -> Turn:
        try:
            return self._taken(0)
        finally:
            self._waiting.release()

    def _taken(self, how: int) -> Turn:
        """Both locks, then `next` is let go. Raises BlockingIOError with LOCK_NB when there is a line."""
        try:
            first = _locked(self._next, how)
            try:
                return _locked(self._turn, how)
            finally:
                first.close()
        except BlockingIOError:
            raise
        except OSError:  # no such lock here, or not ours to open
            return Turn()


class _Waiter:
    """A thread's wait without end, seen from who waits PATIENCE only. A later turn is passed on."""

    def __init__(self, take: Callable[[], Turn]) -> None:
        self._take = take
        self._changed = threading.Condition()
        self._turn: Turn | None = None
        self._left = False

    def wait(self) -> None:
        turn = self._take()
        with self._changed:
            if not self._left:
                self._turn = turn
                self._changed.notify()
                return
        turn.close()

    def turn(self) -> Turn:
        with self._changed:
            self._changed.wait_for(lambda: self._turn is not None, PATIENCE)
            self._left = True
            return self._turn or Turn()


def _locked(path: Path, how: int) -> Turn:
    turn = Turn(_opened(path))
    try:
        turn.lock(how)
    except BaseException:
        turn.close()
        raise
    return turn


def _opened(path: Path) -> int:
    how = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    try:
        return os.open(path, how, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, how, 0o600)
