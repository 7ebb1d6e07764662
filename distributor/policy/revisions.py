"""What differs between two revisions, in lines that an officer can read. It judges nothing."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from distributor.model.draft import Version
from distributor.model.draft_json import version_to_json
from distributor.model.embargo import Embargo, Wave
from distributor.model.release import Sending
from distributor.policy.clockface import moment, stretch


class Said(Protocol):
    """A revision, or one to be."""

    @property
    def type(self) -> str: ...
    @property
    def sending(self) -> Sending: ...
    @property
    def versions(self) -> Sequence[Version]: ...


def diff(before: Said, after: Said, *, zone: str) -> tuple[str, ...]:
    """Lines that went ("- …") and came ("+ …"), in the order of the text; () when they say the same.

    Times are shown in `zone` (IANA).
    """
    lines = difflib.unified_diff(list(_lines(before, zone)), list(_lines(after, zone)), lineterm="", n=0)
    return tuple(f"{line[0]} {line[1:]}" for line in list(lines)[2:] if line[0] in "+-")


def _lines(said: Said, zone: str) -> Iterator[str]:
    yield f"type: {said.type}"
    if not said.sending.embargo:
        yield "embargo: none"
    yield from told(said.sending, zone=zone)
    for version in said.versions:
        yield from (f"[{version.language}] {line}" for line in _text(version))


def told(sending: Sending, *, zone: str) -> Iterator[str]:
    """To whom and when, a line for each thing that is said."""
    for name in ("topics", "lists", "exclude", "also"):
        if getattr(sending, name):
            yield f"{name}: {', '.join(getattr(sending, name))}"
    for choice in sending.people:
        yield f"{'added' if choice.gets else 'left out'}: {choice.address}, by {choice.by}"
    if sending.embargo:
        yield f"embargo: {_embargo(sending.embargo, zone)}"
    if sending.send_at:
        yield f"at: {moment(sending.send_at, zone)}"
    yield from (f"advance: {_wave(wave, sending.embargo, zone)}" for wave in sending.waves)


def _embargo(embargo: Embargo, zone: str) -> str:
    if embargo.instant:
        return f"until {moment(embargo.instant, zone)}"
    return "until lifted" + (f", expected {moment(embargo.expected, zone)}" if embargo.expected else "")


def _wave(wave: Wave, embargo: Embargo, zone: str) -> str:
    at = wave.instant(embargo)
    lead = f"{stretch(wave.before)} before" if wave.before is not None else ""
    shown = [moment(at, zone), f"({lead})" if lead else ""] if at else [lead]
    return " ".join(filter(None, [wave.tier, *shown]))


def _text(version: Version) -> Iterator[str]:
    for name, value in version_to_json(version).items():
        for part in value if isinstance(value, list | tuple) else [value]:
            if part:
                yield f"{name}: {_one_line(part)}"


def _one_line(part: Any) -> str:
    if not isinstance(part, dict):
        return " ".join(str(part).split())
    facts = [f"({key}: {value})" for key, value in part.items() if key != "text" and value]
    return " ".join([*str(part.get("text") or "").split(), *facts])
