"""The command line: `distributor NOUN VERB`, its exit codes, and one line on stderr for each refusal.

0 done · 1 refused or failed · 2 usage · 130 interrupted. A noun's module is imported when the noun is
used, so that `--help` is quick. A new noun is one line in `_NOUNS`. What nouns do is in their modules.
"""

import sys
from collections.abc import Sequence

from distributor.cli import accidents
from distributor.cli.nouns import root
from distributor.cli.terminal import Terminal


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Never raises, never prints a traceback."""
    terminal = Terminal()
    with accidents.reported(terminal) as outcome:
        try:
            root()(args=argv, prog_name="distributor", obj=terminal)
        except SystemExit as end:
            outcome.code = end.code if isinstance(end.code, int) else 1
        sys.stdout.flush()
    return outcome.code
