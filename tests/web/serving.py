"""The application behind a real server, for real browsers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from distributor.system import System
from distributor.web.app import build
from tests.waiting import until


@contextmanager
def served(system: System) -> Iterator[str]:
    """Its address, while the block lasts."""
    app = build(system)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False))
    listening = server.config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        until(lambda: server.started)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        app.state.stopping.set()
        thread.join()
        listening.close()
