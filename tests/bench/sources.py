"""Who sends beside us: smtp-source, the plain way with EmailMessage and aiosmtplib, nodemailer's pool.

Each is a program of its own that sends `count` messages of about `size` bytes to a port of this machine over
`connections` connections that it keeps. `seconds` is its whole life for smtp-source, the sending alone for
the others.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.tools import Missing, nodemailer, program

REFERENCE = "smtp-source -d"
PLAIN = "EmailMessage + aiosmtplib"
NODEMAILER = "nodemailer pool"


@dataclass(frozen=True)
class Load:
    """What is sent. `size`: bytes of one message."""

    count: int
    size: int
    connections: int


@dataclass(frozen=True)
class Source:
    """`share` of the count is enough for one that is slow."""

    name: str
    seconds: Callable[[int, Load], float]
    share: float = 1.0

    def rate(self, port: int, load: Load) -> float:
        """Messages a second."""
        count = max(load.connections, round(load.count * self.share))
        return count / self.seconds(port, Load(count, load.size, load.connections))


def smtp_source(port: int, load: Load) -> float:
    """Postfix's load generator: connections kept (-d), one recipient a message."""
    command = [program("smtp-source", package="postfix"), "-d", "-s", load.connections, "-m", load.count]
    command += ["-l", load.size, "-f", "press@example.org", "-t", "r@example.org", f"127.0.0.1:{port}"]
    began = time.perf_counter()
    subprocess.run([str(word) for word in command], check=True)
    return time.perf_counter() - began


def plain(port: int, load: Load) -> float:
    """An EmailMessage for each recipient, given to aiosmtplib."""
    return _said([sys.executable, "-m", "tests.bench.plain"], port, load)


def pooled(port: int, load: Load) -> float:
    """nodemailer with its pool."""
    script = str(Path(__file__).with_name("nodemailer.js"))
    return _said([program("node", package="nodejs"), script], port, load, environment=nodemailer())


def _said(
    command: list[str], port: int, load: Load, *, environment: Mapping[str, str] | None = None
) -> float:
    """Run it; the seconds are the one number it prints."""
    words = [*command, *(str(number) for number in (port, load.count, load.size, load.connections))]
    done = subprocess.run(
        words, check=True, text=True, stdout=subprocess.PIPE, env=os.environ | dict(environment or {})
    )
    return float(done.stdout)


def available(*, alone: bool = False) -> tuple[list[Source], dict[str, str]]:
    """The sources this machine can run (`alone`: of smtp-source only), and {name: why not} of the others."""
    found, reasons = [], {}
    for source, needs in _SOURCES[: 1 if alone else None]:
        try:
            needs()
        except Missing as error:
            reasons[source.name] = str(error)
        else:
            found.append(source)
    return found, reasons


_SOURCES: tuple[tuple[Source, Callable[[], object]], ...] = (
    (Source(REFERENCE, smtp_source), lambda: program("smtp-source", package="postfix")),
    (Source(PLAIN, plain, share=0.1), lambda: None),
    (Source(NODEMAILER, pooled, share=0.4), nodemailer),
)
