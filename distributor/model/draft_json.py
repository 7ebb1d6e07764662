"""A version as JSON and back, without loss: the shape of `versions[…]` in every face (design §8.1)."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from distributor.model.draft import Block, Dateline, Mark, PressContact, Version


def version_to_json(version: Version) -> dict[str, Any]:
    """Plain dicts, lists and strings; dates as ISO 8601."""
    document = asdict(version)
    if version.dateline is not None:
        day = version.dateline.date
        document["dateline"]["date"] = day.isoformat() if day else None
    for name in ("marks", "blocks", "notes_to_editors", "contacts", "boilerplate"):
        document[name] = list(document[name])
    for block in document["blocks"]:
        block["marks"] = list(block["marks"])
    return document


def version_from_json(document: Mapping[str, Any]) -> Version:
    """The version that `version_to_json` wrote; keys that are missing take their defaults."""
    values = dict(document)
    values["dateline"] = _dateline(document.get("dateline"))
    values["marks"] = _marks(document)
    values["blocks"] = tuple(
        Block(**{**block, "marks": _marks(block)}) for block in document.get("blocks", ())
    )
    values["contacts"] = tuple(PressContact(**contact) for contact in document.get("contacts", ()))
    for name in ("notes_to_editors", "boilerplate"):
        values[name] = tuple(document.get(name, ()))
    return Version(**values)


def _marks(document: Mapping[str, Any]) -> tuple[Mark, ...]:
    return tuple(Mark(**mark) for mark in document.get("marks", ()))


def _dateline(document: Mapping[str, Any] | None) -> Dateline | None:
    if document is None:
        return None
    day = document.get("date")
    return Dateline(**{**document, "date": date.fromisoformat(day) if day else None})
