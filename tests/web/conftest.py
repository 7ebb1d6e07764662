"""The web face on a real system and a real database, with one release whose embargo is far away."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from distributor import config, system
from distributor.office import passwords
from distributor.store.database import open_store
from distributor.system import System
from distributor.web import login
from distributor.web.app import build
from tests.house import House, furnished
from tests.world import NOW, World, recipient


@dataclass
class Office:
    """A system with deliveries to Ada (English, a contact), Bea (French, a contact), Cem (no contact)."""

    system: System
    world: World
    ids: list[int]

    def token(self, position: int) -> str:
        return self.system.tokens.unsubscribe(self.ids[position])


@pytest.fixture(scope="session", autouse=True)
def real_hasher() -> Iterator[PasswordHasher]:
    """An office's own; in its place all tests have one of the same kind that works as little as it can."""
    real = passwords._HASHER
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobodys.cache_clear()
    yield real
    passwords._HASHER = real
    passwords._nobodys.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def answered_after() -> Iterator[float]:
    """Seconds after which a wrong attempt to sign in is answered; here it is answered at once."""
    real = login.WRONG_AFTER
    login.WRONG_AFTER = 0.0
    yield real
    login.WRONG_AFTER = real


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> System:
    """A system, built once: reading the mail templates takes longer than a test of a page."""
    file = tmp_path_factory.mktemp("office") / "config.toml"
    with_name = config.parse('[publisher]\nname = "Harbour & Sons"', file=file)
    whole = system.build(with_name, now=lambda: NOW)
    whole.store.close()
    return whole


@pytest.fixture
def office(built: System, tmp_path: Path, database_url: str) -> Iterator[Office]:
    with closing(open_store(database_url)) as store:
        here = built.config.model_copy(update={"base": tmp_path})
        yield peopled(replace(built, config=here, store=store))


@pytest.fixture
def client(office: Office) -> Iterator[TestClient]:
    with TestClient(build(office.system)) as client:
        yield client


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Two who follow trade, and one with embargo access."""
    readers = ["r1@example.org", "r2@example.com"]
    with furnished(tmp_path, trade=readers, agencies=["early@example.com"]) as here:
        yield here


def peopled(whole: System) -> Office:
    world = World(whole.store)
    people = [
        recipient("ada@example.org", contact_id=world.contact("ada@example.org")),
        recipient("bea@example.org", contact_id=world.contact("bea@example.org"), language="fr"),
        recipient("cem@example.org"),
    ]
    release = world.release(reference="2026-0042", embargo=NOW + timedelta(days=1))
    mailout = world.mailout(release, kind="advance", wave="agencies")
    world.deliver(mailout, people, strangers=True)
    for person in people:
        if person.contact_id is not None:
            world.grant(person.contact_id, tier="agencies")
    return Office(whole, world, world.ids(mailout))
