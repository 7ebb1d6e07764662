"""What a release says of itself.

Planted: an embargo that ends by the clock alone. A correction sent while the office's clock was set ahead
named none, and its reader was free to publish minutes early; the torture of embargoes found it.
"""

from datetime import UTC, datetime, timedelta

import pytest

from distributor.model.embargo import Embargo
from distributor.model.release import Release

AT = datetime(2030, 3, 4, 10, tzinfo=UTC)
BEFORE, AFTER = AT - timedelta(minutes=1), AT + timedelta(minutes=1)
TIMED, LIFTED, NONE = Embargo(AT), Embargo(until_lifted=True), Embargo()


@pytest.mark.parametrize(
    ("embargo", "opened", "now", "kept"),
    [
        (TIMED, None, BEFORE, TIMED),
        (TIMED, None, AFTER, TIMED),  # the clock may be wrong, or it is held: nothing has opened
        (TIMED, AT, AFTER, NONE),
        (TIMED, BEFORE, BEFORE, TIMED),  # opened by a clock that is right again
        (LIFTED, None, AFTER, LIFTED),
        (NONE, None, AFTER, NONE),
    ],
)
def test_an_embargo_ends_by_its_instant_and_by_opening(embargo, opened, now, kept):
    release = Release(1, "press", "2030-0042", "release", "open", embargo, BEFORE, published_at=opened)
    assert release.embargo_at(now) == kept
