"""What every answer carries, and how much a request may carry.

No referrer (addresses of pages hold tokens), no scripts, no frames, nothing kept in caches. The only style
sheet of a public page is the one in it, allowed by its hash; what the console's pages may load says
`web.gate`. An answer's own headers win.
"""

import base64
import hashlib
import re
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 16_384  # bytes; what we read at all is a one-click form of some 30
LARGEST_FORM = 2**20  # of the console: a pasted release
LARGEST_UPLOAD = 2**24  # of the console: documents, lists
UPLOADS = re.compile(r"/office/(new|list-changes)(/.*)?|/office/releases/[^/]+/correct")


def headers(style: str) -> dict[str, str]:
    """The headers of every answer; `style` is the text of the pages' <style>."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'"
    return {
        "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


class Guarded:
    """ASGI middleware: adds `headers` to every answer, refuses bodies that are too large."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self.app, self.headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        largest = limit(scope["path"])
        refusal = PlainTextResponse(f"too large: at most {largest:,} bytes are taken in at once\n", 413)
        if _too_large(scope, largest):
            return await refusal(scope, receive, send_guarded)
        body = _Bounded(receive, largest)
        try:
            await self.app(scope, body, send_guarded)
        except _TooLargeError:
            await refusal(scope, receive, send_guarded)


class _TooLargeError(Exception):
    """More came than was allowed."""


class _Bounded:
    """`receive`, up to so many bytes: a body need not say how long it is."""

    def __init__(self, receive: Receive, largest: int) -> None:
        self._receive, self._left = receive, largest

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _TooLargeError
        return message


def limit(path: str) -> int:
    """How many bytes a request to this path may carry."""
    if UPLOADS.fullmatch(path):
        return LARGEST_UPLOAD
    return LARGEST_FORM if path.startswith("/office/") else LARGEST_BODY


def _too_large(scope: Scope, largest: int) -> bool:
    length = Headers(scope=scope).get("content-length", "0")
    return not length.isdecimal() or int(length) > largest
