"""The ledger's own thread: what waits there, and what goes on in the event loop meanwhile.

One thread, for one worker run has one ledger: whoever holds SQLite's only lock must not queue for a thread.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from distributor.store.turns import Turn, Turns

T = TypeVar("T")
_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")


async def beside(work: Callable[[], T], meanwhile: Callable[[], bool]) -> T:
    """`work` in the thread. `meanwhile` does a little of what waits, and says if it did."""
    working = asyncio.get_running_loop().run_in_executor(_THREAD, work)
    while not working.done() and meanwhile():
        await asyncio.sleep(0)
    return await working


async def turn(turns: Turns, meanwhile: Callable[[], bool]) -> Turn:
    """A turn to write, once the others had theirs; who does not wait any more passes its turn on."""
    waiting = _THREAD.submit(turns.take)
    try:
        return await beside(waiting.result, meanwhile)
    except BaseException:
        waiting.add_done_callback(lambda taken: taken.result().close())
        raise
