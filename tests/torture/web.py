"""The web face of a tortured office: a free place to listen on, and requests by HTTP."""

import atexit
import json
import socket
import urllib.error
import urllib.request
from typing import Any


def free_place() -> str:
    """An address where nobody listens, and that nobody else is given while this process lives."""
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    atexit.register(kept.close)
    return f"127.0.0.1:{kept.getsockname()[1]}"


def asked(place: str, path: str, *, data: bytes | None = None) -> tuple[int, bytes]:
    """Code and body of GET, or of POST with `data`."""
    request = urllib.request.Request(f"http://{place}{path}", data=data)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def health(place: str) -> str:
    """ "ok", "degraded", "failing"; "" while nobody listens."""
    try:
        told: Any = json.loads(asked(place, "/healthz")[1])
    except urllib.error.URLError:
        return ""
    return str(told["status"])
