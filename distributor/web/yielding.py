"""Pages step back for mail: on one machine with senders, threads that make pages leave them the processor.

Niceness belongs to a thread on Linux; elsewhere nothing is done. Where nobody competes a page is as quick as
before. The process keeps its own, for senders are started from it.
"""

import os
import sys
import threading
from contextlib import suppress

NICER = 5  # a third of a sender's weight
_thread = threading.local()


def step_back() -> None:
    """This thread does, from now on."""
    if sys.platform != "linux" or getattr(_thread, "stepped", False):
        return
    _thread.stepped = True
    own = threading.get_native_id()
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, own, min(19, os.getpriority(os.PRIO_PROCESS, own) + NICER))
