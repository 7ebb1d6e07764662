"""A Version as JSON and back, without loss. Keys are the fields' names; dates ISO 8601."""

import datetime
from dataclasses import asdict
from typing import Any

from distributor.model.draft import Block, Dateline, Mark, PressContact, Version


def version_to_json(version: Version) -> dict[str, Any]:
    """Plain dicts, lists and strings: what the store keeps and `--json` prints."""
    document = asdict(version)
    if version.dateline is not None and version.dateline.date is not None:
        document["dateline"]["date"] = version.dateline.date.isoformat()
    return document


def version_from_json(document: dict[str, Any]) -> Version:
    """The Version that `version_to_json` was given."""
    return Version(
        **document
        | {
            "dateline": _dateline(document.get("dateline")),
            "marks": _marks(document.get("marks", ())),
            "blocks": tuple(_block(block) for block in document.get("blocks", ())),
            "notes_to_editors": tuple(document.get("notes_to_editors", ())),
            "contacts": tuple(PressContact(**contact) for contact in document.get("contacts", ())),
            "boilerplate": tuple(document.get("boilerplate", ())),
        }
    )


def _dateline(document: dict[str, Any] | None) -> Dateline | None:
    if document is None:
        return None
    day = document.get("date")
    return Dateline(**document | {"date": datetime.date.fromisoformat(day) if day else None})


def _block(document: dict[str, Any]) -> Block:
    return Block(**document | {"marks": _marks(document.get("marks", ()))})


def _marks(documents: Any) -> tuple[Mark, ...]:
    return tuple(Mark(**mark) for mark in documents)
