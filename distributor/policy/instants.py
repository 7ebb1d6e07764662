"""From a wall time and a zone to the one instant they mean, or a refusal that offers the likely ones.

Refuses what a clock never shows (the spring gap), what it shows twice (the autumn hour), and an
abbreviation that does not fit the season ("CET" in July), unless that may be read as local time.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from distributor.errors import EmbargoError
from distributor.policy.zones import Zone


@dataclass(frozen=True, slots=True)
class Reading:
    """An instant (aware, UTC) and what a person should be told about how it was read."""

    instant: datetime
    remarks: tuple[str, ...] = ()


def instants(wall: datetime, clock: ZoneInfo) -> tuple[datetime, ...]:
    """The instants at which `clock` shows `wall` (naive): one; none in a gap; two in an overlap."""
    found = {wall.replace(tzinfo=clock, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(i for i in found if i.astimezone(clock).replace(tzinfo=None) == wall))


def resolve(
    wall: datetime, zone: Zone, *, text: str, cet_is_brussels: bool, among: Collection[datetime] = ()
) -> Reading:
    """The instant that `wall` (naive) means in `zone`. Raises EmbargoError.

    `among`: what an offset beside it ("02:30 UTC+2 Brussels") names; it settles an hour that comes twice.
    """
    if zone.offset is None:
        named = [instant for instant in instants(wall, zone.clock) if instant in among]
        return Reading(named[0] if named else _only(wall, zone.clock, text=text, name=zone.name))
    if not timedelta(hours=-12) <= zone.offset <= timedelta(hours=14):
        raise EmbargoError(f"“{text}”: no clock on earth is at {zone.name}", cure="Name the place instead.")
    instant = (wall - zone.offset).replace(tzinfo=UTC)
    if zone.key is None or instant.astimezone(zone.clock).utcoffset() == zone.offset:
        return Reading(instant, _about_gmt(instant, zone))
    if cet_is_brussels and zone.key == "Europe/Brussels":
        return _as_brussels(wall, zone, text=text)
    raise _wrong_season(wall, zone, instant, text=text)


def doubled(instant: datetime, clock: ZoneInfo) -> str:
    """ "UTC+2" where `clock` shows the wall time of `instant` twice: it tells which; else ""."""
    local = instant.astimezone(clock)
    if local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset():
        return ""
    minutes = round((local.utcoffset() or timedelta(0)).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def agreed(readings: Iterable[Reading], *, text: str) -> Reading:
    """One reading from several that must mean the same instant. Raises EmbargoError."""
    first, *others = readings
    for other in others:
        if other.instant != first.instant:
            raise EmbargoError(
                f"“{text}” names two different instants",
                cure=suggest([first.instant.astimezone(UTC), other.instant.astimezone(UTC)]),
            )
        first = replace(first, remarks=tuple(dict.fromkeys((*first.remarks, *other.remarks))))
    return first


def example(now: datetime) -> str:
    """The cure that shows how a time is written, by one that is still to come."""
    return f"Write it as {now + timedelta(days=7):%Y-%m-%d} 11:00 Brussels time."


def suggest(likely: Iterable[datetime]) -> str:
    """The cure that offers the likely meant instants (one at least), so that they can be pasted back."""
    texts = list(dict.fromkeys(instant.isoformat(timespec=_precision(instant)) for instant in likely))
    return f"Did you mean {' or '.join(texts)}? Write it so."


def _precision(instant: datetime) -> str:
    if instant.microsecond:
        return "microseconds"
    return "seconds" if instant.second else "minutes"


def _only(wall: datetime, clock: ZoneInfo, *, text: str, name: str) -> datetime:
    found = instants(wall, clock)
    if len(found) == 1:
        return found[0]
    if found:
        what = f"“{text}” happens twice that night: clocks in {name} go back"
        raise EmbargoError(what, cure=suggest(i.astimezone(clock) for i in found))
    near = [wall.replace(tzinfo=clock, fold=fold).astimezone(UTC).astimezone(clock) for fold in (0, 1)]
    raise EmbargoError(
        f"“{text}” does not exist: clocks in {name} go forward over it", cure=suggest(sorted(near))
    )


def _as_brussels(wall: datetime, zone: Zone, *, text: str) -> Reading:
    instant = _only(wall, zone.clock, text=text, name="Brussels")
    shown = instant.astimezone(zone.clock)
    return Reading(
        instant,
        (f"“{text}”: {zone.name} was read as Brussels time, which is {shown.tzname()} that day",),
    )


def _wrong_season(wall: datetime, zone: Zone, instant: datetime, *, text: str) -> EmbargoError:
    place = zone.clock.key.rpartition("/")[2]
    actual = instant.astimezone(zone.clock).tzname()
    likely = [i.astimezone(zone.clock) for i in instants(wall, zone.clock)]
    return EmbargoError(
        f"“{text}”: {place} is on {actual} that day, not on {zone.name}", cure=suggest([*likely, instant])
    )


def _about_gmt(instant: datetime, zone: Zone) -> tuple[str, ...]:
    london = instant.astimezone(ZoneInfo("Europe/London"))
    if zone.name != "GMT" or london.utcoffset() == timedelta(0):
        return ()
    return (f"GMT was read as UTC; London is on summer time then and shows {london:%H:%M}",)
