"""Stage: watches the clock. What a jump of it went over is held with the reason; it is written down (law 8).

It runs before anything opens, with the reading by which it opens. Forward: the embargoed mailouts whose
instant lies in the jump, for by the time before it has not come; those after it ask when they are to open.
And whatever is going out and would be too old by the jump alone: nothing expires by a clock that was set.
Back: those whose instant is to come again, also those that are going out.
"""

import logging
from datetime import datetime, timedelta

from distributor.model.reading import Belief, Reading
from distributor.model.release import Held
from distributor.policy import jumps as policy
from distributor.policy.clockface import about
from distributor.store import holds, jumps, log
from distributor.store.database import Connection, Store
from distributor.store.mailouts import Mailout

ACTOR = "clockwork"

_log = logging.getLogger(__name__)


def run(store: Store, *, reading: Reading) -> Belief:
    """Judge a reading; returns what is believed of the clock by now. It can run twice."""
    with store.read() as connection:
        belief = jumps.believed(connection, boot=reading.boot)
    if reading.boot is None or policy.steady(reading, belief):
        return belief
    with store.write() as connection:
        jumps.lock(connection)  # another may have seen it, too
        belief = jumps.believed(connection, boot=reading.boot)
        return _judged(connection, reading, belief, boot=reading.boot)


def _judged(connection: Connection, reading: Reading, belief: Belief, *, boot: str) -> Belief:
    last = None if belief.started else jumps.last_written(connection)
    by = policy.shift(reading, belief, last=last)
    if by:
        belief = _jumped(connection, reading, belief, by=by, boot=boot)
    if by or reading.slack <= policy.CREEP:
        jumps.remember(connection, boot=boot, started=reading.started, jump=belief.jump)
    return Belief(reading.started, belief.ahead, belief.jump)


def _jumped(connection: Connection, reading: Reading, belief: Belief, *, by: timedelta, boot: str) -> Belief:
    ahead = policy.ahead(belief, by)
    jump = jumps.add(connection, at=reading.now, shift=by, ahead=ahead, boot=boot)
    events = _held(connection, belief, by=by, now=reading.now)
    way = "ahead" if by > policy.NONE else "back"
    said = f"by {about(abs(by))}, {way}"
    _log.warning("the clock jumped: %s; %d mailouts are held", said, len(events))
    log.record(connection, log.Event("clock_jumped", reading.now, ACTOR, detail=said), *events)
    return Belief(belief.started, ahead, jump)


def _held(connection: Connection, belief: Belief, *, by: timedelta, now: datetime) -> list[log.Event]:
    """Hold what the jump went over."""
    over = [(m, policy.told(by)) for m in _over(connection, belief, by=by, now=now)]
    over += [(m, policy.told_end(by)) for m in _too_old(connection, by=by, now=now)]
    return [
        log.Event("held", now, ACTOR, release_id=m.release_id, mailout_id=m.id, detail=reason)
        for m, reason in over
        if holds.hold(connection, id=m.id, held=Held(reason, ACTOR, now))
    ]


def _over(connection: Connection, belief: Belief, *, by: timedelta, now: datetime) -> list[Mailout]:
    after, until = policy.inside(policy.unknown(belief, by), now)
    waiting = holds.embargoed_between(connection, after=after, until=until, opened=False)
    after, until = policy.inside(by, now)
    back = by < policy.NONE
    going = holds.embargoed_between(connection, after=after, until=until, opened=True) if back else []
    return waiting + going


def _too_old(connection: Connection, *, by: timedelta, now: datetime) -> list[Mailout]:
    if by < policy.NONE:
        return []
    after, until = policy.inside(by, now)
    return holds.ending_between(connection, after=after, until=until)
