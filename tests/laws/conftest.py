"""What the laws are proved on: a press office with a clock that a test moves, and a relay of our own."""

import asyncio

import pytest

from distributor.worker import send_due
from tests.house import furnished, people, tick
from tests.sink import sink


@pytest.fixture
def house(tmp_path, database_url):
    """Furnished, without a relay; on each database."""
    with furnished(tmp_path, database_url, trade=people(8), agencies=["wire@example.eu"]) as made:
        yield made


@pytest.fixture
def relay(tmp_path):
    """A relay program that takes everything at once."""
    with sink(tmp_path / "sink.log") as heard:
        yield heard


@pytest.fixture
def connected(house, relay):
    """The house with that relay."""
    house.configure(port=relay.port)
    return house


@pytest.fixture
def work():
    """All that is due now, stages and senders, as `send-due` does it; returns the tally."""

    def do(built):
        tally = asyncio.run(send_due(built))
        tick(built)
        return tally

    return do
