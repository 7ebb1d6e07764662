"""Databases for many short cases: a folder each for SQLite, a copy of one that is made for PostgreSQL."""

from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

from distributor.store.database import open_store
from tests.bench.house import POSTGRES
from tests.torture.places import Postgres, postgres

_TEMPLATE = "made"


class Databases:
    """`place(kind)`: a fresh folder and, for PostgreSQL, the URL of a database with the schema."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._numbers = count()
        self._server: Postgres | None = None

    def __enter__(self) -> "Databases":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def place(self, kind: str) -> dict[str, Any]:
        number = next(self._numbers)
        office = self._folder / f"office{number}"
        office.mkdir()
        return {"folder": office, "url": self._made(f"case{number}") if kind == POSTGRES else ""}

    def _made(self, name: str) -> str:
        if self._server is None:
            self._server = self._started()
        self._server.say(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return self._server.url.replace("/office?", f"/{name}?")

    def _started(self) -> Postgres:
        server = self._stack.enter_context(postgres(self._folder / "postgres"))
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nobody pulls the plug here
            server.say(f"ALTER SYSTEM SET {setting} = off")
        server.say("SELECT pg_reload_conf()", f"CREATE DATABASE {_TEMPLATE}")
        open_store(server.url.replace("/office?", f"/{_TEMPLATE}?")).close()
        return server
