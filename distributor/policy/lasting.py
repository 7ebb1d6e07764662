"""To whom and when a release's next revision goes, unless somebody says otherwise: as the latest one.

What is over by now cannot be asked for again. That there is no embargo does not last: a new text may speak of
one (law 1).
"""

from dataclasses import replace
from datetime import datetime

from distributor.model.embargo import Embargo
from distributor.model.release import Release, Sending


def lasting(release: Release, *, now: datetime) -> Sending:
    """How the latest revision is to be sent, without what is over; a moved embargo as it is now."""
    sending = release.latest.sending
    embargo = _ahead(sending.embargo if release.waiting else release.embargo, now)
    send_at = sending.send_at if sending.send_at and sending.send_at > now else None
    waves = tuple(wave for wave in sending.waves if wave.at is None or wave.at > now)
    return replace(sending, embargo=embargo, send_at=send_at, waves=waves)


def _ahead(embargo: Embargo, now: datetime) -> Embargo:
    if embargo.until_lifted:
        expected = embargo.expected if embargo.expected and embargo.expected > now else None
        return replace(embargo, expected=expected)
    return embargo if embargo.in_force(now) else Embargo()
