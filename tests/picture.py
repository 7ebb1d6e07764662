"""Draws docs/demo.svg: what `distributor demo` says on a terminal, from a real run, cut to what fits a page.

    .venv/bin/python -m tests.picture

The first part (lists, the release as it was read) is left out, and all recipients but one.
"""

import fcntl
import os
import pty
import re
import struct
import sys
import tempfile
import termios
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).parent.parent / "docs" / "demo.svg"
_ROWS, _COLUMNS = 60, 104
_MOVES = re.compile(r"\x1b\[(2K|1A|\?25[lh])|([\r\n])")
_CUT = Text("  …", style="dim")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        said = _said(folder)
        lines = [Text.from_ansi(line.replace(folder, "~")) for line in _screen(said)]
    out = Console(record=True, width=_COLUMNS, file=open(os.devnull, "w"))  # noqa: SIM115
    for line in _shown(lines):
        out.print(line, soft_wrap=True)
    svg = out.export_svg(title="./dev demo")
    svg = re.sub(r"@font-face \{.*?\}\n", "", svg, flags=re.DOTALL)  # a picture fetches nothing
    svg = svg.replace("Fira Code, monospace", "DejaVu Sans Mono, Menlo, Consolas, monospace")
    PICTURE.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", "utf-8")
    print(f"{PICTURE}: {len(svg)} bytes")


def _said(folder: str) -> str:
    """Everything that the demo writes to a terminal of this size."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.environ |= {"TERM": "xterm-256color", "COLUMNS": str(_COLUMNS), "LINES": str(_ROWS)}
        os.execv(sys.executable, [sys.executable, "-m", "distributor", "demo"])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
    said = b"".join(_read(terminal))
    _, status = os.waitpid(pid, 0)
    if status:
        raise SystemExit(said.decode())
    return said.decode()


def _read(terminal: int) -> Iterator[bytes]:
    try:
        while chunk := os.read(terminal, 65536):
            yield chunk
    except OSError:  # Linux's way of saying that the other side is closed
        return


def _screen(said: str) -> list[str]:
    """The lines as they stand at the end: a live table is drawn over itself."""
    lines, at, position = [""], 0, 0
    for move in _MOVES.finditer(said):
        lines[at] += said[position : move.start()]
        position = move.end()
        if move[1] == "2K":
            lines[at] = ""
        elif move[1] == "1A":
            at -= 1
        elif move[2] == "\n":
            at += 1
            lines += [""] * (at == len(lines))
    return lines


def _shown(lines: list[Text]) -> Iterator[Text]:
    """From the recipients on, the first of them only."""
    plain = [line.plain for line in lines]
    start = next(n for n, text in enumerate(plain) if "messages planned" in text)
    people = [n for n, text in enumerate(plain) if n > start and "@" in text]
    rest = next(n for n, text in enumerate(plain) if n > start and text.startswith("▸"))
    yield from (Text("$ ./dev demo", style="bold green"), _CUT, Text())
    yield from lines[start : people[1]]
    yield from (_CUT, Text())
    yield from lines[rest:]


if __name__ == "__main__":
    main()
