"""A benchmark's programs from the fork server, for a test that only asks whether the benchmark runs.

The same command line in a process of its own, a second of processor cheaper. What is measured is started as a
user starts it: never use this for figures.
"""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from tests.bench.house import House
from tests.program import Program, know

_start = House.start


def start(
    office: House,
    *argv: str,
    port: int,
    environment: Mapping[str, str] | None = None,
    before: Sequence[str] = (),
) -> Any:
    """In the place of `House.start`. What is run by another program (`before`) starts as ever."""
    if before:
        return _start(office, *argv, port=port, environment=environment, before=before)
    told = dict(environment or {}) | {"DISTRIBUTOR_RELAYS__SINK__PORT": str(port)}
    return Forked(office, Program(argv, folder=office.folder, before=partial(know, told)))


class Forked:
    """A program as `subprocess.Popen` shows one, as far as benchmarks look."""

    def __init__(self, office: House, program: Program) -> None:
        self._office, self._program = office, program
        self.pid = program.pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return None if self._program.running else self.wait()

    def wait(self) -> int:
        self.returncode = self._program.wait()
        self._office.told.write_text(self._program.stderr)
        return self.returncode

    def communicate(self) -> tuple[str, None]:
        self.wait()
        return self._program.stdout, None

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def __enter__(self) -> "Forked":
        return self

    def __exit__(self, *_: object) -> None:
        self.wait()
