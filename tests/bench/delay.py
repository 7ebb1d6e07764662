"""A line with a delay: python -m tests.bench.delay PORT MILLISECONDS; prints the port it listens on.

What arrives for the one side leaves to the other so much later, in its order and as much as comes: many
writes are under way at once, as on a long cable. The end travels the same way.
"""

import asyncio
import sys
from collections import deque

_EARLY = 0.0005  # seconds: asyncio's timers are late by up to a millisecond


class End(asyncio.Protocol):
    """One end of the line; what it hears comes out at `other` after `delay` seconds."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._late: deque[tuple[float, bytes | None]] = deque()
        self._timed = False
        self._loop = asyncio.get_running_loop()
        self.transport: asyncio.Transport | None = None
        self.other: End | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._flow()

    def data_received(self, data: bytes) -> None:
        self._hear(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._hear(None)

    def _hear(self, data: bytes | None) -> None:
        assert self.other is not None
        self.other._late.append((self._loop.time() + self._delay, data))
        self.other._flow()

    def _flow(self) -> None:
        """Write what is due, in order, and wake up for the next."""
        while self.transport and self._late and self._late[0][0] <= self._loop.time() + _EARLY:
            data = self._late.popleft()[1]
            if data is None:
                self.transport.close()
            else:
                self.transport.write(data)
        if self._late and self.transport and not self._timed:
            self._timed = True
            self._loop.call_at(self._late[0][0], self._wake)

    def _wake(self) -> None:
        self._timed = False
        self._flow()


class Near(End):
    """The end where a connection comes in; it opens the far one."""

    def __init__(self, port: int, delay: float) -> None:
        super().__init__(delay)
        self.other = End(delay)
        self.other.other = self
        self._opening = self._loop.create_task(
            self._loop.create_connection(lambda: self.other, "127.0.0.1", port)
        )


async def line(port: int, milliseconds: float) -> asyncio.Server:
    """A door on a free port, from which a delayed line leads to `port`."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Near(port, milliseconds / 1000), "127.0.0.1", 0)


async def main(port: int, milliseconds: float) -> None:
    door = await line(port, milliseconds)
    print(door.sockets[0].getsockname()[1], flush=True)
    await door.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
