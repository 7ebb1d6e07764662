"""Work that is waited for only as long as it is worth it, and otherwise goes on alone.

It knows nothing of what the work is. Whoever owns it calls `over` before the end.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field

MOMENT = 0.5  # seconds that the rest is waited for when there is enough


@dataclass
class Aside:
    """`enough()`: whether what is done already will do."""

    enough: Callable[[], bool]
    _under_way: set["asyncio.Task[None]"] = field(default_factory=set)

    async def wait(self, doing: Iterable[Coroutine[None, None, None]]) -> None:
        """Until all are done; once there is enough, only a moment longer. Raises what one of those raised."""
        waited = {asyncio.create_task(one) for one in doing}
        self._under_way |= waited
        for one in waited:
            one.add_done_callback(self._under_way.discard)
        while waited:
            done, waited = await asyncio.wait(waited, timeout=MOMENT)
            for one in done:
                one.result()
            if self.enough():
                return

    async def over(self) -> None:
        """Until all that went on alone has ended."""
        await asyncio.gather(*self._under_way)
