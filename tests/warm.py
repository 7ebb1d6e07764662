"""Imported by the fork server alone: what each of its children would do anew is done once, before they fork.

A small office lives through a release here. Templates, style sheets and SQL are compiled then, options are
made, and what all that left in memory is no garbage: children need not look at it.
"""

import gc
import os
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from distributor import system
from distributor.cli.app import main
from tests import compiled, styled
from tests.house import NOW, REFERENCE, House, renderer

_COMMANDS = (
    "lists sync --yes",
    f"release add release.md --at {NOW.isoformat()}",
    f"release approve {REFERENCE}",
    "todo",
    "release list",
    f"log {REFERENCE}",
    "doubt list",
)


def _lived_through(folder: Path) -> None:
    house = House(folder)
    house.configure(port=9)
    house.furnish(trade=["ada@example.org"], agencies=["wire@example.org"])
    before = Path.cwd()
    os.chdir(folder)
    try:
        for command in _COMMANDS:
            with redirect_stdout(StringIO()) as out, redirect_stderr(out):
                code = main(command.split())
            assert code == 0, (command, out.getvalue())
    finally:
        os.chdir(before)


compiled.share()
styled.share()
system.Renderer = renderer  # type: ignore[assignment,misc]
with TemporaryDirectory() as _folder:
    _lived_through(Path(_folder))
compiled.close()
gc.collect()
gc.freeze()
