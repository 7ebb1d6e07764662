"""What is said of a command line that cannot be understood: one line with what, where and the cure.

typer would draw a box over several lines, which no log and no script reads.
"""

import re
from typing import Any

import typer

CODE = 2
#: What typer raises for a command line that is wrong; it offers no other name for it.
Error: type[Exception] = typer.BadParameter.__bases__[0]

_QUOTED = re.compile(r"'([^']*)'")


def told(error: Any, *, command: str) -> str:
    """ "no such option: --colour. See: distributor check --help"; "" for a noun without verb: it has help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return ""
    said = " ".join(error.format_message().split()).rstrip(".")
    said = _QUOTED.sub("“\\1”", said[:1].lower() + said[1:])
    command = error.ctx.command_path if error.ctx else command
    return f"{said}{'' if said.endswith('?') else '.'} See: {command} --help"
