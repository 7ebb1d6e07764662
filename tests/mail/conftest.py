"""What the tests of this room share."""

import harbour
import pytest

from distributor.mail.render import Rendered, Renderer


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
