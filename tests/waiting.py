"""Waiting for what another process or thread does. The limit is pytest's own timeout.

It looks, pauses and looks again: a loop without a pause takes the processor from whom it waits for.
"""

import time
from collections.abc import Callable

_PAUSE = 0.01  # seconds


def until(met: Callable[[], object]) -> None:
    """Come back when it is true."""
    while not met():
        time.sleep(_PAUSE)
