"""A press office on each database, in this process, with a clock that a test moves."""

import pytest

from tests.house import House, people


@pytest.fixture
def house(tmp_path, database_url):
    made = House(tmp_path, database_url)
    made.configure()
    made.furnish(trade=people(5), agencies=["wire@example.eu"])
    return made


@pytest.fixture
def office(house):
    """Lists synced, the release taken in."""
    with house.system() as built:
        house.sync(built)
        yield built
