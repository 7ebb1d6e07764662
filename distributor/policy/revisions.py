"""What differs between two revisions, in lines that an officer can read. It judges nothing."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from distributor.model.draft import Version
from distributor.model.draft_json import version_to_json
from distributor.model.embargo import Embargo, Wave
from distributor.model.release import Sending


class Said(Protocol):
    """A revision, or one to be."""

    @property
    def type(self) -> str: ...
    @property
    def sending(self) -> Sending: ...
    @property
    def versions(self) -> Sequence[Version]: ...


def diff(before: Said, after: Said) -> tuple[str, ...]:
    """Lines that went ("- …") and came ("+ …"), in the order of the text; () when they say the same."""
    lines = difflib.unified_diff(list(_lines(before)), list(_lines(after)), lineterm="", n=0)
    return tuple(f"{line[0]} {line[1:]}" for line in list(lines)[2:] if line[0] in "+-")


def _lines(said: Said) -> Iterator[str]:
    sending = said.sending
    yield f"type: {said.type}"
    for name in ("topics", "lists", "exclude", "also"):
        if getattr(sending, name):
            yield f"{name}: {', '.join(getattr(sending, name))}"
    yield f"embargo: {_embargo(sending.embargo)}"
    if sending.send_at:
        yield f"at: {sending.send_at.isoformat()}"
    yield from (f"advance: {_wave(wave)}" for wave in sending.waves)
    for version in said.versions:
        yield from (f"[{version.language}] {line}" for line in _text(version))


def _embargo(embargo: Embargo) -> str:
    if embargo.until_lifted:
        return "until lifted" + (f", expected {embargo.expected.isoformat()}" if embargo.expected else "")
    return embargo.instant.isoformat() if embargo.instant else "none"


def _wave(wave: Wave) -> str:
    return f"{wave.tier} {wave.at.isoformat() if wave.at else f'{wave.before} before'}"


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
