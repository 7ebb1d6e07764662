"""What journeys go through: a relay of our own."""

import pytest

from tests.sink import sink


@pytest.fixture
def relay(tmp_path):
    """A relay program that takes everything at once."""
    with sink(tmp_path / "sink.log") as heard:
        yield heard
