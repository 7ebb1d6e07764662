"""The command line as a process of its own, started in a moment.

A fork server imports distributor once; each command is a child of it with its own memory, files and
process id, that can be killed like any other. What it prints goes to files of its own.
"""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "distributor.cli.app",
        "distributor.cli.doubt",
        "distributor.cli.log",
        "distributor.cli.release",
        "distributor.cli.release_testing",
        "distributor.cli.lists",
        "distributor.cli.run",
        "distributor.clockwork",
        "distributor.documents",
        "distributor.web.app",
        "distributor.worker",
        "uvicorn",
    ]
)


class Program:
    """`distributor …` in `folder`, running. `wait` for its exit code; -9 after `kill`.

    `before` (picklable) is called in the process before the program.
    """

    def __init__(
        self, argv: Sequence[str], *, folder: Path, before: Callable[[], None] | None = None
    ) -> None:
        self._argv = argv
        self._said = Path(tempfile.mkdtemp(dir=folder, prefix=".said-"))
        self._process = _CONTEXT.Process(target=_run, args=(list(argv), folder, self._said, before))
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

    def kill(self) -> int:
        """kill -9: no clean-up runs."""
        self._process.kill()
        return self.wait()

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
