"""The command line as a process of its own, started in a moment.

A fork server imports distributor once; each command is a child of it with its own memory, files and
process id, that can be killed like any other. What it prints goes to files of its own.
"""

import fcntl
import json
import multiprocessing
import os
import pkgutil
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import distributor
from tests.waiting import until

#: What makes processes that have all of distributor imported: fresh ones, with nothing of the test's in them.
CONTEXT = multiprocessing.get_context("forkserver")


def _modules() -> list[str]:
    """Every module of distributor, but what is run and not imported."""
    found = (module.name for module in pkgutil.walk_packages(distributor.__path__, "distributor."))
    return [name for name in found if not name.startswith(_RUN)]


_RUN = ("distributor.__main__", "distributor.store.migrations")
# premailer and alembic are imported by those who need them: a second of each command that does
CONTEXT.set_forkserver_preload(
    [__name__, *_modules(), "alembic.command", "premailer", "psycopg", "uvicorn", "tests.sink", "tests.warm"]
)
_ENVIRONMENT = dict(os.environ)


def share(folder: Path) -> None:
    """All whose `folder` this is have one fork server: the first who needs it starts it, in the environment
    of before any test."""
    server: Any = forkserver._forkserver
    begin, known = server.ensure_running, folder / "fork server"

    def running() -> None:
        if server._forkserver_address is not None:
            return
        with (folder / "fork server lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _joined(server, known):
                return
            before, place = dict(os.environ), multiprocessing.current_process()._config
            own = place.get("tempdir")
            _environment(_ENVIRONMENT)
            place["tempdir"] = str(folder)  # where its door is: one of ours would end with us
            begin()
            place["tempdir"] = own
            _environment(before)
            told = (server._forkserver_address, os.getpid(), server._forkserver_alive_fd)
            known.write_text(json.dumps(told))

    if not hasattr(server, "_forkserver_authkey"):  # newer Pythons let nobody else in
        server.ensure_running = running


def _joined(server: Any, known: Path) -> bool:
    """Whether there is one: it lives while somebody has the end of its pipe open, and that is us too now."""
    with suppress(OSError):  # nobody has begun, or who began has ended
        address, pid, alive = json.loads(known.read_text())
        server._forkserver_alive_fd = os.open(f"/proc/{pid}/fd/{alive}", os.O_WRONLY)
        server._forkserver_address = address
    return server._forkserver_address is not None


def _environment(variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)


class Program:
    """`distributor …` in `folder`, running. `wait` for its exit code; -9 after `kill`.

    `before` (picklable) is called in the process before the program.
    """

    def __init__(
        self, argv: Sequence[str], *, folder: Path, before: Callable[[], None] | None = None
    ) -> None:
        self._argv = argv
        self._said = Path(tempfile.mkdtemp(dir=folder, prefix=".said-"))
        for name in ("stdout", "stderr"):
            (self._said / name).touch()  # to be read before it has begun
        self._process = CONTEXT.Process(target=_run, args=(list(argv), folder, self._said, before))
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.is_alive()

    def wait(self) -> int:
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode

    def until_said(self, words: str) -> None:
        """Come back when they stand on its stderr; fails when it ends without them."""
        until(lambda: words in self.stderr or not self.running)
        assert words in self.stderr, self.stderr

    def kill(self) -> int:
        """kill -9: no clean-up runs."""
        self._process.kill()
        return self.wait()

    def freeze(self) -> None:
        """It does nothing more until `thaw`; come back when that is so."""
        os.kill(self.pid, signal.SIGSTOP)
        until(lambda: ") T " in Path(f"/proc/{self.pid}/stat").read_text())

    def thaw(self) -> None:
        """It goes on."""
        os.kill(self.pid, signal.SIGCONT)

    def end(self) -> str:
        """Kill it if it still runs; what it was, how it ended and what it said."""
        running = self._process.is_alive()
        code = self.kill() if running else self.wait()
        return f"{' '.join(self._argv)}: {'still ran' if running else code}\n{self.stdout}{self.stderr}"

    def terminate(self) -> None:
        """SIGTERM, as systemd does."""
        self._process.terminate()

    @property
    def stdout(self) -> str:
        return (self._said / "stdout").read_text()

    @property
    def stderr(self) -> str:
        return (self._said / "stderr").read_text()


def know(variables: Mapping[str, str]) -> None:
    """For `before`: these stand in its environment."""
    os.environ.update(variables)


def sit_at(terminal: str, *streams: int) -> None:
    """For `before`: these of its streams (0, 1, 2) are the terminal of this name."""
    device = os.open(terminal, os.O_RDWR | os.O_NOCTTY)
    for number in streams:
        os.dup2(device, number)
    if 0 in streams:
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)


def _run(argv: Sequence[str], folder: Path, said: Path, before: Callable[[], None] | None) -> None:
    """In the child: standard streams to files, a clean environment, then the program's own `main`."""
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(said / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    for name in [name for name in os.environ if name.startswith("DISTRIBUTOR_")]:
        del os.environ[name]
    os.chdir(folder)
    if before is not None:
        before()
    from distributor.cli.app import main

    code = main(argv)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
