"""What every answer carries, and how much a request may carry.

No referrer (addresses of pages hold tokens), no scripts, no frames, nothing kept in caches. The only style
sheet is the one in the page, allowed by its hash.
"""

import base64
import hashlib
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 16_384  # bytes; what we read at all is a one-click form of some 30


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
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        app = PlainTextResponse("too large\n", 413) if _too_large(scope) else self.app
        return await app(scope, receive, send_guarded)


def _too_large(scope: Scope) -> bool:
    length = Headers(scope=scope).get("content-length", "0")
    return not length.isdecimal() or int(length) > LARGEST_BODY
