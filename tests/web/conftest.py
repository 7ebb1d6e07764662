"""The web face on a real system and a real database, with one release whose embargo is far away."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from distributor import config, system
from distributor.system import System
from distributor.web.app import build
from tests.world import NOW, World, recipient


@dataclass
class Office:
    """A system with deliveries to Ada (English, a contact), Bea (French, a contact), Cem (no contact)."""

    system: System
    world: World
    ids: list[int]

    def token(self, position: int) -> str:
        return self.system.tokens.unsubscribe(self.ids[position])


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    text = f'[database]\nurl = "{database_url}"\n[publisher]\nname = "Harbour & Sons"'
    built = system.build(config.parse(text, file=tmp_path / "config.toml"), now=lambda: NOW)
    with closing(built.store):
        yield _peopled(built)


def _peopled(built: System) -> Office:
    world = World.__new__(World)
    world.store, world._runs = built.store, []
    people = [
        recipient("ada@example.org", contact_id=world.contact("ada@example.org")),
        recipient("bea@example.org", contact_id=world.contact("bea@example.org"), language="fr"),
        recipient("cem@example.org"),
    ]
    release = world.release(reference="2026-0042", embargo=NOW + timedelta(days=1))
    mailout = world.mailout(release, kind="advance", wave="agencies")
    world.deliver(mailout, people)
    return Office(built, world, world.ids(mailout))


@pytest.fixture
def client(office: Office) -> Iterator[TestClient]:
    with TestClient(build(office.system)) as client:
        yield client
