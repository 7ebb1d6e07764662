"""The command line: `distributor NOUN VERB`, its exit codes, and one line on stderr for each refusal.

0 done · 1 refused or failed · 2 usage · 130 interrupted · 141 done, but nobody read the output.
A noun's module is imported when the noun is used, so that `--help` is quick. A new noun is one line in
`_NOUNS`. What nouns do is in their modules.
"""

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from distributor.cli import accidents, nouns, usage
from distributor.cli.terminal import Terminal

_ALLOCATIONS = 100_000  # between two rounds of the garbage collector: modules and rows are no garbage


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Never raises, never prints a traceback."""
    gc.set_threshold(_ALLOCATIONS)
    accidents.open_streams()
    terminal = Terminal()
    with _private(), accidents.reported(terminal) as outcome:
        try:
            code = nouns.root().main(argv, prog_name="distributor", obj=terminal, standalone_mode=False)
            outcome.code = code if isinstance(code, int) else 0
        except SystemExit as end:
            if isinstance(end.__context__, BrokenPipeError):
                raise end.__context__ from None  # click's own end of it
            outcome.code = end.code if isinstance(end.code, int) else 1
        except usage.Error as error:
            outcome.code = _misunderstood(error, sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    return outcome.code


def _misunderstood(error: Exception, argv: Sequence[str]) -> int:
    line = usage.told(error, command=nouns.named(argv))
    if line:
        accidents.say(line)
    return usage.CODE


@contextmanager
def _private() -> Iterator[None]:
    """What is written is its owner's alone: nearly all of it holds addresses or text under embargo."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
