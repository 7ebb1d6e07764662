"""How a revision is to be sent, as columns of its row and back."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from distributor.model.embargo import Embargo, Wave
from distributor.model.release import Choice, Sending


def sending_columns(sending: Sending) -> dict[str, Any]:
    """The columns that say it."""
    waves = [
        {
            "tier": wave.tier,
            "at": wave.at.isoformat() if wave.at else None,
            "before_seconds": wave.before.total_seconds() if wave.before is not None else None,
        }
        for wave in sending.waves
    ]
    names: dict[str, list[Any]] = {
        name: list(getattr(sending, name)) for name in ("topics", "lists", "exclude", "also")
    }
    names["people"] = [choice._asdict() for choice in sending.people]
    embargo = asdict(sending.embargo)
    embargo["embargo"] = embargo.pop("instant")
    return {**names, **embargo, "send_at": sending.send_at, "advance": waves}


def sending_of(row: Row[Any]) -> Sending:
    """What the row of a revision says."""
    waves = tuple(
        Wave(
            tier=wave["tier"],
            at=datetime.fromisoformat(wave["at"]) if wave["at"] else None,
            before=timedelta(seconds=wave["before_seconds"]) if wave["before_seconds"] is not None else None,
        )
        for wave in row.advance
    )
    return Sending(
        topics=tuple(row.topics),
        lists=tuple(row.lists),
        exclude=tuple(row.exclude),
        also=tuple(row.also),
        people=tuple(Choice(**choice) for choice in row.people),
        embargo=Embargo(row.embargo, row.until_lifted, row.expected),
        send_at=row.send_at,
        waves=waves,
    )
