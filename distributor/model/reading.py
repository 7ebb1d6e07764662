"""What a clock says beside the time since its machine was started; and what is believed of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Reading:
    """`now` (aware, UTC) was read when the machine had been `up` so long, its sleep included.

    `boot` names that start of the machine: only readings of one boot can be compared. None: nobody judges
    this clock. `slack`: the answer may be so much older.
    """

    now: datetime
    boot: str | None = None
    up: timedelta = timedelta(0)
    slack: timedelta = timedelta(0)

    @property
    def started(self) -> datetime:
        """When the machine was started, by this clock: it stays the same until the clock jumps."""
        return self.now - self.up


@dataclass(frozen=True, slots=True)
class Belief:
    """`started`: as `Reading.started` must be; None on a machine not known yet.

    `ahead`: so much the clock may be ahead: it jumped, and nobody has said that it is right. `jump` counts
    the jumps.
    """

    started: datetime | None = None
    ahead: timedelta = timedelta(0)
    jump: int = 0


SURE = Belief()
