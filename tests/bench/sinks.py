"""Where the mail goes: Debian's smtp-sink, and our fastsink.c, which takes a message with the least work.

Both are programs of their own on a free port of this machine, for the length of a block. Only the fast one
has a clock: `seen()` says what it accepted, and when.
"""

import os
import smtplib
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.tools import Missing, cache, program

DEBIAN, FAST = "smtp-sink", "fastsink"
_SOURCE = Path(__file__).with_name("fastsink.c")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Seen:
    """What a sink accepted since `reset`: how many, when the first and the last, bytes of content."""

    count: int
    first: datetime
    last: datetime
    size: int


@dataclass(frozen=True)
class Sink:
    """A sink that runs: `port` on 127.0.0.1, `pid`."""

    name: str
    port: int
    pid: int

    @property
    def has_clock(self) -> bool:
        return self.name == FAST

    def reset(self) -> None:
        """Count anew, where it counts at all."""
        if self.has_clock:
            _ask(self.port, "XRESET")

    def seen(self) -> Seen:
        """Of a sink that has a clock."""
        count, first, last, size = (int(word) for word in _ask(self.port, "XSTAT").split())
        return Seen(
            count, _EPOCH + timedelta(microseconds=first), _EPOCH + timedelta(microseconds=last), size
        )


def _ask(port: int, command: str) -> str:
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        return smtp.docmd(command)[1].decode()


@contextmanager
def sink(name: str, *, address: str = "127.0.0.1") -> Iterator[Sink]:
    """A sink for the length of the block. Raises Missing when this machine has no such program.

    `address`: where the fast one listens; "0.0.0.0" for namespaces beside ours.
    """
    with _debian() if name == DEBIAN else _fast(address) as running:
        yield running


def available(names: list[str]) -> tuple[list[str], dict[str, str]]:
    """Those of these sinks that this machine can run, and {name: why not} of the others."""
    reasons = {}
    for name in names:
        try:
            program("smtp-sink", package="postfix") if name == DEBIAN else compiled()
        except Missing as error:
            reasons[name] = str(error)
    return [name for name in names if name not in reasons], reasons


@contextmanager
def _debian() -> Iterator[Sink]:
    port = _free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = [program("smtp-sink", package="postfix"), *user, f"127.0.0.1:{port}", "1024"]
    with _running(command) as process:
        _until_it_listens(process, port)
        yield Sink(DEBIAN, port, process.pid)


@contextmanager
def _fast(address: str) -> Iterator[Sink]:
    with _running([str(compiled()), address]) as process:
        assert process.stdout is not None
        yield Sink(FAST, int(process.stdout.readline()), process.pid)


def compiled() -> Path:
    """fastsink, compiled into the cache; again when its source has changed. Raises Missing."""
    target = cache() / "fastsink"
    if not target.exists() or target.stat().st_mtime < _SOURCE.stat().st_mtime:
        fresh = target.with_suffix(".new")
        compiler = program("cc", package="gcc libc6-dev")
        subprocess.run([compiler, "-O2", "-Wall", "-o", fresh, _SOURCE], check=True)
        fresh.replace(target)
    return target


@contextmanager
def _running(command: list[str]) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        return int(door.getsockname()[1])


def _until_it_listens(process: "subprocess.Popen[str]", port: int) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            continue
        return
    raise SystemExit(f"smtp-sink ended with exit code {process.returncode}")
