"""Reads a Postfix log: what the relay took, what it dropped half way, and from when to when it tells.

Lines are read field by field: time, host, program, queue id, then the one form that this program writes.
What stands in a subject, a quoted address or another program's line is no field, and is not seen. Only
qmgr's line says that a message was taken: cleanup names a Message-ID while the message still arrives. Times
without a year lie in the past twelve months. It opens no file and judges nothing (`policy.evidence`).
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import BinaryIO
from zoneinfo import ZoneInfo

from distributor.model.evidence import LogLine, LogTrace, Names, RelayLog

LONGEST = 8192  # bytes of a line; Postfix itself cuts at about 2,000
_KEPT = 10_000  # queue ids of broken connections that are remembered

_ID = rb"([0-9A-Za-z]{5,24}): "
_STAMP = (
    rb"([A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2}"
    rb"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2}))"
)
_TAG = rb"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*"
_LINE = re.compile(
    _STAMP + rb" [^ ]+ (?:" + _TAG + rb"/([a-z-]+)\[([0-9]+)\]|(" + _TAG + rb")(?:\[[0-9]+\])?): "
)
_CLIENT = re.compile(_ID + rb"client=")
_MESSAGE_ID = re.compile(_ID + rb"message-id=(.*)")
_TAKEN = re.compile(_ID + rb"from=<(.*)>, size=[0-9]+, nrcpt=[0-9]+ \(queue active\)")
_REMOVED = re.compile(_ID + rb"removed")
_BROKEN = re.compile(rb"(?:lost connection|timeout) after DATA(?: |$)")
_LOSSY = re.compile(rb"suppressed \d+ messages|lost \d+ messages|messages lost|begin to drop messages", re.I)
_WRITERS = (b"rsyslogd", b"systemd-journald", b"syslog-ng", b"journal")
_MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def bounded(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream without their ends; of one longer than LONGEST nothing, whatever is in it."""
    whole = True
    while piece := stream.readline(LONGEST):
        ended = piece.endswith(b"\n")
        if whole and (ended or len(piece) < LONGEST):
            yield piece.rstrip(b"\r\n")
        whole = ended


def read(
    lines: Iterable[bytes], *, name: str, wanted: Iterable[Names], now: datetime, zone: ZoneInfo | None = None
) -> RelayLog:
    """What the lines say of the `wanted`. `zone`: of times without one; None is this machine's."""
    reader = _Reader(wanted, now=now, zone=zone)
    for line in lines:
        reader.line(line)
    return reader.log(name)


class _Reader:
    """What is known so far."""

    def __init__(self, wanted: Iterable[Names], *, now: datetime, zone: ZoneInfo | None) -> None:
        self._times = _Times(now=now, zone=zone)
        self._by_message_id: dict[bytes, int] = {}
        self._by_sender: dict[bytes, int] = {}
        for names in wanted:
            self._by_message_id[names.message_id.encode()] = names.delivery_id
            if names.sender:
                self._by_sender[_folded(names.sender.encode())] = names.delivery_id
        self._lines, self._lossy = 0, False
        self._first: datetime | None = None
        self._last: bytes = b""
        self._arriving: dict[bytes, bytes] = {}  # smtpd's process id: queue id
        self._ours: dict[bytes, int] = {}  # queue id: delivery
        self._broken: OrderedDict[bytes, None] = OrderedDict()
        self._begun: dict[int, dict[bytes, LogLine]] = {}
        self._taken: dict[int, LogLine] = {}

    def line(self, line: bytes) -> None:
        """Take one line into account."""
        found = _LINE.match(line)
        if found is None:
            return
        stamp, program, process, other = found.groups()
        said = line[found.end() :]
        if program is None:
            self._lossy = self._lossy or (other in _WRITERS and _LOSSY.search(said) is not None)
            return
        if self._times.instant(stamp) is None:
            return
        self._lines += 1
        self._first = self._first or self._times.instant(stamp)
        self._last = stamp
        if program == b"smtpd":
            self._arrives(said, process=process)
        elif program == b"cleanup":
            self._names(said, stamp=stamp)
        elif program in (b"qmgr", b"nqmgr", b"oqmgr"):
            self._queues(said, stamp=stamp)

    def _arrives(self, said: bytes, *, process: bytes) -> None:
        if found := _CLIENT.match(said):
            queue_id = found[1]
            self._ours.pop(queue_id, None)
            self._broken.pop(queue_id, None)
            self._arriving[process] = queue_id
        elif _BROKEN.match(said) and (broken := self._arriving.pop(process, None)) is not None:
            self._broken[broken] = None
            if len(self._broken) > _KEPT:
                self._broken.popitem(last=False)

    def _names(self, said: bytes, *, stamp: bytes) -> None:
        if (found := _MESSAGE_ID.fullmatch(said)) is None:
            return
        queue_id, message_id = found.groups()
        self._ours.pop(queue_id, None)
        delivery_id = self._by_message_id.get(message_id)
        if delivery_id is not None:
            self._ours[queue_id] = delivery_id
            self._begun.setdefault(delivery_id, {})[queue_id] = self._mark(queue_id, stamp)

    def _queues(self, said: bytes, *, stamp: bytes) -> None:
        if found := _TAKEN.fullmatch(said):
            queue_id, sender = found.groups()
            delivery_id = self._by_sender.get(_folded(sender), self._ours.get(queue_id))
            if delivery_id is not None:
                self._taken.setdefault(delivery_id, self._mark(queue_id, stamp))
        elif found := _REMOVED.fullmatch(said):
            self._ours.pop(found[1], None)

    def _mark(self, queue_id: bytes, stamp: bytes) -> LogLine:
        at = self._times.instant(stamp)
        assert at is not None  # `line` has read it
        return LogLine(at, queue_id.decode("ascii"))

    def log(self, name: str) -> RelayLog:
        """All that was found."""
        last = self._times.instant(self._last) if self._last else None
        traces = {id: self._trace(id) for id in self._begun.keys() | self._taken.keys()}
        return RelayLog(name, self._lines, self._first, last, self._lossy, traces)

    def _trace(self, delivery_id: int) -> LogTrace:
        begun = self._begun.get(delivery_id, {})
        broken = {queue_id: mark for queue_id, mark in begun.items() if queue_id in self._broken}
        rest = tuple(mark for queue_id, mark in begun.items() if queue_id not in broken)
        return LogTrace(self._taken.get(delivery_id), rest, tuple(broken.values()))


def _folded(address: bytes) -> bytes:
    return address.decode("utf-8", "surrogateescape").casefold().encode("utf-8", "surrogateescape")


class _Times:
    """Reads time stamps; the last one is remembered, as many lines share it."""

    def __init__(self, *, now: datetime, zone: ZoneInfo | None) -> None:
        self._now, self._zone = now, zone
        self._stamp, self._instant = b"", now

    def instant(self, stamp: bytes) -> datetime | None:
        """In UTC; None for a day or hour that does not exist."""
        if stamp != self._stamp:
            try:
                self._instant = self._read(stamp)
            except (ValueError, OverflowError):
                return None
            self._stamp = stamp
        return self._instant

    def _read(self, stamp: bytes) -> datetime:
        if stamp[:1].isdigit():
            return datetime.fromisoformat(stamp.decode("ascii")).astimezone(UTC)
        month, day = _MONTHS.index(stamp[:3]) + 1, int(stamp[4:6])
        hour, minute, second = (int(part) for part in stamp[7:].split(b":"))
        for year in (self._newest.year, self._newest.year - 1):
            if (month, day) == (2, 29) and not _leap(year):
                continue
            at = self._placed(datetime(year, month, day, hour, minute, min(second, 59)))  # noqa: DTZ001
            if at <= self._newest:
                return at
        raise ValueError(stamp)

    @cached_property
    def _newest(self) -> datetime:
        return self._now + timedelta(days=1)  # clocks and zones may differ, years do not

    def _placed(self, local: datetime) -> datetime:
        return (local.replace(tzinfo=self._zone) if self._zone else local).astimezone(UTC)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
