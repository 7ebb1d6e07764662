"""How fast mail may go: what a relay may be given now, when mails to one domain may, when the last one goes.

A relay's rate is a bucket that holds a fifth of a second's messages, one at least. Its day is any 24 hours,
counted in slots of ten minutes: a slot counts until its last message is a day old.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from distributor.model.pacing import Limits, Pace, Spent
from distributor.policy.clockface import moment

T = TypeVar("T")
DAY = timedelta(hours=24)
_SLOT = timedelta(minutes=10)
_BURST = 5  # a bucket holds a rate's worth of 1/5 s
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Grant:
    """`number` messages may be given to the relay now; `again`: when the next one may be.

    `used_up`: it is the day's limit that is waited for.
    """

    number: int
    spent: Spent
    again: datetime | None = None
    used_up: bool = False


def grant(spent: Spent, *, wanted: int, limits: Limits, now: datetime) -> Grant:
    """Up to `wanted` messages for a relay of which `spent` is used."""
    taken = _counted(spent, now)
    paid = _paid_until(spent, limits, now)
    number = max(0, min(wanted, _by_rate(paid, limits, now), _by_day(taken, limits)))
    paid += number * _interval(limits)
    left = Spent(paid if limits.rate else None, _noted(taken, number, now) if limits.daily else ())
    if not _by_day(left.taken, limits):
        return Grant(number, left, _day_ends(left.taken, limits), used_up=True)
    again = paid - (burst(limits.rate) - 1) * _interval(limits)
    return Grant(number, left, max(again, now) if limits.rate else None)


def give_back(spent: Spent, number: int) -> Spent:
    """What was granted last and not used counts for no day."""
    taken = list(spent.taken)
    while taken and number:
        start, had = taken.pop()
        left = max(0, had - number)
        number -= had - left
        if left:
            taken.append((start, left))
    return Spent(spent.free_at, tuple(taken))


def burst(rate: float) -> int:
    """How many messages may go at once at `rate` a second."""
    return max(1, int(rate / _BURST))


def _interval(limits: Limits) -> timedelta:
    """Between two messages; rounded up, so that the rate is never passed."""
    return timedelta(microseconds=math.ceil(1_000_000 / limits.rate)) if limits.rate else timedelta(0)


def _paid_until(spent: Spent, limits: Limits, now: datetime) -> datetime:
    """Never further ahead than a full bucket: a clock that was set back must not stop the mail."""
    return min(max(spent.free_at or now, now), now + burst(limits.rate) * _interval(limits))


def _by_rate(paid: datetime, limits: Limits, now: datetime) -> int:
    if not limits.rate:
        return 1 << 30
    room = burst(limits.rate) * _interval(limits) - (paid - now)
    return room // _interval(limits)


def _by_day(taken: Sequence[tuple[datetime, int]], limits: Limits) -> int:
    return limits.daily - sum(number for _, number in taken) if limits.daily else 1 << 30


def _noted(
    taken: tuple[tuple[datetime, int], ...], number: int, now: datetime
) -> tuple[tuple[datetime, int], ...]:
    start = now - (now - _EPOCH) % _SLOT
    if not number:
        return taken
    if taken and taken[-1][0] >= start:
        return (*taken[:-1], (taken[-1][0], taken[-1][1] + number))
    return (*taken, (start, number))


def _day_ends(taken: Sequence[tuple[datetime, int]], limits: Limits) -> datetime:
    """When there is room for one more."""
    over = sum(number for _, number in taken) - limits.daily
    for start, number in taken:
        over -= number
        if over < 0:
            return start + _SLOT + DAY
    raise ValueError("a day without a message is used up")


def pace(domain: str, rate: float) -> Pace:
    """The steps of `rate` mails a second: about one second long, ten where the rate is below one a second."""
    number = max(1, int(rate * (1 if rate >= 1 else 10)))
    return Pace(domain, number, number / rate)


def spread(number: int, *, start: datetime, pace: Pace, booked: Iterable[datetime] = ()) -> list[datetime]:
    """When each step of `number` mails to one domain may begin; none nearer than a step to a `booked` one."""
    step = timedelta(microseconds=math.ceil(pace.seconds * 1_000_000))
    others, at, steps = sorted(booked), start, []
    for _ in range(-(-number // pace.number)):
        for other in others:
            if other - step < at < other + step:
                at = other + step
        steps.append(at)
        at += step
    return steps


def portions(
    people: Iterable[T], *, domain: Callable[[T], str], paces: Sequence[Pace], size: int
) -> Iterator[tuple[Pace | None, list[T]]]:
    """Which of them go together, in their order: `size` at most, all of one `domain` if that has a pace.

    A portion is given as soon as it is full: no more than that is kept of a stream.
    """
    known = {pace.domain: pace for pace in paces}
    waiting: dict[Pace | None, list[T]] = {}
    for one in people:
        pace = known.get(domain(one)) if known else None
        portion = waiting.setdefault(pace, [])
        portion.append(one)
        if len(portion) == (min(size, pace.number) if pace else size):
            yield pace, waiting.pop(pace)
    yield from waiting.items()


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the last of a mailout leaves. `full`: the relays' daily limits make somebody wait."""

    last: datetime
    full: bool = False


def forecast(
    domains: Counter[str],
    *,
    start: datetime,
    relays: Sequence[tuple[Limits, Spent]],
    paces: Sequence[Pace],
    not_before: datetime | None = None,
) -> Forecast | None:
    """When the last of so many mails by domain will have left, at the limits; None when nothing limits them.

    `relays` share the load; none goes `not_before` another instant. What the network needs is not in it.
    """
    number = domains.total()
    if not number:
        return None
    steps = [_last_step(domains[pace.domain], pace, start) for pace in paces]
    slowest = max([start, not_before or start, *steps])
    if not relays or any(not limits for limits, _ in relays):
        return Forecast(slowest) if slowest > start else None
    last, full = _last(number, start, relays)
    return Forecast(max(last, slowest), full)


def _last_step(number: int, pace: Pace, start: datetime) -> datetime:
    return spread(number, start=start, pace=pace)[-1] if number else start


def _last(number: int, start: datetime, relays: Sequence[tuple[Limits, Spent]]) -> tuple[datetime, bool]:
    """At the latest: what is used of the day comes back after a whole one."""
    rates, days = [limits.rate for limits, _ in relays], [limits.daily for limits, _ in relays]
    left = sum(max(0, _by_day(_counted(spent, start), limits)) for limits, spent in relays)
    late, at = 0, number
    if all(days) and number > left:
        late, at = divmod(number - left - 1, sum(days))
        late, at = late + 1, at + 1
    seconds = (at - 1) / sum(rates) if all(rates) else 0.0
    return start + late * (DAY + _SLOT) + timedelta(seconds=seconds), late > 0


def _counted(spent: Spent, at: datetime) -> tuple[tuple[datetime, int], ...]:
    """What counts for the day that ends at `at`."""
    return tuple(one for one in spent.taken if one[0] + _SLOT + DAY > at)


def too_slow(forecast: Forecast, *, wave: str, due: datetime, expires_at: datetime, zone: str) -> str | None:
    """What an officer must know when a mailout does not fit; `wave`: tier of an advance copy, else ""."""
    last = moment(forecast.last, zone)
    if wave and forecast.last >= expires_at:
        return (
            f"at the configured rate the last one of {wave} would get the advance copy {last}, after the "
            "embargo: who has none by then gets the release copy"
        )
    if forecast.last >= expires_at:
        return (
            f"at the configured rate the last one would get it {last}, but it expires "
            f"{moment(expires_at, zone)}: use a faster relay, or a longer [sending] expire_release"
        )
    if forecast.full:
        return f"the relays' daily limit is reached before everybody has it: the last one gets it {last}"
    if _date(forecast.last, zone) != _date(due, zone):
        return f"at the configured rate it does not fit the day: the last one gets it {last}"
    return None


def _date(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()
