"""Exact points at which a program dies: it kills itself there, as `kill -9` would, and nothing cleans up.

`Edge` says where; `arm(edge)` runs in the process that shall die, before the program. It looks at what the
libraries below the program do (SQLAlchemy's commits, asyncio's writes) and at the statements that go past
SQLAlchemy: the program itself knows nothing.
"""

import asyncio.selector_events
import os
import signal
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from distributor.store import prepared

When = Literal["before", "half", "after"]


@dataclass(frozen=True, slots=True)
class Edge:
    """The `nth` transaction with a statement, or the nth write to a socket, that holds all of `words`.

    "half" is for writes: some of the bytes leave. Case does not matter.
    """

    what: Literal["commit", "write"]
    words: tuple[str, ...]
    when: When
    nth: int = 1


def arm(edge: Edge) -> None:
    """From now on this process dies at `edge`."""
    arms = {"commit": _commits, "write": _writes}
    arms[edge.what](edge, _Countdown(edge.nth))


@dataclass
class _Countdown:
    left: int

    def hit(self) -> bool:
        self.left -= 1
        return self.left == 0


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _commits(edge: Edge, count: _Countdown) -> None:
    said: defaultdict[int, list[str]] = defaultdict(list)

    def hear(driver: Any, statement: str, parameters: Any) -> None:
        said[id(driver)].append(f"{statement} {parameters}".lower().replace('"', "'"))  # rows may be JSON

    @event.listens_for(Engine, "before_cursor_execute")
    def note(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        hear(connection.connection.dbapi_connection, statement, parameters)

    execute = prepared.execute

    def overheard(connection: Any, statement: str, parameters: Any) -> Any:
        hear(prepared.driven(connection), statement, parameters)
        return execute(connection, statement, parameters)

    prepared.execute = overheard

    def dying(commit: Callable[..., None]) -> Callable[..., None]:
        def commit_or_die(*about: Any) -> None:
            kept = getattr(about[-1], "connection", about[-1])  # SQLAlchemy's own has a pool's within
            texts = said.pop(id(getattr(kept, "dbapi_connection", kept)), [])
            hit = any(_holds(text, edge) for text in texts) and count.hit()
            if hit and edge.when == "before":
                _die()
            commit(*about)
            if hit:
                _die()

        return commit_or_die

    DefaultDialect.do_commit = dying(DefaultDialect.do_commit)  # type: ignore[method-assign]
    prepared.commit = dying(prepared.commit)


def _writes(edge: Edge, count: _Countdown) -> None:
    transport = asyncio.selector_events._SelectorSocketTransport  # type: ignore[attr-defined]
    write = transport.write

    def write_or_die(self: Any, data: bytes) -> None:
        hit = _holds(bytes(data).decode("latin-1").lower(), edge) and count.hit()
        if hit and edge.when == "before":
            _die()
        write(self, data[: len(data) // 2] if hit and edge.when == "half" else data)
        if hit:
            _die()

    transport.write = write_or_die


def _holds(text: str, edge: Edge) -> bool:
    return all(word.lower() in text for word in edge.words)
