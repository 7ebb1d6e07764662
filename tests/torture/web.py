"""The web face of a tortured office: a free place to listen on, and requests by HTTP."""

import json
import socket
import urllib.error
import urllib.request
from typing import Any


def free_place() -> str:
    """ "127.0.0.1:PORT" that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


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
