"""Did the clock jump, and may a mailout open by it?

A clock is compared with the time since its machine was started: that goes on through sleep, NTP bends it
as it bends the clock, and nobody can set it. What differs was set, or stepped. Which of the two clocks is
right nobody here can know; a mailout opens by itself when its instant has come by both.
"""

from datetime import datetime, timedelta

from distributor.model.reading import Belief, Reading
from distributor.policy.clockface import about

JUMP = timedelta(seconds=30)  # what differs by no more is no jump
CREEP = timedelta(seconds=5)  # from here on a small step is remembered, so that many of them are no jump
NONE = timedelta(0)


def shift(reading: Reading, belief: Belief, *, last: datetime | None) -> timedelta:
    """How far the clock jumped, back if negative; zero when it did not.

    `last`: the newest time anybody wrote down. It judges where the machine was started since: who is behind
    it went back; who is ahead of it may just have been away.
    """
    if belief.started is None:
        back = reading.now + reading.slack - last if last else NONE
        return back if back < -JUMP else NONE
    apart = reading.started - belief.started
    return apart if apart > JUMP or apart + reading.slack < -JUMP else NONE


def steady(reading: Reading, belief: Belief) -> bool:
    """True when there is nothing to judge and nothing to remember."""
    if belief.started is None:
        return False
    apart = reading.started - belief.started
    return -CREEP - reading.slack <= apart <= CREEP


def ahead(belief: Belief, by: timedelta) -> timedelta:
    """How much the clock may be ahead after a jump: going back takes from it what it adds."""
    left = belief.ahead + by
    return left if left > JUMP else NONE


def unknown(belief: Belief, by: timedelta) -> timedelta:
    """What of a jump leads where nobody has been: of one back only what goes behind the clock of before."""
    return by if by > NONE else min(NONE, belief.ahead + by)


def inside(by: timedelta, now: datetime) -> tuple[datetime, datetime]:
    """The instants that a jump to `now` went over: after the first, up to the second."""
    return (now - by, now) if by > NONE else (now, now - by)


def told(by: timedelta) -> str:
    """Why what it went over is held."""
    way = "ahead" if by > NONE else "back"
    return f"clock: it went {way} by {about(abs(by))}, over this instant"


def told_end(by: timedelta) -> str:
    """Why what is going out is held when its time went by in a jump."""
    return f"clock: it went ahead by {about(by)}, over the time in which this is tried"


def doubt(*, due: datetime, now: datetime, belief: Belief, answered: int | None) -> str | None:
    """Why an embargoed mailout may not open by itself though its instant has come, or None.

    `answered`: the jump after which an officer has let it go.
    """
    if due <= now - belief.ahead or answered == belief.jump:
        return None
    return f"clock: it went ahead by {about(belief.ahead)}, and nobody has said that it is right"
