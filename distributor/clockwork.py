"""The alarm clock: wakes the stages, and holds no work of its own. All times live in rows.

A tick that comes late or twice does no harm, because stages claim what they do.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from distributor.errors import DistributorError
from distributor.system import System

EVERY = 1  # seconds

_log = logging.getLogger(__name__)


@contextmanager
def ticking(system: System) -> Iterator[None]:
    """Wake every stage each second for the length of the block, first of all what asks after an absence."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a skipped tick is nothing to tell
    scheduler = BackgroundScheduler(timezone=UTC)
    for stages in (system.stages, (system.post,)):  # what waits for a webhook keeps nobody waiting
        scheduler.add_job(
            _tick,
            IntervalTrigger(seconds=EVERY, timezone=UTC),
            args=[stages],
            next_run_time=datetime.now(UTC),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
    _tick((system.hold_what_was_left,))
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)


def _tick(stages: tuple[Callable[[], int], ...]) -> None:
    for stage in stages:
        try:
            stage()
        except DistributorError as error:  # the next tick tries again
            _log.warning("%s: %s", stage.__name__, error)
