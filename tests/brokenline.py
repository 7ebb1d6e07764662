"""A line to PostgreSQL that breaks where a test says: between a commit and whoever waits to hear of it.

A proxy in this process, with threads of its own. It understands nothing but what it looks for: that a
connection is a ledger's, and that a transaction on it was committed.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy import URL, make_url

#: What a ledger alone asks: a lease, intents, answers; and CommandComplete (message formats, “C”).
_LEDGER = (b"SKIP LOCKED", b"delivery.attempts +", b"delivery.failures +")
_COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"


@dataclass
class Line:
    """`cut(n)` says whether the answer to a ledger's n-th commit is lost, with its connection."""

    url: str
    cut: Callable[[int], bool]
    commits: int = 0
    lost: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def carry(self, client: socket.socket, server: socket.socket) -> None:
        """One connection, both ways, until either end is gone."""
        said = _Said()
        self._open += [client, server]
        threading.Thread(target=self._ask, args=(client, server, said), daemon=True).start()
        self._answer(client, server, said)

    def _ask(self, client: socket.socket, server: socket.socket, said: "_Said") -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                said.hear(data)
                server.sendall(data)
        _hang_up(client, server)

    def _answer(self, client: socket.socket, server: socket.socket, said: "_Said") -> None:
        tail = b""
        with suppress(OSError):
            while data := server.recv(65536):
                if said.ledger and _COMMITTED in tail + data:
                    self.commits += 1
                    if self.cut(self.commits):
                        self.lost += 1
                        break
                    tail = b""
                else:
                    tail = data[-len(_COMMITTED) :]
                client.sendall(data)
        _hang_up(client, server)

    def close(self) -> None:
        _hang_up(*self._open)


@dataclass
class _Said:
    """What a client has said so far: whether it is a ledger."""

    ledger: bool = False
    _tail: bytes = b""

    def hear(self, data: bytes) -> None:
        text = self._tail + data
        self.ledger = self.ledger or any(word in text for word in _LEDGER)
        self._tail = text[-32:]


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextmanager
def line(url: str, *, cut: Callable[[int], bool]) -> Iterator[Line]:
    """A line to the database at `url` for the length of the block; its own `url` leads through it."""
    target = make_url(url)
    with socket.create_server(("127.0.0.1", 0)) as door:
        host, port = door.getsockname()[:2]
        through = target.set(host=host, port=port).difference_update_query(["host", "port"])
        made = Line(through.render_as_string(hide_password=False), cut)
        threading.Thread(target=_let_in, args=(door, made, target), daemon=True).start()
        try:
            yield made
        finally:
            made.close()


def _let_in(door: socket.socket, made: Line, target: URL) -> None:
    with suppress(OSError):
        while True:
            client, _ = door.accept()
            threading.Thread(target=made.carry, args=(client, _server(target)), daemon=True).start()


def _server(url: URL) -> socket.socket:
    """The server's end: a socket on this machine, or by TCP."""
    place = str(url.query.get("host") or url.host or "")
    if place.startswith("/"):
        end = socket.socket(socket.AF_UNIX)
        end.connect(f"{place}/.s.PGSQL.{url.port or 5432}")
        return end
    return socket.create_connection((place, url.port or 5432))
