"""What the tests of this room share."""

import harbour
import pytest
from hypothesis import settings

from distributor.mail.render import Rendered, Renderer

# Speed is measured in tests/bench, never here.
settings.register_profile("distributor", deadline=None)
settings.load_profile("distributor")


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer([])


@pytest.fixture(scope="session")
def advance(renderer: Renderer) -> Rendered:
    """The English advance copy."""
    return renderer.render(harbour.advance_en())


@pytest.fixture(scope="session")
def release(renderer: Renderer) -> Rendered:
    """The French release, after the embargo."""
    return renderer.render(harbour.release_fr())
