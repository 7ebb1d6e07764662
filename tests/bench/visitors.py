"""Officers at work, as a program: so many requests a second to pages of the console, until it is stopped.

python -m tests.bench.visitors PORT SESSION RATE PATH…

Each of ten browsers asks for one page after the other at its times, whether the last answer was quick or
not. SIGTERM ends it; then it prints {"answered", "a_second", "median_ms", "p95_ms"} as JSON.
"""

import asyncio
import contextlib
import json
import signal
import statistics
import sys
import time
from collections.abc import Sequence

from tests.bench import stats

_BROWSERS = 10


async def browse(port: int, session: str, paths: Sequence[str], *, rate: float) -> dict[str, float]:
    """Until SIGTERM."""
    stopped, times = asyncio.Event(), list[float]()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    began = time.monotonic()
    browsers = [
        asyncio.create_task(_browser(port, session, paths, times, first=number, rate=rate))
        for number in range(_BROWSERS)
    ]
    await stopped.wait()
    lasted = time.monotonic() - began
    for one in browsers:
        one.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await one
    told = {"median_ms": statistics.median(times) * 1000, "p95_ms": stats.percentile(times, 0.95) * 1000}
    told = {name: round(value, 1) for name, value in told.items()}
    return {"answered": len(times), "a_second": round(len(times) / lasted, 1)} | told


async def _browser(
    port: int, session: str, paths: Sequence[str], times: list[float], *, first: int, rate: float
) -> None:
    """The pages from the `first` one on, round and round; the browsers take turns."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    every, began = _BROWSERS / rate, time.monotonic() + first / rate
    for number in range(10**9):
        await asyncio.sleep(began + number * every - time.monotonic())
        path, asked = paths[(first + number) % len(paths)], time.monotonic()
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: session={session}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        status, _, fields = head.decode().partition("\r\n")
        assert " 200 " in status, (path, status)
        length = next(line for line in fields.split("\r\n") if line.lower().startswith("content-length"))
        await reader.readexactly(int(length.partition(":")[2]))
        times.append(time.monotonic() - asked)


if __name__ == "__main__":
    _port, _session, _rate, *_paths = sys.argv[1:]
    print(json.dumps(asyncio.run(browse(int(_port), _session, _paths, rate=float(_rate)))))
