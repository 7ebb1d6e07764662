"""Posts a JSON document to a web address and says what was answered.

One request a connection, a few seconds for all of it; no redirect is followed, no proxy used, and of what
comes back only the status is read. It retries nothing.
"""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

SECONDS = 10.0
_LONGEST = 8192  # octets of a line of the answer


@dataclass(frozen=True, slots=True)
class Answer:
    """`words`: what to tell people; neither the address nor anything that the other side wrote is in it."""

    taken: bool
    words: str


async def post(url: str, document: bytes, *, id: str, seconds: float = SECONDS) -> Answer:
    """Post it once. `id` goes along as Idempotency-Key."""
    try:
        async with asyncio.timeout(seconds):
            status = await _status(url, document, id=id)
    except TimeoutError:
        return Answer(False, f"no answer within {seconds:g} s")
    except ssl.SSLError as error:
        return Answer(False, f"no TLS with it ({getattr(error, 'verify_message', '') or error.reason})")
    except OSError as error:
        return Answer(False, f"cannot be reached ({error.strerror or type(error).__name__})")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        return Answer(False, "what it answers is not HTTP")
    moved = ", and redirects are not followed" if 300 <= status <= 399 else ""
    return Answer(200 <= status <= 299, f"it answered {status}{moved}")


async def _status(url: str, document: bytes, *, id: str) -> int:
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    trust = ssl.create_default_context() if secure else None
    port = parts.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(host, port, ssl=trust, limit=_LONGEST)
    try:
        place = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head = (
            f"POST {place} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: distributor\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(document)}\r\n"
            f"Idempotency-Key: {id}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        )
        writer.write(head.encode("ascii") + document)
        await writer.drain()
        return await _read(reader)
    finally:
        writer.close()
        with suppress(OSError):
            writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> int:
    """The status of the final answer (RFC 9110 §15.2: others may come before). Raises ValueError."""
    while True:
        version, _, rest = (await reader.readuntil(b"\n")).decode("latin-1").partition(" ")
        code = rest[:3]
        if not version.startswith("HTTP/1.") or not (code.isascii() and code.isdecimal() and len(code) == 3):
            raise ValueError("not HTTP")
        if not code.startswith("1"):
            return int(code)
        while (await reader.readuntil(b"\n")).strip():
            continue
